// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/sample_grid.h"
#include "widgets/common/theme.h"
#include "widgets/data/grid_accessible.h"

#include <QAccessible>
#include <QLocale>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

namespace strata {
namespace {

constexpr int kWheelStep = 24; ///< device-independent pixels a line of the wheel

/// Distance between tiles in device-independent pixels.
int gapFor(double tile) { return tile < 24 ? 2 : tile < 48 ? measure::kSpace4 : measure::kSpace8; }

} // namespace

SampleGrid::SampleGrid(QWidget* parent) : QAbstractScrollArea(parent) {
    installGridAccessibility();
    setAccessibleName(tr("Samples"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    verticalScrollBar()->setAccessibleName(tr("Scroll samples"));
    connect(&thumbs_, &ThumbLoader::loaded, viewport(), [this] { viewport()->update(); });
    updateSizes();
}

void SampleGrid::setSamples(SampleIndexPtr index) {
    index_ = std::move(index);
    states_.reset();
    order_.clear();
    selected_.assign(index_ ? size_t(index_->size()) : 0, 0);
    selectedCount_ = 0;
    current_ = anchor_ = -1;
    band_.reset();
    updateSizes();
    thumbs_.setSource(index_, geometry_.tile);
    layOut(0);
    verticalScrollBar()->setValue(0);
    emit selectionChanged(0);
    emit currentChanged(-1);
}

void SampleGrid::setStates(SampleStatesPtr states) {
    states_ = std::move(states);
    viewport()->update();
}

void SampleGrid::setOrder(std::vector<int32_t> order) {
    const int32_t id = current();
    order_ = std::move(order);
    std::vector<uint8_t> kept(selected_.size(), 0);
    int count = 0, position = -1;
    for (size_t i = 0; i < order_.size(); ++i) {
        const auto place = size_t(order_[i]);
        if (order_[i] == id) position = int(i);
        if (!selected_[place] || kept[place]) continue;
        kept[place] = 1;
        ++count;
    }
    selected_.swap(kept);
    const bool fewer = count != selectedCount_;
    selectedCount_ = count;
    current_ = anchor_ = position >= 0 ? position : order_.empty() ? -1 : 0;
    band_.reset();
    layOut(std::max(0, current_));
    if (position < 0) verticalScrollBar()->setValue(0);
    if (fewer) emit selectionChanged(count);
    if (current() != id) emit currentChanged(current());
    viewport()->update();
}

int32_t SampleGrid::current() const { return current_ >= 0 && current_ < int(order_.size()) ? order_[size_t(current_)] : -1; }

void SampleGrid::setCurrent(int32_t id) {
    const auto found = std::find(order_.begin(), order_.end(), id);
    if (found == order_.end()) return;
    anchor_ = int(found - order_.begin());
    setCurrentPosition(anchor_, true);
}

void SampleGrid::step(int steps) {
    if (order_.empty()) return;
    moveTo(std::clamp(current_ + steps, 0, int(order_.size()) - 1), Qt::NoModifier);
}

void SampleGrid::setCurrentPosition(int position, bool reveal) {
    const int32_t before = current();
    if (current_ >= 0) viewport()->update(rectOf(current_).adjusted(-8, -8, 8, 8));
    current_ = position;
    if (reveal) ensureVisible(position);
    viewport()->update(rectOf(position).adjusted(-8, -8, 8, 8));
    if (current() == before) return;
    QAccessibleValueChangeEvent event(this, describe(current()));
    QAccessible::updateAccessibility(&event);
    emit currentChanged(current());
}

// Sizes

void SampleGrid::updateSizes() {
    ratio_ = devicePixelRatioF();
    QSize picture;
    if (index_ && !index_->source().mixedSizes) picture = QSize(int(index_->source().imageShape[2]), int(index_->source().imageShape[1]));
    sizes_ = tileSizes(picture, ratio_);
    const auto distance = [&](int size) { return std::abs(std::log(size / (wantedSize_ * ratio_))); };
    geometry_.tile = *std::min_element(sizes_.begin(), sizes_.end(), [&](int a, int b) { return distance(a) < distance(b); });
    geometry_.gap = int(std::lround(gapFor(geometry_.tile / ratio_) * ratio_));
    geometry_.margin = int(std::lround(measure::kSpace16 * ratio_));
}

int SampleGrid::tileSize() const { return int(std::lround(geometry_.tile / ratio_)); }

int SampleGrid::sizeStep() const { return int(std::find(sizes_.begin(), sizes_.end(), geometry_.tile) - sizes_.begin()); }

void SampleGrid::setSizeStep(int step) { setTileSize(int(std::lround(sizes_[size_t(std::clamp(step, 0, sizeSteps() - 1))] / ratio_))); }

void SampleGrid::setTileSize(int size) {
    wantedSize_ = size;
    const int before = geometry_.tile;
    const bool currentShown = current_ >= 0 && rectOf(current_).intersects(viewport()->rect());
    const int keep = currentShown ? current_ : firstVisible();
    updateSizes();
    if (geometry_.tile == before) return;
    thumbs_.setSource(index_, geometry_.tile);
    layOut(keep);
    emit tileSizeChanged(tileSize());
}

void SampleGrid::zoom(int steps) { setSizeStep(sizeStep() + steps); }

// Layout

int SampleGrid::offset() const { return int(std::lround(verticalScrollBar()->value() * ratio_)); }

QPoint SampleGrid::toContent(const QPoint& point) const {
    return {int(std::floor(point.x() * ratio_)), int(std::floor(point.y() * ratio_)) + offset()};
}

void SampleGrid::layOut(int keepPosition) {
    geometry_.width = int(std::lround(viewport()->width() * ratio_));
    geometry_.count = int(order_.size());
    const int visible = viewport()->height();
    const int total = int(std::ceil(geometry_.height() / ratio_));
    verticalScrollBar()->setSingleStep(kWheelStep);
    verticalScrollBar()->setPageStep(std::max(1, visible));
    verticalScrollBar()->setRange(0, std::max(0, total - visible));
    if (keepPosition >= 0 && keepPosition < geometry_.count) ensureVisible(keepPosition);
    viewport()->update();
}

int SampleGrid::firstVisible() const {
    if (order_.empty()) return -1;
    return std::min(int(order_.size()) - 1,
                    geometry_.rowsIn(offset() + geometry_.margin, offset() + geometry_.margin + 1).first * geometry_.columns());
}

int SampleGrid::positionAt(const QPoint& point) const { return geometry_.positionAt(toContent(point)); }

QRect SampleGrid::rectOf(int position) const {
    const QRect tile = geometry_.tileRect(position).translated(0, -offset());
    return QRectF(tile.x() / ratio_, tile.y() / ratio_, tile.width() / ratio_, tile.height() / ratio_).toAlignedRect();
}

void SampleGrid::ensureVisible(int position) {
    if (position < 0 || position >= int(order_.size())) return;
    const QRect rect = rectOf(position);
    const int room = std::min(measure::kSpace16, std::max(0, (viewport()->height() - rect.height()) / 2));
    QScrollBar* bar = verticalScrollBar();
    if (rect.top() < room)
        bar->setValue(bar->value() + rect.top() - room);
    else if (rect.bottom() >= viewport()->height() - room)
        bar->setValue(bar->value() + rect.bottom() + 1 - viewport()->height() + room);
}

void SampleGrid::resizeEvent(QResizeEvent* event) {
    const int keep = verticalScrollBar()->value() == 0 ? 0 : firstVisible();
    QAbstractScrollArea::resizeEvent(event);
    layOut(keep);
}

void SampleGrid::scrollContentsBy(int, int) { viewport()->update(); }

void SampleGrid::showEvent(QShowEvent* event) {
    QAbstractScrollArea::showEvent(event);
    if (ratio_ == devicePixelRatioF()) return;
    updateSizes();
    thumbs_.setSource(index_, geometry_.tile);
    layOut(firstVisible());
}

void SampleGrid::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) viewport()->update();
}

void SampleGrid::focusInEvent(QFocusEvent* event) {
    if (current_ < 0 && !order_.empty()) setCurrentPosition(std::max(0, firstVisible()), false);
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void SampleGrid::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

QString SampleGrid::describe(int32_t id) const {
    if (!index_ || id < 0) return {};
    const int label = states_ ? states_->label(id) : index_->label(id);
    static const char* const splits[] = {QT_TR_NOOP("training"), QT_TR_NOOP("validation"), QT_TR_NOOP("test")};
    QString text = QString::fromStdString(index_->source().classes[size_t(label)]) + ", " + tr(splits[size_t(index_->split(id))]) + " " +
                   QString::number(index_->index(id));
    if (states_ && states_->relabelled(id))
        text += ", " + tr("was %1").arg(QString::fromStdString(index_->source().classes[size_t(index_->label(id))]));
    if (states_)
        for (const std::string& tag : states_->tags(id)) text += ", " + tr("tagged %1").arg(QString::fromStdString(tag));
    if (states_ && states_->excluded(id)) text += ", " + tr("excluded");
    return text;
}

} // namespace strata
