// SPDX-License-Identifier: Apache-2.0
#include "core/data/shapes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace strata {

namespace {

constexpr int kSide = int(kShapesSide);

struct Point {
    double x, y;
};
using Polygon = std::vector<Point>;
using Color = std::array<double, 3>;

/// Corners alternate between the two radii (equal radii: a regular polygon of 2n corners is not needed, use n and inner = 0).
Polygon regular(int corners, double outer, double inner) {
    Polygon polygon;
    const int count = inner > 0 ? 2 * corners : corners;
    for (int i = 0; i < count; ++i) {
        const double radius = inner > 0 && i % 2 == 1 ? inner : outer;
        const double angle = 2 * std::numbers::pi * i / count - std::numbers::pi / 2;
        polygon.push_back({radius * std::cos(angle), radius * std::sin(angle)});
    }
    return polygon;
}

/// x = 16 sin^3 t, y = 13 cos t - 5 cos 2t - 2 cos 3t - cos 4t (Wolfram MathWorld, "Heart Curve"), scaled to the unit circle.
Polygon heart() {
    Polygon polygon;
    for (int i = 0; i < 28; ++i) {
        const double t = 2 * std::numbers::pi * i / 28;
        const double s = std::sin(t);
        polygon.push_back({s * s * s, -(13 * std::cos(t) - 5 * std::cos(2 * t) - 2 * std::cos(3 * t) - std::cos(4 * t) + 2.5) / 15});
    }
    return polygon;
}

const Polygon& polygonOf(int64_t label) {
    static const std::array<Polygon, 10> polygons{
        Polygon{},
        Polygon{{-.75, -.75}, {.75, -.75}, {.75, .75}, {-.75, .75}},
        regular(3, 1.05, 0),
        regular(5, 1.1, .45),
        Polygon{{-.3, -1}, {.3, -1}, {.3, -.3}, {1, -.3}, {1, .3}, {.3, .3}, {.3, 1}, {-.3, 1}, {-.3, .3}, {-1, .3}, {-1, -.3}, {-.3, -.3}},
        Polygon{},
        Polygon{},
        heart(),
        Polygon{{0, -1.05}, {.85, -.1}, {.3, -.1}, {.3, 1}, {-.3, 1}, {-.3, -.1}, {-.85, -.1}},
        regular(6, 1, 0),
    };
    return polygons[size_t(label)];
}

/// Signed distance to a polygon, negative inside (Quilez, "2D distance functions").
double polygonDistance(const Polygon& polygon, Point p) {
    double nearest = 1e30, sign = 1;
    for (size_t i = 0, j = polygon.size() - 1; i < polygon.size(); j = i++) {
        const Point a = polygon[i], b = polygon[j];
        const double ex = b.x - a.x, ey = b.y - a.y, wx = p.x - a.x, wy = p.y - a.y;
        const double along = std::clamp((wx * ex + wy * ey) / (ex * ex + ey * ey), 0.0, 1.0);
        const double dx = wx - along * ex, dy = wy - along * ey;
        nearest = std::min(nearest, dx * dx + dy * dy);
        const bool above = p.y >= a.y, below = p.y<b.y, left = ex * wy> ey * wx;
        if ((above && below && left) || (!above && !below && !left)) sign = -sign;
    }
    return sign * std::sqrt(nearest);
}

double figureDistance(int64_t label, Point p) {
    const double radius = std::sqrt(p.x * p.x + p.y * p.y);
    if (label == 0) return radius - .9;
    if (label == 5) return std::abs(radius - .72) - .2;
    if (label == 6) {
        const double bite = std::sqrt((p.x - .45) * (p.x - .45) + p.y * p.y) - .72;
        return std::max(radius - .95, -bite);
    }
    return polygonDistance(polygonOf(label), p);
}

Color randomColor(Philox& draws) { return {draws.uniform(20, 235), draws.uniform(20, 235), draws.uniform(20, 235)}; }

/// A colour at least 100 away from the other one (of 441 between black and white): tries eight times, else its opposite.
Color contrastingColor(Philox& draws, const Color& other) {
    for (int attempt = 0; attempt < 8; ++attempt) {
        const Color color = randomColor(draws);
        double square = 0;
        for (size_t c = 0; c < 3; ++c) square += (color[c] - other[c]) * (color[c] - other[c]);
        if (square >= 100.0 * 100.0) return color;
    }
    return {other[0] < 128 ? 235.0 : 20.0, other[1] < 128 ? 235.0 : 20.0, other[2] < 128 ? 235.0 : 20.0};
}

struct Canvas {
    std::array<Color, size_t(kSide* kSide)> pixels;

    void blend(int x, int y, const Color& color, double coverage) {
        Color& pixel = pixels[size_t(y * kSide + x)];
        for (size_t c = 0; c < 3; ++c) pixel[c] += coverage * (color[c] - pixel[c]);
    }
};

/// A base colour and three waves of random direction, length and colour.
void paintBackground(Canvas& canvas, const Color& base, Philox& draws) {
    canvas.pixels.fill(base);
    for (int wave = 0; wave < 3; ++wave) {
        const double angle = draws.uniform(0, 6.2831853f), length = draws.uniform(6, 28), phase = draws.uniform(0, 6.2831853f);
        const Color amplitude{draws.uniform(-18, 18), draws.uniform(-18, 18), draws.uniform(-18, 18)};
        const double kx = std::cos(angle) * 2 * std::numbers::pi / length, ky = std::sin(angle) * 2 * std::numbers::pi / length;
        for (int y = 0; y < kSide; ++y) {
            for (int x = 0; x < kSide; ++x) {
                const double value = std::sin(kx * x + ky * y + phase);
                Color& pixel = canvas.pixels[size_t(y * kSide + x)];
                for (size_t c = 0; c < 3; ++c) pixel[c] += amplitude[c] * value;
            }
        }
    }
}

void paintBlob(Canvas& canvas, Philox& draws) {
    const Color color = randomColor(draws);
    const double cx = draws.uniform(0, 32), cy = draws.uniform(0, 32), radius = draws.uniform(2, 4);
    for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
            const double distance = std::hypot(x + .5 - cx, y + .5 - cy) - radius;
            canvas.blend(x, y, color, std::clamp(.5 - distance, 0.0, 1.0));
        }
    }
}

void paintFigure(Canvas& canvas, int64_t label, const Color& color, Philox& draws) {
    const double cx = draws.uniform(12, 20), cy = draws.uniform(12, 20), scale = draws.uniform(8, 12.5f);
    const double angle = draws.uniform(0, 6.2831853f), cosine = std::cos(angle) / scale, sine = std::sin(angle) / scale;
    for (int y = 0; y < kSide; ++y) {
        for (int x = 0; x < kSide; ++x) {
            const double dx = x + .5 - cx, dy = y + .5 - cy;
            if (dx * dx + dy * dy > 1.5 * scale * scale) continue;
            const double distance = figureDistance(label, {cosine * dx + sine * dy, cosine * dy - sine * dx}) * scale;
            if (distance < .5) canvas.blend(x, y, color, std::clamp(.5 - distance, 0.0, 1.0));
        }
    }
}

} // namespace

const std::vector<std::string>& shapeClassNames() {
    static const std::vector<std::string> names{"circle", "square",   "triangle", "star",  "cross",
                                                "ring",   "crescent", "heart",    "arrow", "hexagon"};
    return names;
}

void drawShape(int64_t label, Philox draws, uint8_t* into) {
    Canvas canvas;
    const Color background = randomColor(draws);
    const Color figure = contrastingColor(draws, background);
    const double noise = draws.uniform(4, 16);
    paintBackground(canvas, background, draws);
    paintBlob(canvas, draws);
    paintFigure(canvas, label, figure, draws);
    for (size_t i = 0; i < canvas.pixels.size(); ++i) {
        // The sum of the four bytes of a word is close to normal: mean 510, deviation 147.8.
        for (size_t c = 0; c < 3; ++c) {
            const uint32_t word = draws.next();
            const double sum = double((word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24));
            const double value = canvas.pixels[i][c] + noise * (sum - 510) / 147.8;
            into[c * canvas.pixels.size() + i] = uint8_t(std::clamp(value + .5, 0.0, 255.0));
        }
    }
}

} // namespace strata
