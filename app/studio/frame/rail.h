// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"
#include "widgets/common/measures.h"

#include <QAbstractButton>
#include <QWidget>
#include <array>

namespace strata::studio {

/// One item of the rail: icon over a 12 px label; the current one has the selection fill and a 3 px accent bar.
class RailButton : public QAbstractButton {
    Q_OBJECT
public:
    RailButton(const QString& iconName, const QString& text, QWidget* parent = nullptr);
    QSize sizeHint() const override { return {measure::kRailWidth, measure::kRailItemHeight}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    QString iconName_;
};

/// The left rail: logo (Start), five pages, help.
class Rail : public QWidget {
    Q_OBJECT
public:
    explicit Rail(QWidget* parent = nullptr);
    void setCurrent(PageId page);
    RailButton* button(PageId page) const { return buttons_[size_t(page)]; }
signals:
    void chosen(strata::studio::PageId page);
    void helpAsked();

private:
    std::array<RailButton*, 6> buttons_{};
};

} // namespace strata::studio
