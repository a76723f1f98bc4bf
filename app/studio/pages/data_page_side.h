// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStackedWidget>
#include <QWidget>

class QLabel;

namespace strata::studio {

/// The right panel of the Data page: details, or facts or transforms with a title and a cross. As a drawer it lies over the page.
class DataSide : public QWidget {
    Q_OBJECT
public:
    explicit DataSide(QWidget* parent = nullptr);
    /// `title` empty: no head.
    void addPanel(const QString& title, QWidget* content);
    void showPanel(int index);
    int panel() const { return stack_->currentIndex(); }
    void setDrawer(bool drawer);

signals:
    void closed(); ///< the cross or Esc

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QStackedWidget* stack_;
    bool drawer_ = false;
};

} // namespace strata::studio
