// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>

class QLineEdit;
class QLabel;

namespace strata {

/// A small editor over a plot: from, to, [Set], [Fit]. Enter sets, Esc closes; gone when it loses the focus.
class RangeEditor : public QFrame {
    Q_OBJECT
public:
    explicit RangeEditor(QWidget* plot);
    /// `positive`: a log axis takes no other values.
    void open(const QString& title, double from, double to, bool positive, const QPoint& place);
    QLineEdit* fromField() const { return from_; }
    QLineEdit* toField() const { return to_; }

signals:
    void chosen(double from, double to);
    void fitAsked();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QLabel* title_;
    QLineEdit* from_;
    QLineEdit* to_;
    QLabel* problem_;
    bool positive_ = false;
    void accept();
    void finish();
};

} // namespace strata
