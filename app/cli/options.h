// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/dataset.h"
#include "core/model/model_file.h"
#include "core/train/run_folder.h"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace strata::cli {

/// Options that do not go together, told as it is: exit code 2.
class UsageError : public CLI::ParseError {
public:
    explicit UsageError(const std::string& sentence) : CLI::ParseError("UsageError", sentence, CLI::ExitCodes::ValidationError) {}
};

/// Adds --json.
void addJson(CLI::App& verb, bool& json);

/// Numbers that are read without locale and checked against a range; a value outside is a usage error.
CLI::Option* addInteger(CLI::App& verb, const std::string& name, std::optional<int64_t>& value, int64_t minimum, int64_t maximum,
                        const std::string& help);
CLI::Option* addReal(CLI::App& verb, const std::string& name, std::optional<double>& value, const std::string& help);

/// --edits FILE.
CLI::Option* addEdits(CLI::App& verb, std::string& path);

/// --device and --threads.
struct ComputeChoice {
    std::string device = "auto";
    std::optional<int64_t> threads;
    void apply() const; ///< sets the number of compute threads
};
void addCompute(CLI::App& verb, ComputeChoice& choice);

/// Where a trained model comes from: --run DIR (with --checkpoint best|last) or --weights FILE.
struct ModelChoice {
    std::string run, weights;
    std::string checkpoint = "best";
};
void addModel(CLI::App& verb, ModelChoice& choice);

struct OpenedModel {
    std::string path; ///< as the user named it
    ModelFile file;
    std::optional<TrainConfig> config; ///< of the run
    std::string edits;                 ///< the run's list of edits, "" if none
};
/// Throws UsageError unless exactly one of the two is given, Error for a run or file that cannot be read.
OpenedModel openModel(const ModelChoice& choice);

/// make(model.file), where what does not fit in the file is told with the file's name.
template <class Make> auto fromModel(const OpenedModel& model, Make make) {
    try {
        return make(model.file);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::BadInput) throw;
        throw Error(ErrorKind::BadFile, fmt::format("{}: {}", model.path, error.what()), error.context());
    }
}

/// "train", "validation" or "test" of a source. Throws Error(BadInput) when the data has none.
DatasetPtr pickSplit(const DataSource& source, const std::string& split);

/// "3x32x32" to a shape. Throws UsageError.
Shape parseInputShape(const std::string& text);

/// "name=value" texts to parameters of a component. Throws UsageError on other texts, Error(BadInput) on what the component
/// does not know.
void setParams(ParamValues& params, const ComponentSpec& spec, const std::vector<std::string>& texts);

} // namespace strata::cli
