// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/data/shown_picture.h"

#include <QWidget>

namespace strata {

/// One picture at the largest whole multiple of device pixels that fits; tells which of its pixels is under the mouse or the
/// keyboard's cross (arrows, Shift 8 at a time).
class PictureView : public QWidget {
    Q_OBJECT
public:
    explicit PictureView(const QString& accessibleName, QWidget* parent = nullptr);
    void setPicture(const ShownPicture& picture);
    const ShownPicture& picture() const { return picture_; }
    /// A sentence instead of a picture.
    void setMessage(const QString& text);
    /// Where the picture is painted, device-independent.
    QRectF pictureRect() const;
    /// Pixel of the picture at a point, or (-1, -1).
    QPoint pixelAt(const QPointF& point) const;
    QPoint pixel() const { return pixel_; }
    /// Pixels of the network's window or of nothing; drawn as a frame.
    QSize sizeHint() const override { return {264, 264}; }
    /// Arrows move the cross; off where a page needs them (the large view).
    void setKeyboardCross(bool on);

signals:
    void pixelChanged(const QPoint& pixel);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    ShownPicture picture_;
    QImage scaled_;
    QString message_;
    QPoint pixel_{-1, -1};
    bool cross_ = false, keyboard_ = true;
    void setPixel(const QPoint& pixel, bool cross);
    QSize deviceSize() const;
};

/// "R 120  G 33  B 7", "Grey 12", for what the network receives with decimals.
QString pixelText(const ShownPicture& picture, const QPoint& pixel);

} // namespace strata
