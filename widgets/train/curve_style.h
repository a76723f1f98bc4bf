// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/train/curve_data.h"

#include <QPen>
#include <QString>

class QPainter;
class QRectF;

namespace strata {

/// How a curve is drawn: the run's colour, its dashes beyond eight runs, and whether it is validation (2 px) or training
/// (1.25 px, 60 %).
struct CurveStyle {
    QString run;    ///< "Run 3": the row in a legend
    int number = 1; ///< from 1; colour and dashes
    bool validation = true;
    bool smoothable = false; ///< one value a batch
    bool operator==(const CurveStyle&) const = default;
};

QPen curvePen(const CurveStyle& style);
/// The noisy line behind a smoothed one.
QPen rawPen(const CurveStyle& style);
/// A piece of the run's line, vertically centred in `rect`: the key between table, legend and plots.
void drawLineSample(QPainter& painter, const QRectF& rect, int number, bool enabled = true);

/// What values of an axis mean, for their ticks and read-outs.
enum class CurveUnit { Plain, Percent, Count, Rate, Seconds };
/// A value as short as it can be read: "0.312", "91.4 %", "12.4 k", "2e-5", "4:05".
QString curveValueText(double value, CurveUnit unit);
/// The same for a tick among others `step` apart, without the unit.
QString curveTickText(double value, CurveUnit unit, double step);
/// "Step", "Epoch", "Time".
QString curveXTitle(CurveX axis);
/// "step 1,200", "epoch 3.42", "4:05".
QString curveXText(double value, CurveX axis);

} // namespace strata
