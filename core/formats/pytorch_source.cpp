// SPDX-License-Identifier: Apache-2.0
#include "core/formats/pytorch_source.h"

#include "core/base/atomic_file.h"
#include "core/formats/python_names.h"

#include <fmt/ranges.h>

#include <set>

namespace strata {

namespace {

constexpr const char* kModulePrefix = "torch.nn.";
constexpr size_t kCommentColumn = 56;

/// "3", "(3, 5)", "0.1", "True".
std::string pythonValue(const Json& value) {
    if (value.is_boolean()) return value.get<bool>() ? "True" : "False";
    if (!value.is_array()) return toText(value);
    std::vector<std::string> parts;
    for (const Json& part : value) parts.push_back(pythonValue(part));
    return fmt::format("({})", fmt::join(parts, ", "));
}

bool isDefault(const ParamDef& def, const Json& value) {
    if (value == def.defaultValue) return true;
    return value.is_array() && value.size() == 2 && value[0] == def.defaultValue && value[1] == def.defaultValue;
}

/// "kernel_size=3, padding=1": what is not PyTorch's default; parameters bear PyTorch's names, and but for the size of a window
/// its defaults.
std::vector<std::string> keywordArguments(const LayerDef& def, const ParamValues& params) {
    std::vector<std::string> arguments;
    for (const ParamDef& param : def.spec.params) {
        const Json& value = params.at(param.id);
        if (isDefault(param, value) && param.id != "kernel_size") continue;
        arguments.push_back(param.id + "=" + pythonValue(value));
    }
    return arguments;
}

/// "[N, 64, 8, 8]"
std::string batchShape(const Shape& shape) {
    std::string text = "[N";
    for (const int64_t size : shape) text += fmt::format(", {}", size);
    return text + "]";
}

/// Writes one network. Layers with weights become modules under their own ids; the others are calls in forward().
class Writer {
public:
    explicit Writer(const ModelSpec& spec) {
        requireValid(spec); // before the bypassed layers go: a problem is told where the person sees it
        spec_ = withoutBypassed(spec);
        facts_ = requireValid(spec_);
        for (size_t i = 0; i < spec_.layers.size(); ++i) {
            const LayerDef& def = layerDef(spec_.layers[i].type);
            params_.push_back(completeParams(def.spec.params, spec_.layers[i].params, def.spec.title));
            if (def.pytorch.name.empty())
                fail(ErrorKind::Unsupported, "layer {} ({}) has no counterpart in PyTorch: {}", spec_.layers[i].id, def.spec.id,
                     def.pytorch.why);
            if (isModule(i)) modules_.insert(spec_.layers[i].id);
        }
        nameValues();
    }

    std::string write(const ModelFile* model) {
        header(model);
        const std::string name = pythonClassName(spec_.name);
        text_ += fmt::format("class {}(nn.Module):\n    def __init__(self):\n        super().__init__()\n", name);
        for (size_t i = 0; i < spec_.layers.size(); ++i)
            if (modules_.contains(spec_.layers[i].id)) declare(i);
        freeze();
        forward();
        footer(name);
        return std::move(text_);
    }

private:
    ModelSpec spec_; ///< what runs
    SpecCheck facts_;
    std::vector<ParamValues> params_;
    std::set<std::string> modules_;   ///< ids that become modules
    std::set<std::string> declared_;  ///< ids and containers written so far
    std::vector<std::string> values_; ///< variable of the input and of each layer's output
    std::string text_;

    const LayerDef& defOf(size_t i) const { return layerDef(spec_.layers[i].type); }
    std::string typeName(size_t i) const {
        const std::string& name = defOf(i).pytorch.name;
        return name.starts_with(kModulePrefix) ? name.substr(std::string(kModulePrefix).size()) : name;
    }
    /// Whether a layer is written as a call; others are modules.
    bool isModule(size_t i) const { return !facts_.layers[i].weights.empty() || callOf(i, {"x", "x"}).empty(); }

    /// Value by value: "x" where only the next layer reads it, else the layer's id.
    void nameValues() {
        std::vector<std::set<size_t>> readers(spec_.layers.size() + 1);
        for (size_t i = 0; i < spec_.layers.size(); ++i)
            for (const std::string& id : spec_.inputsOf(i)) readers[valueOf(id)].insert(i);
        std::set<std::string> taken = {"x", "self"};
        for (size_t value = 0; value <= spec_.layers.size(); ++value) {
            const bool passing = readers[value].empty() || readers[value] == std::set<size_t>{value};
            std::string name = passing ? "x" : pythonVariable(value == 0 ? "images" : spec_.layers[value - 1].id);
            while (!passing && !taken.insert(name).second) name += "_";
            values_.push_back(name);
        }
    }
    size_t valueOf(const std::string& id) const { return id == "input" ? 0 : size_t(spec_.find(id)) + 1; }

    void header(const ModelFile* model) {
        int64_t parameters = 0;
        for (const LayerFacts& layer : facts_.layers) parameters += layer.parameters;
        text_ += fmt::format("# {}: images {} to scores {}, {} parameters. Written by Strata {}.\n", pythonComment(spec_.name),
                             batchShape(spec_.input), batchShape(facts_.output), parameters, STRATA_VERSION);
        if (model && !model->pipeline.steps().empty()) {
            text_ += "# Pictures are scaled to values from 0 to 1 and prepared like this (random steps in training only):\n";
            for (const Pipeline::Step& step : model->pipeline.steps())
                text_ += fmt::format("#   {} {}\n", pythonComment(step.type), pythonComment(toText(step.params)));
        }
        text_ += "import torch\nfrom torch import nn\nfrom torch.nn import functional as F\n\n";
        std::vector<std::string> names; // a JSON string is a Python string
        if (model)
            for (const std::string& name : model->classes) names.push_back(toText(Json(name)));
        if (!names.empty()) text_ += fmt::format("CLASSES = [{}]\n\n", fmt::join(names, ", "));
        text_ += "\n";
    }

    /// "self.block.conv1", through _modules where Python's syntax or nn.Module itself has taken the name.
    std::string place(const std::string& id) const {
        std::string path = "self", sofar;
        for (const std::string& part : splitId(id)) {
            const bool underModule = modules_.contains(sofar);
            path += pythonAttribute(part) && !underModule ? "." + part : fmt::format("._modules[\"{}\"]", part);
            sofar += (sofar.empty() ? "" : ".") + part;
        }
        return path;
    }

    void declare(size_t i) {
        const std::string& id = spec_.layers[i].id;
        if (!declared_.insert(id).second) return;
        for (size_t dot = id.find('.'); dot != std::string::npos; dot = id.find('.', dot + 1)) {
            const std::string above = id.substr(0, dot);
            if (modules_.contains(above))
                declare(size_t(spec_.find(above)));
            else if (declared_.insert(above).second)
                text_ += fmt::format("        {} = nn.Module()\n", place(above));
        }
        text_ += fmt::format("        {} = nn.{}({})\n", place(id), constructorName(i), fmt::join(constructorArguments(i), ", "));
    }

    std::string constructorName(size_t i) const {
        const std::string name = typeName(i);
        // One layer serves pictures and vectors; PyTorch has a class for each.
        return defOf(i).role == Role::Normalisation && facts_.layers[i].inputs[0].rank() == 1 && name == "BatchNorm2d" ? "BatchNorm1d"
                                                                                                                       : name;
    }

    std::vector<std::string> constructorArguments(size_t i) const {
        std::vector<std::string> arguments;
        const Role role = defOf(i).role;
        if (role == Role::Convolution || role == Role::Linear || role == Role::Normalisation)
            arguments.push_back(fmt::format("{}", facts_.layers[i].inputs[0][0]));
        for (std::string& argument : keywordArguments(defOf(i), params_[i])) {
            // The number of outputs stands second, without its name.
            if (argument.starts_with("out_") && arguments.size() == 1) argument = argument.substr(argument.find('=') + 1);
            arguments.push_back(std::move(argument));
        }
        return arguments;
    }

    void freeze() {
        for (const LayerSpec& layer : spec_.layers)
            for (const std::string& weight : layer.frozen)
                text_ += fmt::format("        {}.{}.requires_grad_(False)\n", place(layer.id), weight);
    }

    /// A layer without weights as an expression; "" where PyTorch has it as a module only (or we do not know better).
    std::string callOf(size_t i, const std::vector<std::string>& inputs) const {
        static const std::map<std::string, std::string> calls{{"ReLU", "F.relu({})"},
                                                              {"LeakyReLU", "F.leaky_relu({})"},
                                                              {"GELU", "F.gelu({})"},
                                                              {"SiLU", "F.silu({})"},
                                                              {"Sigmoid", "torch.sigmoid({})"},
                                                              {"Tanh", "torch.tanh({})"},
                                                              {"Softmax", "F.softmax({}, dim=1)"},
                                                              {"MaxPool2d", "F.max_pool2d({})"},
                                                              {"AvgPool2d", "F.avg_pool2d({})"},
                                                              {"AdaptiveAvgPool2d", "{}.mean(dim=(2, 3))"},
                                                              {"Dropout", "F.dropout({}, training=self.training)"},
                                                              {"Flatten", "torch.flatten({}, 1)"},
                                                              {"Identity", "{}"},
                                                              {"torch.cat", "torch.cat([{}], dim=1)"},
                                                              {"torch.add", "{}"}};
        const auto found = calls.find(typeName(i));
        if (found == calls.end()) return {};
        std::vector<std::string> arguments = inputs;
        for (std::string& argument : keywordArguments(defOf(i), params_[i])) arguments.push_back(std::move(argument));
        return fmt::format(fmt::runtime(found->second), fmt::to_string(fmt::join(arguments, found->first == "torch.add" ? " + " : ", ")));
    }

    void line(const std::string& code, const std::string& comment) {
        text_ += fmt::format("        {:<{}}  # {}\n", code, kCommentColumn, comment);
    }

    void forward() {
        text_ += fmt::format("\n    def forward(self, {}):  # {}\n", values_[0], batchShape(spec_.input));
        std::string block;
        for (size_t i = 0; i < spec_.layers.size(); ++i) {
            const LayerSpec& layer = spec_.layers[i];
            if (layer.block != block && !layer.block.empty()) text_ += fmt::format("        # {}\n", pythonComment(layer.block));
            block = layer.block;
            std::vector<std::string> inputs;
            for (const std::string& id : spec_.inputsOf(i)) inputs.push_back(values_[valueOf(id)]);
            const std::string call =
                modules_.contains(layer.id) ? fmt::format("{}({})", place(layer.id), fmt::join(inputs, ", ")) : callOf(i, inputs);
            line(fmt::format("{} = {}", values_[i + 1], call), batchShape(facts_.layers[i].output));
        }
        text_ += fmt::format("        return {}\n", values_.back());
    }

    void footer(const std::string& name) {
        text_ += fmt::format(R"(

def load_weights(model, path):
    """Weights from a .npz that `strata export --to FILE.npz` wrote."""
    import numpy

    arrays = numpy.load(path)
    state = {{key: torch.from_numpy(arrays[key]).float() for key in arrays.files if key != "strata"}}
    missing, unexpected = model.load_state_dict(state, strict=False)
    missing = [key for key in missing if not key.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise ValueError(f"{{path}} does not fit: missing {{missing}}, unexpected {{unexpected}}")
    return model


if __name__ == "__main__":
    model = {}().eval()
    print(model)
    print(model(torch.zeros(1, {})).shape)
)",
                             name, fmt::join(spec_.input.toVector(), ", "));
    }
};

} // namespace

std::string pytorchSource(const ModelSpec& spec) { return Writer(spec).write(nullptr); }

void writePytorchSource(const std::string& path, const ModelFile& model, DType) {
    writeFileAtomically(path, Writer(model.spec).write(&model));
}

} // namespace strata
