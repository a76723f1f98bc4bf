// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/model/stack_painter.h"

#include <QAbstractScrollArea>
#include <QTimer>

class QMenu;
class QPushButton;

namespace strata {

/// The network as a stack of cards: the middle of the Model page. Painted by itself; keeps no truth but selection, closed blocks
/// and what the mouse is doing. Every change is asked for by edited() and comes back through setFacts().
/// Keyboard: arrows, Shift extends; Enter to the inspector; Insert to the palette; S starts a connection; Right moves to a card's
/// connections; Delete, B, Ctrl+D, Ctrl+G, Alt+Up/Down, Ctrl+C/X/V.
class LayerStack : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit LayerStack(QWidget* parent = nullptr);

    /// Shows a network. Selection and scroll position stay where the layers still exist.
    void setFacts(const ModelFacts& facts);
    const ModelFacts& facts() const { return state_.facts; }
    const StackState& state() const { return state_; }

    /// Selects layers and puts the focus on `current` (the last one if empty).
    void select(const modeledit::Ids& ids, const std::string& current = {});
    void selectCard(const std::string& key); ///< a layer, "input", "output" or "block:NAME"
    modeledit::Ids selectedIds() const;      ///< in the order of the stack
    std::string currentKey() const { return state_.current; }
    std::string selectedBlock() const; ///< of a selected header, or ""
    const StackArc* selectedArc() const { return state_.selectedArc ? &*state_.selectedArc : nullptr; }
    /// Where a new layer goes: below the selection.
    modeledit::Place placeBelow() const;
    void setBlockOpen(const std::string& block, bool open);
    void reveal(const std::string& key);
    /// The card's rectangle in the viewport (for tests and popups).
    QRect cardRect(const std::string& key) const;
    QPoint partPoint(const std::string& key, CardPart part) const;
    QPoint arcPoint(const std::string& layer, size_t input) const; ///< on its end, in the viewport

    // What actions, keys and the context menu do with the selection.
    void selectAll();
    void removeSelected();
    void duplicateSelected();
    void toggleBypass();
    void groupSelected();
    void ungroupSelected();
    void repeatSelected(int times);
    void moveSelected(int direction); ///< -1 up, 1 down
    void copySelected() const;
    void cutSelected();
    void paste();
    void startConnection();
    void cancelConnection();
    bool connecting() const { return state_.connecting.has_value(); }
    /// Fills the context menu of the selection.
    void fillMenu(QMenu& menu);

    QSize sizeHint() const override { return {664, 600}; }
    QSize minimumSizeHint() const override { return {360, 200}; }

signals:
    void edited(const strata::modeledit::Edit& edit);
    void selectionChanged();
    void inspectorWanted();
    void paletteWanted();
    void templatesWanted();
    void hint(const QString& sentence); ///< why something was refused, or what the keys do now; "" clears

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    bool viewportEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    bool event(QEvent* event) override;

private:
    friend class StackAccessible;
    QPointF toStack(const QPoint& point) const;
    QPoint fromStack(const QPointF& point) const;
    void relayout();
    void placeSlot();
    void setCurrent(int item, Qt::KeyboardModifiers modifiers);
    void finishSelection();
    int currentItem() const { return state_.layout.itemOf(state_.current); }
    int nextItem(int from, int step) const;
    void request(const modeledit::Edit& edit);
    void updateHover(const QPoint& point);
    void autoScroll();
    // Keys, each returns whether it took the event.
    bool navigationKey(QKeyEvent* event);
    bool arcKey(QKeyEvent* event);
    bool connectionKey(QKeyEvent* event);
    bool editKey(QKeyEvent* event);
    bool horizontalKey(QKeyEvent* event);
    void pickTarget(int step);
    void preferFitting(const std::string& from);
    void finishConnection(bool concat);
    std::vector<size_t> arcsOf(int item) const;
    void selectArc(size_t arc);
    void removeArc();
    // Mouse.
    void pressCard(int item, CardPart part, QMouseEvent* event);
    void beginDrag();
    void dragTo(const QPointF& point);
    void beginConnection(const std::string& from, const QPointF& at, std::optional<StackArc> rerouted);
    void connectTo(const QPointF& point, bool concat);
    void toggleBlock(int item);

    StackState state_;
    std::set<std::string> closed_;
    std::string anchor_;
    int lastIndex_ = 0; ///< where the current item was, for when it goes
    QPoint pressed_{-1, -1}, mouse_{-1, -1};
    int pressedItem_ = -1;
    int pressedArc_ = -1;
    bool collapseOnRelease_ = false;
    QTimer scroll_;
    QPushButton* chooseTemplate_;
    QWidget* slot_;
};

/// What a card offers to a screen reader: "Conv2d, 64 by 32 by 32, 1.7 K parameters".
QString spokenCard(const ModelFacts& facts, const StackItem& item);
/// MIME type of a layer dragged out of the palette; the data is the layer's type.
inline constexpr const char* kLayerMime = "application/x-strata-layer";

} // namespace strata
