// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/param_form.h"
#include "widgets/common/controls.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QVBoxLayout>
#include <charconv>
#include <fmt/format.h>

namespace strata {
namespace {

QSpinBox* makeSpin(const ParamDef& def) {
    auto* spin = new QSpinBox;
    spin->setRange(int(std::max(def.minimum, -2e9)), int(std::min(def.maximum, 2e9)));
    spin->setGroupSeparatorShown(false);
    spin->setKeyboardTracking(true);
    spin->setAccelerated(true);
    return spin;
}

int64_t pairPart(const Json& value, size_t part) {
    if (value.is_array() && value.size() > part) return value[part].get<int64_t>();
    return value.is_number() ? value.get<int64_t>() : 0;
}

bool sameDefs(const ParamDef& a, const ParamDef& b) {
    return a.id == b.id && a.type == b.type && a.title == b.title && a.choices == b.choices && a.minimum == b.minimum &&
           a.maximum == b.maximum;
}

} // namespace

QString numberText(double value) { return QString::fromStdString(fmt::format("{}", value)); }

bool parseNumber(const QString& text, double& value) {
    const QByteArray bytes = text.trimmed().toUtf8();
    const auto [end, error] = std::from_chars(bytes.constData(), bytes.constData() + bytes.size(), value);
    return error == std::errc() && end == bytes.constData() + bytes.size();
}

ParamForm::ParamForm(QWidget* parent) : QWidget(parent) { makeColumn(this, measure::kSpace12); }

void ParamForm::setParams(const std::vector<ParamDef>& defs, const ParamValues& values) {
    const bool same = defs.size() == rows_.size() && std::equal(defs.begin(), defs.end(), rows_.begin(),
                                                                [](const ParamDef& d, const Row& r) { return sameDefs(d, r.def); });
    if (!same) {
        for (const Row& row : rows_) {
            layout()->removeWidget(row.field);
            row.field->hide();
            row.field->deleteLater();
        }
        rows_.clear();
        for (const ParamDef& def : defs) {
            Row row{def, new Field(QString::fromStdString(def.title), makeEditor(def))};
            row.field->setToolTip(QString::fromStdString(def.help));
            row.field->editor()->setObjectName(QString::fromStdString(def.id));
            if (!def.unit.empty()) row.field->setHint(QString::fromStdString(def.unit));
            layout()->addWidget(row.field);
            rows_.push_back(std::move(row));
        }
    }
    setValues(values);
}

QWidget* ParamForm::makeEditor(const ParamDef& def) {
    const QString id = QString::fromStdString(def.id);
    switch (def.type) {
    case ParamType::Integer: {
        auto* spin = makeSpin(def);
        connect(spin, &QSpinBox::valueChanged, this, [this, id](int value) { report(id, value); });
        return spin;
    }
    case ParamType::IntegerPair: {
        auto* pair = new QWidget;
        auto* row = makeRow(pair, measure::kSpace8);
        QSpinBox* spins[2] = {makeSpin(def), makeSpin(def)};
        for (int i = 0; i < 2; ++i) {
            spins[i]->setAccessibleName(QString::fromStdString(def.title) + (i == 0 ? tr(", vertical") : tr(", horizontal")));
            row->addWidget(spins[i], 1);
            connect(spins[i], &QSpinBox::valueChanged, this, [this, id, a = spins[0], b = spins[1]] {
                report(id, Json::array({a->value(), b->value()}));
            });
        }
        pair->setFocusProxy(spins[0]);
        return pair;
    }
    case ParamType::Boolean: {
        auto* box = new QCheckBox(tr("On"));
        connect(box, &QCheckBox::toggled, this, [this, id](bool on) { report(id, on); });
        return box;
    }
    case ParamType::Choice: {
        auto* combo = new QComboBox;
        for (const std::string& choice : def.choices) combo->addItem(QString::fromStdString(choice));
        connect(combo, &QComboBox::activated, this, [this, id, combo](int index) { report(id, combo->itemText(index).toStdString()); });
        return combo;
    }
    case ParamType::Real:
    case ParamType::Text:
    case ParamType::RealList: break;
    }
    auto* line = new QLineEdit;
    connect(line, &QLineEdit::textEdited, this, [this, id, def](const QString& text) {
        try {
            const Json value = parseParamText(def, text.trimmed().toStdString());
            if (const auto problem = checkParam(def, value)) return setProblem(id, QString::fromStdString(problem->sentence));
            setProblem(id, {});
            report(id, value);
        } catch (const std::exception& error) { setProblem(id, QString::fromUtf8(error.what())); }
    });
    return line;
}

void ParamForm::setValues(const ParamValues& values) {
    loading_ = true;
    values_ = values;
    for (const Row& row : rows_) show(row, values.contains(row.def.id) ? values.at(row.def.id) : row.def.defaultValue);
    loading_ = false;
}

void ParamForm::show(const Row& row, const Json& value) {
    QWidget* editor = row.field->editor();
    if (auto* spin = qobject_cast<QSpinBox*>(editor)) {
        if (value.is_number() && spin->value() != value.get<int64_t>()) spin->setValue(int(value.get<int64_t>()));
    } else if (auto* box = qobject_cast<QCheckBox*>(editor)) {
        box->setChecked(value.is_boolean() && value.get<bool>());
    } else if (auto* combo = qobject_cast<QComboBox*>(editor)) {
        if (value.is_string()) combo->setCurrentText(QString::fromStdString(value.get<std::string>()));
    } else if (auto* line = qobject_cast<QLineEdit*>(editor)) {
        QString text;
        if (value.is_number())
            text = numberText(value.get<double>());
        else if (value.is_string())
            text = QString::fromStdString(value.get<std::string>());
        else if (value.is_array())
            for (const Json& item : value) text += (text.isEmpty() ? "" : ", ") + numberText(item.get<double>());
        double typed = 0;
        const bool sameNumber = value.is_number() && parseNumber(line->text(), typed) && typed == value.get<double>();
        if (line->text() != text && !sameNumber) line->setText(text);
    } else {
        const QList<QSpinBox*> spins = editor->findChildren<QSpinBox*>();
        for (qsizetype i = 0; i < spins.size(); ++i)
            if (const int part = int(pairPart(value, size_t(i))); spins[i]->value() != part) spins[i]->setValue(part);
    }
}

void ParamForm::report(const QString& param, const Json& value) {
    if (loading_) return;
    values_[param.toStdString()] = value;
    emit edited(param, value);
}

void ParamForm::setReadOnly(bool readOnly) {
    for (const Row& row : rows_) row.field->setEnabled(!readOnly);
}

void ParamForm::setProblem(const QString& param, const QString& sentence) {
    for (const Row& row : rows_)
        if (param.isEmpty() || row.def.id == param.toStdString()) row.field->setProblem(sentence);
}

Field* ParamForm::field(const QString& param) const {
    for (const Row& row : rows_)
        if (row.def.id == param.toStdString()) return row.field;
    return nullptr;
}

void ParamForm::focusFirst() {
    if (!rows_.empty()) rows_.front().field->editor()->setFocus(Qt::OtherFocusReason);
}

} // namespace strata
