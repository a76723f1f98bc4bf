// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/base/text.h"
#include "core/layers/layer.h"

namespace strata::cli {
namespace {

std::string_view typeName(ParamType type) {
    switch (type) {
    case ParamType::Integer: return "integer";
    case ParamType::Real: return "real";
    case ParamType::Boolean: return "boolean";
    case ParamType::Choice: return "choice";
    case ParamType::Text: return "text";
    case ParamType::IntegerPair: return "integer pair";
    case ParamType::RealList: break;
    }
    return "list of reals";
}

Json paramJson(const ParamDef& param) {
    Json json{
        {"id", param.id}, {"title", param.title}, {"type", typeName(param.type)}, {"default", param.defaultValue}, {"help", param.help}};
    if (param.type == ParamType::Choice)
        json["choices"] = param.choices;
    else if (param.type != ParamType::Boolean && param.type != ParamType::Text)
        json["range"] = {param.minimum, param.maximum};
    if (!param.unit.empty()) json["unit"] = param.unit;
    return json;
}

Json foreignJson(const ForeignName& foreign) {
    if (foreign.name.empty()) return {{"name", nullptr}, {"why", foreign.why}};
    return {{"name", foreign.name}};
}

/// Output shape and weights of an example, or the sentence that says why there is none.
std::string exampleText(const LayerDef& def, const LayerExample& example) {
    const ParamValues params = completeParams(def.spec.params, example.params, def.spec.id);
    std::vector<std::string> inputs;
    for (const Shape& shape : example.inputs) inputs.push_back(shape.text('x'));
    const ShapeOrProblem output = def.infer(example.inputs, params);
    if (const Problem* problem = std::get_if<Problem>(&output)) return join(inputs, ", ") + ": " + problem->sentence;
    std::string text = fmt::format("{} -> {}", join(inputs, ", "), std::get<Shape>(output).text('x'));
    if (def.weights)
        for (const WeightDef& weight : def.weights(example.inputs, params))
            text += fmt::format(", {} {}", weight.name, weight.shape.text('x'));
    return text;
}

Json layerJson(const LayerDef& def) {
    Json params = Json::array();
    for (const ParamDef& param : def.spec.params) params.push_back(paramJson(param));
    Json examples = Json::array();
    for (const LayerExample& example : def.examples)
        examples.push_back({{"title", example.title}, {"params", example.params}, {"shapes", exampleText(def, example)}});
    return {{"id", def.spec.id},
            {"title", def.spec.title},
            {"group", def.spec.group},
            {"help", def.spec.help},
            {"inputs", {def.minInputs, def.maxInputs}},
            {"params", params},
            {"pytorch", foreignJson(def.pytorch)},
            {"onnx", foreignJson(def.onnx)},
            {"examples", examples}};
}

void describeParam(const ParamDef& param) {
    std::string line = fmt::format("  {:<16} {}", param.id, typeName(param.type));
    if (param.type == ParamType::Choice)
        line += " (" + join(param.choices, ", ") + ")";
    else if (param.type != ParamType::Boolean && param.type != ParamType::Text)
        line += fmt::format(" {} to {}", param.minimum, param.maximum);
    line += param.defaultValue.is_null() ? ", required" : ", default " + toText(param.defaultValue);
    print(fmt::format("{}\n  {:<16} {}\n", line, "", param.help));
}

void describe(const LayerDef& def) {
    print(fmt::format("{} ({}), {}\n\n{}\n", def.spec.id, def.spec.title, def.spec.group, def.spec.help));
    if (def.maxInputs != 1) print(fmt::format("\nInputs: {} to {}\n", def.minInputs, def.maxInputs));
    print(def.spec.params.empty() ? "\nNo parameters\n" : "\nParameters\n");
    for (const ParamDef& param : def.spec.params) describeParam(param);
    const auto foreign = [](const char* where, const ForeignName& name) {
        print(fmt::format("{:<8} {}\n", where, name.name.empty() ? "not expressible: " + name.why : name.name));
    };
    print("\n");
    foreign("PyTorch", def.pytorch);
    foreign("ONNX", def.onnx);
    if (!def.examples.empty()) print("\nExamples\n");
    for (const LayerExample& example : def.examples)
        print(fmt::format("  {}: {}\n    {}\n", example.title, toText(example.params), exampleText(def, example)));
}

void showLayers(const std::string& id, bool json) {
    if (!id.empty()) return json ? printJson(layerJson(layerDef(id))) : describe(layerDef(id));
    if (json) {
        Json list = Json::array();
        for (const LayerDef* def : layers()) list.push_back(layerJson(*def));
        return printJson({{"layers", list}});
    }
    std::vector<std::vector<std::string>> rows;
    for (const LayerDef* def : layers())
        rows.push_back({def->spec.id, def->spec.group, def->spec.help.substr(0, def->spec.help.find(". "))});
    print(table({"layer", "group", "what it does"}, rows));
}

} // namespace

void addLayers(CLI::App& app, Outcome&) {
    struct Options {
        std::string id;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("layers", "List the kinds of layers, or describe one");
    verb->add_option("id", options->id, "Layer to describe, such as conv2d")->type_name("ID");
    addJson(*verb, options->json);
    verb->callback([options] { showLayers(options->id, options->json); });
}

} // namespace strata::cli
