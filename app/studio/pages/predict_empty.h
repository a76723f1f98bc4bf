// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QWidget>

class QBoxLayout;

namespace strata::studio {

/// A sample photo to press.
class SamplePhoto : public QWidget {
    Q_OBJECT
public:
    SamplePhoto(const QString& path, const QString& name, QWidget* parent = nullptr);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }
signals:
    void pressed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    QString name_;
    QImage picture_;
};

/// What Predict shows before there is a photo: the whole page is the target; below it photos to try.
class PredictEmpty : public QWidget {
    Q_OBJECT
public:
    explicit PredictEmpty(QWidget* parent = nullptr);
signals:
    void openAsked();
    void photoChosen(const QString& path);

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace strata::studio
