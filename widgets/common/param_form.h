// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/param.h"

#include <QString>
#include <QWidget>
#include <map>
#include <vector>

namespace strata {

class Field;

/// A form made from parameter descriptions: one Field per ParamDef (spin box, number, check box, choice, text, pair). Layers,
/// transforms, optimizers, losses and schedules all use it. The form keeps no truth of its own: it shows `values` and reports
/// each edit; the owner answers with setValues().
class ParamForm : public QWidget {
    Q_OBJECT
public:
    explicit ParamForm(QWidget* parent = nullptr);
    /// Rebuilds the fields where the definitions differ. `values` may lack defaults.
    void setParams(const std::vector<ParamDef>& defs, const ParamValues& values);
    void setValues(const ParamValues& values); ///< emits nothing; leaves the field that is being typed in alone
    void setReadOnly(bool readOnly);
    /// Shows a sentence under one field; "" as parameter clears all.
    void setProblem(const QString& param, const QString& sentence);
    Field* field(const QString& param) const;
    void focusFirst();

signals:
    /// A value was changed by the person, already of the parameter's type and within its range. Emitted while typing
    /// (merge in the undo stack by parameter).
    void edited(const QString& param, const strata::Json& value);

private:
    struct Row {
        ParamDef def;
        Field* field = nullptr;
    };
    std::vector<Row> rows_;
    Json values_;
    bool loading_ = false;
    QWidget* makeEditor(const ParamDef& def);
    void show(const Row& row, const Json& value);
    void report(const QString& param, const Json& value);
};

/// A number as a person types it ("0.05", "5e-4"), read and written without locale.
QString numberText(double value);
bool parseNumber(const QString& text, double& value);

} // namespace strata
