// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/layer_formula.h"

#include <QCoreApplication>
#include <map>

namespace strata {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("LayerFormula", text); }

int64_t firstOf(const ParamValues& params, const char* id) {
    const Json& value = params.at(id);
    return value.is_array() ? value[0].get<int64_t>() : value.get<int64_t>();
}

/// Height of the output of a window that slides.
QString slidingFormula(const LayerSpec& layer, const LayerFacts& facts, const LayerDef& def) {
    const QString general =
        tr("height = \u230a(height + 2\u00b7padding \u2212 dilation\u00b7(kernel \u2212 1) \u2212 1) / stride\u230b + 1");
    if (!facts.known || facts.inputs.empty() || facts.inputs[0].rank() != 3) return general;
    const ParamValues params = completeParams(def.spec.params, layer.params, def.spec.title);
    const int64_t kernel = firstOf(params, "kernel_size"), padding = firstOf(params, "padding");
    int64_t stride = firstOf(params, "stride");
    if (stride == 0) stride = kernel;
    const int64_t dilation = params.contains("dilation") ? firstOf(params, "dilation") : 1;
    return general + "\n" +
           tr("= \u230a(%1 + 2\u00b7%2 \u2212 %3\u00b7%4 \u2212 1) / %5\u230b + 1 = %6")
               .arg(facts.inputs[0][1])
               .arg(padding)
               .arg(dilation)
               .arg(kernel - 1)
               .arg(stride)
               .arg(facts.output[1]);
}

const std::map<std::string, const char*> kFormulas = {
    {"linear", QT_TRANSLATE_NOOP("LayerFormula", "y = x W\u1d40 + b")},
    {"batch_norm", QT_TRANSLATE_NOOP("LayerFormula", "y = (x \u2212 mean) / \u221a(variance + eps) \u00b7 weight + bias")},
    {"relu", QT_TRANSLATE_NOOP("LayerFormula", "y = max(0, x)")},
    {"leaky_relu", QT_TRANSLATE_NOOP("LayerFormula", "y = x if x > 0, else slope \u00b7 x")},
    {"gelu", QT_TRANSLATE_NOOP("LayerFormula", "y = x \u00b7 \u03a6(x)")},
    {"silu", QT_TRANSLATE_NOOP("LayerFormula", "y = x / (1 + e\u207b\u02e3)")},
    {"sigmoid", QT_TRANSLATE_NOOP("LayerFormula", "y = 1 / (1 + e\u207b\u02e3)")},
    {"tanh", QT_TRANSLATE_NOOP("LayerFormula", "y = tanh(x)")},
    {"softmax", QT_TRANSLATE_NOOP("LayerFormula", "y\u1d62 = e^x\u1d62 / \u03a3\u2c7c e^x\u2c7c")},
    {"global_avg_pool", QT_TRANSLATE_NOOP("LayerFormula", "y = sum of the channel / (height \u00b7 width)")},
    {"dropout", QT_TRANSLATE_NOOP("LayerFormula", "y = x \u00b7 m / (1 \u2212 p), m = 0 with probability p")},
    {"add", QT_TRANSLATE_NOOP("LayerFormula", "y = x\u2081 + x\u2082 + ...")},
    {"concat", QT_TRANSLATE_NOOP("LayerFormula", "channels = channels\u2081 + channels\u2082 + ...")},
    {"flatten", QT_TRANSLATE_NOOP("LayerFormula", "features = channels \u00b7 height \u00b7 width")}};

} // namespace

QString layerFormula(const LayerSpec& layer, const LayerFacts& facts) {
    const LayerDef* def = findLayer(layer.type);
    if (!def) return {};
    if (layer.type == "conv2d" || layer.type == "max_pool" || layer.type == "avg_pool")
        return layer.bypassed ? QString() : slidingFormula(layer, facts, *def);
    const auto found = kFormulas.find(layer.type);
    return found == kFormulas.end() ? QString() : tr(found->second);
}

} // namespace strata
