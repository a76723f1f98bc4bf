// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/transform.h"

#include <QPoint>
#include <QWidget>
#include <optional>

class QLabel;
class QPushButton;

namespace strata {

class ElidedLabel;
class ParamForm;
class TransformList;

/// One step of the list: grip, icon, name, what differs from the default, the size after it; opened, its form. Focusable: Enter
/// opens, Alt+Up/Down move, Delete removes, Ctrl+D duplicates.
class TransformCard : public QWidget {
    Q_OBJECT
public:
    explicit TransformCard(TransformList* list);
    /// `after`: the shape behind the step, "?" behind a broken one; `problem`: why it does not work, or "".
    void setStep(const std::string& type, const ParamValues& params, const QString& after, const QString& problem);
    void setOpen(bool open);
    const QString& problem() const { return problem_; }
    ParamForm* form() const { return form_; }
    void setDragged(bool dragged);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    TransformList* list_;
    std::string type_;
    QString problem_;
    bool open_ = false, hover_ = false, dragged_ = false;
    std::optional<QPoint> pressed_;
    QLabel* icon_;
    ElidedLabel* title_;
    ElidedLabel* summary_;
    QLabel* after_;
    QLabel* sentence_;
    QLabel* help_;
    QWidget* actions_;
    QPushButton* duplicate_;
    QPushButton* remove_;
    ParamForm* form_;
    void refreshIcon();
};

} // namespace strata
