// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/model/model_facts.h"

#include <QAbstractButton>
#include <QFrame>

namespace strata {

/// A template as a card: drawing, name, parameters, what it is good for. Disabled where the pictures are too small.
class TemplateCard : public QAbstractButton {
    Q_OBJECT
public:
    TemplateCard(const TemplateDef& def, const DataFacts& data, QWidget* parent = nullptr);
    const std::string& id() const { return id_; }
    QSize sizeHint() const override { return {256, 152}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::string id_;
    QString help_, count_, why_;
    ModelSpec spec_;
};

/// The panel of templates: a popup under the button that opened it. Arrows move, Enter chooses, Escape closes.
class TemplateChooser : public QFrame {
    Q_OBJECT
public:
    explicit TemplateChooser(const DataFacts& data, QWidget* parent = nullptr);
    /// Shows it below (or beside, where there is no room) `anchor`.
    void popup(QWidget* anchor);
    const std::vector<TemplateCard*>& cards() const { return cards_; }

signals:
    void chosen(const std::string& id);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<TemplateCard*> cards_;
    int columns_ = 2;
};

} // namespace strata
