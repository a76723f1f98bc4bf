// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/model/model_facts.h"

#include <QWidget>

class QCheckBox;
class QGridLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QVBoxLayout;

namespace strata {

class ElidedLabel;
class Field;
class InputList;
class ParamForm;

/// The right panel of the Model page: parameters, inputs, results, help of what is selected; totals and problems where nothing is.
/// Shows facts, asks for edits, keeps no truth. Escape asks to go back to the stack.
class LayerInspector : public QWidget {
    Q_OBJECT
public:
    explicit LayerInspector(QWidget* parent = nullptr);
    ~LayerInspector() override;
    void setFacts(const ModelFacts& facts);
    /// `block`: the header of that block is selected; `card`: "input", "output" or a layer.
    void setSelection(const modeledit::Ids& ids, const std::string& card, const std::string& block);
    void setBatch(int64_t batch);
    void focusFirst(); ///< the first field of what is shown
    ParamForm* form() const { return form_; }
    QPushButton* fixButton() const { return fix_; }

signals:
    void edited(const strata::modeledit::Edit& edit);
    void cardWanted(const std::string& key); ///< go to a problem
    void templatesWanted();
    void left();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    void showHead(const QString& icon, const QColor& tint, const QString& title, const QString& detail);
    void showProblem(const CardProblem* problem);
    void showLayer(size_t at);
    void showBlock();
    void showSeveral();
    void showEnd(bool input);
    void showOverview();
    void setRows(const QList<QPair<QString, QString>>& rows);
    QWidget* makeName();
    QWidget* makeBlock();
    void commitName();
    void focusField();

    ModelFacts facts_;
    modeledit::Ids ids_;
    std::string card_, block_;
    int64_t batch_ = 128;
    QLabel* icon_;
    ElidedLabel *title_, *detail_;
    QWidget *problem_, *blockPart_, *inputsPart_, *factsPart_, *helpPart_, *overview_;
    QLabel *sentence_, *help_, *formula_, *foreign_, *factsHead_;
    QPushButton *fix_, *ungroup_, *templates_;
    Field *name_, *blockName_, *repeat_;
    ParamForm* form_;
    QCheckBox *bypass_, *freeze_;
    InputList* inputs_;
    QGridLayout* rows_;
    QVBoxLayout* problems_;
    const CardProblem* shownProblem_ = nullptr;
};

/// The "Inputs" list of a layer: a choice of source for each, remove buttons, and a way to add one.
class InputList : public QWidget {
    Q_OBJECT
public:
    explicit InputList(QWidget* parent = nullptr);
    void setLayer(const ModelSpec& spec, size_t layer);

signals:
    void edited(const strata::modeledit::Edit& edit);

private:
    void rebuild();
    ModelSpec spec_;
    std::string layer_, shown_;
};

} // namespace strata
