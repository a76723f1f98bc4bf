// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/train/curve_style.h"

#include <qcustomplot.h>

namespace strata {

/// Ticks of a linear axis, written without locale and as short as they can be read.
class CurveTicker : public QCPAxisTicker {
public:
    CurveTicker(CurveUnit unit, int count, bool whole);

protected:
    double getTickStep(const QCPRange& range) override;
    QString getTickLabel(double tick, const QLocale& locale, QChar format, int precision) override;
    int getSubTickCount(double) override { return 0; }

private:
    CurveUnit unit_;
    bool whole_; ///< no ticks between integers where several of those are seen
    double step_ = 1;
};

/// Ticks of a logarithmic axis: powers of ten, with 2 and 5 between them where there is room.
class CurveLogTicker : public QCPAxisTicker {
public:
    CurveLogTicker(CurveUnit unit, int count) : unit_(unit), count_(count) {}

protected:
    void generate(const QCPRange& range, const QLocale& locale, QChar format, int precision, QVector<double>& ticks,
                  QVector<double>* subTicks, QVector<QString>* labels) override;

private:
    CurveUnit unit_;
    int count_;
};

} // namespace strata
