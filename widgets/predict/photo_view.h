// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QImage>
#include <QPixmap>
#include <QPointF>
#include <QRect>
#include <QWidget>
#include <optional>

namespace strata {

/// A photo with the part that the network receives: a frame, what is outside dimmed. The frame is moved with the mouse or with the
/// arrows (1 pixel of the photo, 10 with Shift); plus, minus and Ctrl+wheel change its size; 0 takes it back to what the
/// preprocessing chooses. A heat map may lie over the frame.
class PhotoView : public QWidget {
    Q_OBJECT
public:
    explicit PhotoView(QWidget* parent = nullptr);

    /// `preview`: the photo, or a smaller version of it; `size`: its real size, in whose pixels crops are told. No crop yet.
    void setPhoto(const QImage& preview, const QSize& size);
    void clear() { setPhoto({}, {}); }
    bool hasPhoto() const { return !preview_.isNull(); }
    QSize photoSize() const { return size_; }
    /// Shows it; emits nothing.
    void setCrop(const QRect& crop);
    QRect crop() const { return crop_; }
    /// Lies over the frame, with that opacity; null: none.
    void setHeatMap(const QImage& map);
    void setOpacity(double opacity);
    /// Where the photo lies in the widget, and the frame.
    QRectF photoRect() const;
    QRectF cropRect() const;

    QSize sizeHint() const override { return {616, 536}; }
    QSize minimumSizeHint() const override { return {240, 200}; }

signals:
    /// By the person, while it moves.
    void cropMoved(const QRect& crop);
    /// The person wants the usual crop back.
    void cropReset();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    struct Grip {
        QPointF at;
        QRect crop;
    };
    QImage preview_, map_;
    QSize size_;
    QRect crop_;
    double opacity_ = 0.6;
    std::optional<Grip> grip_;
    QPixmap scaled_; ///< the photo as it is on the screen
    void moveTo(const QPoint& corner);
    void resizeBy(double factor);
    void describe();
};

} // namespace strata
