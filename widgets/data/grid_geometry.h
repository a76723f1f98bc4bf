// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QPoint>
#include <QRect>
#include <QSize>
#include <cstdint>
#include <vector>

namespace strata {

/// Where the cells of a grid lie, in device pixels of its content: `count` squares of `tile`, `gap` apart, row by row.
struct GridGeometry {
    int width = 1; ///< of the viewport
    int tile = 64;
    int gap = 8;
    int margin = 16;
    int count = 0;

    int cell() const { return tile + gap; }
    int columns() const;
    int rows() const { return (count + columns() - 1) / columns(); }
    int height() const { return count == 0 ? 0 : 2 * margin + rows() * cell() - gap; }
    QRect tileRect(int position) const;
    /// -1 beside a tile.
    int positionAt(const QPoint& point) const;
    /// Rows that touch [top, bottom), as [first, last].
    std::pair<int, int> rowsIn(int top, int bottom) const;
    /// Positions whose tiles touch a rectangle, ascending.
    std::vector<int> positionsIn(const QRect& rect) const;
};

/// Tile sizes in device pixels from 16 to 512 device-independent ones: whole multiples of the picture's longer side, and halves of
/// it below. Where pictures differ in size (`picture` empty) or are large: even steps.
std::vector<int> tileSizes(QSize picture, double devicePixelRatio);

} // namespace strata
