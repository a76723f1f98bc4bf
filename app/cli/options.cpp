// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"

#include "core/base/parallel.h"
#include "core/base/text.h"

#include <algorithm>

namespace strata::cli {

void addJson(CLI::App& verb, bool& json) { verb.add_flag("--json", json, "Print JSON"); }

CLI::Option* addInteger(CLI::App& verb, const std::string& name, std::optional<int64_t>& value, int64_t minimum, int64_t maximum,
                        const std::string& help) {
    const auto read = [&value, name, minimum, maximum](const std::string& text) {
        const std::optional<int64_t> number = parseInteger(text);
        if (!number) throw UsageError(fmt::format("{}: '{}' is not an integer", name, text));
        if (*number < minimum || *number > maximum)
            throw UsageError(fmt::format("{}: {} is out of range, allowed is {} to {}", name, *number, minimum, maximum));
        value = *number;
    };
    return verb.add_option_function<std::string>(name, read, help)->type_name("N");
}

CLI::Option* addReal(CLI::App& verb, const std::string& name, std::optional<double>& value, const std::string& help) {
    const auto read = [&value, name](const std::string& text) {
        value = parseReal(text);
        if (!value) throw UsageError(fmt::format("{}: '{}' is not a number; write it as 0.1", name, text));
    };
    return verb.add_option_function<std::string>(name, read, help)->type_name("NUMBER");
}

CLI::Option* addEdits(CLI::App& verb, std::string& path) {
    return verb.add_option("--edits", path, "List of relabelled and excluded pictures to apply to the data (JSON)")->type_name("FILE");
}

void ComputeChoice::apply() const {
    if (threads) setComputeThreads(int(*threads));
}

void addCompute(CLI::App& verb, ComputeChoice& choice) {
    verb.add_option("--device", choice.device, "cpu, cuda:0, or auto (default)")->type_name("NAME");
    addInteger(verb, "--threads", choice.threads, 1, 1024, "Compute threads (default: the cores)");
}

void addModel(CLI::App& verb, ModelChoice& choice) {
    verb.add_option("--run", choice.run, "Folder of a run; this or --weights")->type_name("DIR");
    verb.add_option("--weights", choice.weights, "Model file (.safetensors)")->type_name("FILE");
    verb.add_option("--checkpoint", choice.checkpoint, "Of the run: best on validation (default) or last")
        ->check(CLI::IsMember({"best", "last"}))
        ->type_name("WHICH");
}

OpenedModel openModel(const ModelChoice& choice) {
    if (choice.run.empty() == choice.weights.empty()) throw UsageError("give either --run DIR or --weights FILE");
    if (choice.run.empty()) return {choice.weights, readModelFile(choice.weights), std::nullopt, {}};
    const RunFolder run = RunFolder::open(choice.run);
    return {choice.run, run.model(choice.checkpoint == "last"), run.config(), run.editsFile()};
}

DatasetPtr pickSplit(const DataSource& source, const std::string& split) {
    const DatasetPtr dataset = split == "train" ? source.train : split == "validation" ? source.validation : source.test;
    if (!dataset || dataset->size() == 0) fail(ErrorKind::BadInput, "{} has no {} pictures", source.spec, split);
    return dataset;
}

Shape parseInputShape(const std::string& text) {
    Shape shape;
    for (const std::string& part : split(text, 'x')) {
        const std::optional<int64_t> size = parseInteger(part);
        if (!size || *size < 1 || *size > 65536 || shape.rank() == 3)
            throw UsageError(fmt::format("--input: '{}' is not CHANNELSxHEIGHTxWIDTH, such as 3x32x32", text));
        shape.push(*size);
    }
    if (shape.rank() != 3) throw UsageError(fmt::format("--input: '{}' is not CHANNELSxHEIGHTxWIDTH, such as 3x32x32", text));
    return shape;
}

void setParams(ParamValues& params, const ComponentSpec& spec, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
        const size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0) throw UsageError(fmt::format("{}: '{}' is not name=value", spec.id, text));
        const std::string name = text.substr(0, equals);
        const auto def = std::find_if(spec.params.begin(), spec.params.end(), [&](const ParamDef& p) { return p.id == name; });
        if (def != spec.params.end()) {
            params[name] = parseParamText(*def, text.substr(equals + 1));
            continue;
        }
        std::vector<std::string> known;
        for (const ParamDef& param : spec.params) known.push_back(param.id);
        const std::string nearest = nearestName(name, known);
        fail(ErrorKind::BadInput, "{} has no parameter '{}'{}", spec.id, name,
             nearest.empty() ? fmt::format(" (it has {})", join(known, ", ")) : fmt::format("; did you mean {}?", nearest));
    }
}

} // namespace strata::cli
