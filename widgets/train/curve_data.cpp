// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/curve_data.h"

#include <algorithm>
#include <cmath>

namespace strata {

void CurveData::append(double step, double seconds, double y) {
    step_.push_back(step_.empty() ? step : std::max(step, step_.back()));
    seconds_.push_back(seconds_.empty() ? seconds : std::max(seconds, seconds_.back()));
    raw_.append(y);
    if (std::isfinite(y) && y > 0) smallestPositive_ = std::min(smallestPositive_, y);
    if (weight_ > 0) smoothOne(y);
}

void CurveData::clear() {
    step_.clear();
    seconds_.clear();
    raw_.clear();
    smooth_.clear();
    average_ = 0;
    share_ = 1;
    smallestPositive_ = std::numeric_limits<double>::infinity();
}

void CurveData::smoothOne(double y) {
    if (std::isfinite(y)) {
        average_ = weight_ * average_ + (1 - weight_) * y;
        share_ *= weight_;
    }
    smooth_.append(std::isfinite(y) ? average_ / (1 - share_) : y);
}

void CurveData::setSmoothing(double weight) {
    weight = std::clamp(weight, 0.0, 0.999);
    if (weight == weight_) return;
    weight_ = weight;
    average_ = 0;
    share_ = 1;
    smooth_.clear();
    if (weight_ > 0)
        for (const double y : raw_.values()) smoothOne(y);
}

double CurveData::x(size_t i, CurveX axis) const { return axis == CurveX::Time ? seconds_[i] : step_[i] * scale(axis); }

size_t CurveData::lowerBound(double x, CurveX axis) const {
    const std::vector<double>& xs = axis == CurveX::Time ? seconds_ : step_;
    const double factor = scale(axis);
    return size_t(std::lower_bound(xs.begin(), xs.end(), x, [factor](double a, double b) { return a * factor < b; }) - xs.begin());
}

size_t CurveData::nearest(double at, CurveX axis) const {
    const size_t right = lowerBound(at, axis);
    if (right == 0 || size() == 0) return right;
    if (right == size()) return right - 1;
    return at - x(right - 1, axis) <= x(right, axis) - at ? right - 1 : right;
}

} // namespace strata
