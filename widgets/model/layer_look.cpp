// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/layer_look.h"
#include "core/base/text.h"
#include "widgets/common/theme.h"

#include <QCoreApplication>
#include <QStringList>
#include <array>

namespace strata {
namespace {

struct GroupLook {
    const char* group; ///< ComponentSpec::group
    const char* title;
    const char* icon;
};

constexpr std::array<GroupLook, 8> kGroups = {{{"Convolution", QT_TRANSLATE_NOOP("LayerGroup", "Convolution"), "layer-convolution"},
                                               {"Activation", QT_TRANSLATE_NOOP("LayerGroup", "Activation"), "layer-activation"},
                                               {"Normalisation", QT_TRANSLATE_NOOP("LayerGroup", "Normalisation"), "layer-normalisation"},
                                               {"Linear", QT_TRANSLATE_NOOP("LayerGroup", "Linear"), "layer-linear"},
                                               {"Pooling", QT_TRANSLATE_NOOP("LayerGroup", "Pooling"), "layer-pooling"},
                                               {"Dropout", QT_TRANSLATE_NOOP("LayerGroup", "Dropout"), "layer-dropout"},
                                               {"Combine", QT_TRANSLATE_NOOP("LayerGroup", "Combine"), "layer-combine"},
                                               {"Shape", QT_TRANSLATE_NOOP("LayerGroup", "Shape"), "layer-shape"}}};

QString pairText(const Json& value) {
    const auto part = [](const Json& item) { return item.is_number_integer() ? QString::number(item.get<int64_t>()) : QString("?"); };
    if (value.is_array() && value.size() == 2) return part(value[0]) + QChar(0x00D7) + part(value[1]);
    return part(value);
}

QString valueText(const Json& value) {
    if (value.is_string()) return QString::fromStdString(value.get<std::string>());
    if (value.is_array()) return pairText(value);
    if (value.is_number_float()) return QString::fromStdString(fmt::format("{}", value.get<double>()));
    return QString::fromStdString(toText(value));
}

/// One parameter as the card says it; empty: not worth saying.
QString shortParam(const ParamDef& def, const Json& value) {
    const QString title = QString::fromStdString(def.title).toLower();
    if (def.type == ParamType::Boolean) {
        const bool on = value.is_boolean() && value.get<bool>();
        return on ? title : QCoreApplication::translate("LayerCard", "no %1").arg(title);
    }
    if (def.defaultValue.is_null()) return valueText(value); // the required one needs no name
    if (def.id == "kernel_size") return value.is_array() ? pairText(value) : pairText(Json::array({value, value}));
    if (def.id == "padding") return QCoreApplication::translate("LayerCard", "pad %1").arg(valueText(value));
    return title + " " + valueText(value);
}

bool sameValue(const Json& a, const Json& b) {
    if (a == b) return true;
    const auto both = [](const Json& v) { return v.is_array() && v.size() == 2 && v[0] == v[1] ? v[0] : v; };
    return both(a) == both(b);
}

} // namespace

LayerGroup layerGroup(const std::string& type) {
    if (const LayerDef* def = findLayer(type))
        for (size_t i = 0; i < kGroups.size(); ++i)
            if (def->spec.group == kGroups[i].group) return LayerGroup(i);
    return LayerGroup::Shape;
}

QColor groupColor(LayerGroup group) { return theme().category(int(group)); }
QString groupTitle(LayerGroup group) { return QCoreApplication::translate("LayerGroup", kGroups[size_t(group)].title); }
QString groupIcon(LayerGroup group) { return kGroups[size_t(group)].icon; }

QString layerTitle(const std::string& type) {
    const LayerDef* def = findLayer(type);
    return QString::fromStdString(def ? def->spec.title : type);
}

QString layerParamsText(const LayerSpec& layer) {
    const LayerDef* def = findLayer(layer.type);
    if (!def) return {};
    QStringList parts;
    for (const ParamDef& param : def->spec.params) {
        const bool given = layer.params.contains(param.id);
        const Json& value = given ? layer.params.at(param.id) : param.defaultValue;
        // The kernel is what one looks for first, so it is said even where it is the default.
        const bool always = param.id == "kernel_size" || param.defaultValue.is_null() || def->spec.params.size() == 1;
        if (value.is_null() || (!always && sameValue(value, param.defaultValue))) continue;
        const QString text = shortParam(param, value);
        if (!text.isEmpty()) parts << text;
    }
    return parts.join(", ");
}

QString shapeText(const Shape& shape) {
    if (shape.empty()) return "?";
    return QString::fromStdString(shape.text('x')).replace('x', QChar(0x00D7));
}

QString shapeSpoken(const Shape& shape) {
    if (shape.empty()) return QCoreApplication::translate("LayerCard", "unknown shape");
    QStringList parts;
    for (const int64_t size : shape) parts << QString::number(size);
    return parts.join(QCoreApplication::translate("LayerCard", " by "));
}

QString countText(double count) {
    if (count <= 0) return QChar(0x2013);
    QString text = QString::fromStdString(formatCount(count));
    text.replace(".00 ", " ");
    return text;
}

} // namespace strata
