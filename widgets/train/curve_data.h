// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/train/pyramid.h"

#include <limits>

namespace strata {

/// What runs along the x axis of training plots.
enum class CurveX { Step, Epoch, Time };

/// The points of one curve; they only grow in number, x never falls. GUI thread.
class CurveData {
public:
    /// `seconds`: spent training until then.
    void append(double step, double seconds, double y);
    void clear();
    size_t size() const { return raw_.size(); }
    /// 0: epochs are not known, the step stands for them.
    void setStepsPerEpoch(double steps) { stepsPerEpoch_ = steps; }

    double x(size_t i, CurveX axis) const;
    double y(size_t i) const { return raw_[i]; }
    double smoothed(size_t i) const { return weight_ > 0 ? smooth_[i] : raw_[i]; }
    double step(size_t i) const { return step_[i]; }
    double seconds(size_t i) const { return seconds_[i]; }
    /// Index of the first point at or behind x.
    size_t lowerBound(double x, CurveX axis) const;
    /// Point nearest to x; size() if there are none.
    size_t nearest(double x, CurveX axis) const;

    /// Exponential moving average with this weight of the past, 0 to 0.999, corrected for its start (as TensorBoard draws
    /// it); 0: none.
    void setSmoothing(double weight);
    double smoothing() const { return weight_; }
    const Pyramid& raw() const { return raw_; }
    const Pyramid& shown() const { return weight_ > 0 ? smooth_ : raw_; }
    double smallestPositive() const { return smallestPositive_; } ///< infinity if there is none

private:
    std::vector<double> step_, seconds_;
    Pyramid raw_, smooth_;
    double stepsPerEpoch_ = 0;
    double weight_ = 0, average_ = 0, share_ = 1; ///< share_: weight^n, what the average still lacks
    double smallestPositive_ = std::numeric_limits<double>::infinity();
    void smoothOne(double y);
    double scale(CurveX axis) const { return axis == CurveX::Epoch && stepsPerEpoch_ > 0 ? 1 / stepsPerEpoch_ : 1; }
};

} // namespace strata
