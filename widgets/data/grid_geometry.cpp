// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/grid_geometry.h"

#include <algorithm>
#include <cmath>

namespace strata {

int GridGeometry::columns() const { return std::max(1, (width - 2 * margin + gap) / cell()); }

QRect GridGeometry::tileRect(int position) const {
    const int row = position / columns(), column = position % columns();
    return {margin + column * cell(), margin + row * cell(), tile, tile};
}

int GridGeometry::positionAt(const QPoint& point) const {
    const int x = point.x() - margin, y = point.y() - margin;
    if (x < 0 || y < 0 || x % cell() >= tile || y % cell() >= tile || x / cell() >= columns()) return -1;
    const int64_t position = int64_t(y / cell()) * columns() + x / cell();
    return position < count ? int(position) : -1;
}

std::pair<int, int> GridGeometry::rowsIn(int top, int bottom) const {
    const int first = std::max(0, (top - margin) / cell());
    const int last = std::min(rows() - 1, (bottom - 1 - margin) / cell());
    return {first, last};
}

std::vector<int> GridGeometry::positionsIn(const QRect& rect) const {
    std::vector<int> positions;
    const QRect area = rect.normalized();
    const auto [first, last] = rowsIn(area.top(), area.bottom() + 1);
    for (int row = first; row <= last; ++row)
        for (int column = 0; column < columns(); ++column) {
            const int position = row * columns() + column;
            if (position < count && tileRect(position).intersects(area)) positions.push_back(position);
        }
    return positions;
}

std::vector<int> tileSizes(QSize picture, double devicePixelRatio) {
    const int smallest = int(std::lround(16 * devicePixelRatio)), largest = int(std::lround(512 * devicePixelRatio));
    const int side = std::max(picture.width(), picture.height());
    std::vector<int> sizes;
    if (picture.isEmpty() || side > largest) {
        for (int step : {16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512}) sizes.push_back(int(std::lround(step * devicePixelRatio)));
        return sizes;
    }
    for (int size = side / 2; size >= smallest; size /= 2) sizes.push_back(size);
    for (int size = side; size <= largest; size += side)
        if (size >= smallest) sizes.push_back(size);
    std::sort(sizes.begin(), sizes.end());
    if (sizes.front() > smallest && side > smallest) sizes.insert(sizes.begin(), smallest);
    return sizes;
}

} // namespace strata
