// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/curve_ticker.h"

#include <algorithm>
#include <cmath>

namespace strata {

CurveTicker::CurveTicker(CurveUnit unit, int count, bool whole) : unit_(unit), whole_(whole) {
    setTickCount(std::max(count, 2));
    setTickStepStrategy(tssReadability);
}

double CurveTicker::getTickStep(const QCPRange& range) {
    if (unit_ == CurveUnit::Seconds) { // steps that clocks have
        const double wished = range.size() / tickCount();
        for (const double step : {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400})
            if (step >= wished) return step_ = step;
        return step_ = std::ceil(wished / 86400) * 86400;
    }
    step_ = QCPAxisTicker::getTickStep(range);
    if (whole_ && range.size() >= 2 && step_ != std::floor(step_)) step_ = step_ < 1 ? 1 : step_ * 2; // 2.5 becomes 5
    return step_;
}

QString CurveTicker::getTickLabel(double tick, const QLocale&, QChar, int) { return curveTickText(tick, unit_, step_); }

void CurveLogTicker::generate(const QCPRange& range, const QLocale&, QChar, int, QVector<double>& ticks, QVector<double>* subTicks,
                              QVector<QString>* labels) {
    ticks.clear();
    if (subTicks) subTicks->clear();
    if (labels) labels->clear();
    if (!(range.lower > 0) || !(range.upper > range.lower)) return;
    const double decades = std::log10(range.upper / range.lower);
    const int stride = std::max(1, int(std::ceil(decades / std::max(count_, 1))));
    const std::vector<double> within = decades * 3 <= count_ * 1.5 ? std::vector<double>{1, 2, 3, 5, 7}
                                       : decades * 2 <= count_     ? std::vector<double>{1, 2, 5}
                                                                   : std::vector<double>{1};
    for (int power = int(std::floor(std::log10(range.lower))); power <= int(std::ceil(std::log10(range.upper))); ++power) {
        if (power % stride != 0) continue;
        for (const double digit : within)
            if (const double tick = digit * std::pow(10.0, power); tick >= range.lower * (1 - 1e-9) && tick <= range.upper * (1 + 1e-9))
                ticks.append(tick);
    }
    if (ticks.isEmpty()) ticks = {range.lower, range.upper};
    if (labels)
        for (const double tick : ticks)
            labels->append(unit_ == CurveUnit::Percent ? QString::number(tick, 'g', 3) : curveValueText(tick, unit_));
}

} // namespace strata
