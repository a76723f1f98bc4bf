// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/data/grid_geometry.h"
#include "widgets/data/sample_index.h"
#include "widgets/data/thumb_loader.h"

#include <QAbstractScrollArea>
#include <QBasicTimer>
#include <QImage>
#include <optional>
#include <vector>

class QHelpEvent;

namespace strata {

/// All samples of a source as pictures in a grid: virtual, painted from the pixels at whole multiples of device pixels, with
/// selection by keyboard, mouse and rubber band. Pictures that must be decoded come from a ThumbLoader. GUI thread.
class SampleGrid : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit SampleGrid(QWidget* parent = nullptr);

    /// Other data: forgets order and selection. Null: none.
    void setSamples(SampleIndexPtr index);
    /// Marks of edits; must belong to the same data.
    void setStates(SampleStatesPtr states);
    /// Which samples, in which order. The selection keeps what is still there.
    void setOrder(std::vector<int32_t> order);
    const std::vector<int32_t>& order() const { return order_; }

    int32_t current() const; ///< sample number, -1 for none
    void setCurrent(int32_t id);
    /// Moves the current sample by `steps` in the order and selects it alone (the large view).
    void step(int steps);
    std::vector<int32_t> selection() const; ///< in the order shown
    int selectedCount() const { return selectedCount_; }
    bool isSelected(int32_t id) const { return size_t(id) < selected_.size() && selected_[size_t(id)]; }
    void setSelection(const std::vector<int32_t>& ids);
    void selectAll();
    void clearSelection();

    int tileSize() const; ///< device-independent pixels
    void setTileSize(int size);
    void zoom(int steps);
    int sizeSteps() const { return int(sizes_.size()); }
    int sizeStep() const;
    void setSizeStep(int step);

    /// Position in the order at a point of the viewport, -1 beside a picture; and back.
    int positionAt(const QPoint& point) const;
    QRect rectOf(int position) const;
    void ensureVisible(int position);
    ThumbLoader& thumbs() { return thumbs_; }
    /// "cat, training 42, excluded": for tool tips and screen readers.
    QString describe(int32_t id) const;

signals:
    void currentChanged(int id);
    void selectionChanged(int count);
    void opened(int id); ///< Enter or double click
    void tileSizeChanged(int size);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    bool viewportEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void timerEvent(QTimerEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    struct Band {
        QPoint origin, last;       ///< device pixels of the content
        std::vector<uint8_t> base; ///< selection before it
        int baseCount = 0;
        bool active = false;
    };

    SampleIndexPtr index_;
    SampleStatesPtr states_;
    std::vector<int32_t> order_;
    std::vector<uint8_t> selected_; ///< by sample number
    int selectedCount_ = 0;
    int current_ = -1, anchor_ = -1; ///< positions
    std::vector<int> sizes_;         ///< device pixels
    int wantedSize_ = 64;            ///< device-independent, as asked
    double ratio_ = 1;
    GridGeometry geometry_;
    ThumbLoader thumbs_;
    QImage frame_;
    std::optional<Band> band_;
    QBasicTimer scrollTimer_;
    QPoint scrollPoint_;

    int offset() const; ///< scroll position in device pixels
    QPoint toContent(const QPoint& point) const;
    void updateSizes();
    void layOut(int keepPosition);
    int firstVisible() const;
    void setCurrentPosition(int position, bool reveal);
    void selectRange(int from, int to, bool add);
    void selectOnly(int position);
    void toggle(int position);
    void setSelected(int32_t id, bool on);
    void selectionEdited();
    void moveTo(int position, Qt::KeyboardModifiers modifiers);
    bool moveKey(QKeyEvent* event);
    void updateBand(const QPoint& point);
    void endBand();
    bool showToolTip(QHelpEvent* event);
    QPoint alignment() const;
    void paintTile(int position, const QRect& tile, std::vector<int32_t>& missing);
    void paintMarks(QPainter& painter, int position, const QRect& tile) const;
    void paintCurrent(QPainter& painter) const;
};

} // namespace strata
