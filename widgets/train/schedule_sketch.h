// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/train/config.h"

#include <QString>
#include <QWidget>
#include <vector>

namespace strata {

/// The learning rate over the planned steps, as core/train/schedule.h gives it; where it can not, why.
class ScheduleSketch : public QWidget {
    Q_OBJECT
public:
    explicit ScheduleSketch(QWidget* parent = nullptr);
    /// `stepsPerEpoch`: 0 where the data are not known (100 stand for them).
    void setPlan(const ComponentChoice& schedule, double baseRate, int64_t epochs, int64_t stepsPerEpoch);
    /// A run's progress in epochs, drawn as a mark; below 0: none.
    void setProgress(double epochs);
    const std::vector<double>& rates() const { return rates_; } ///< evenly over the run, first and last step included
    QString problem() const { return problem_; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<double> rates_;
    QString problem_;
    int64_t epochs_ = 0;
    double progress_ = -1;
    QRectF plotRect() const;
    void describe();
};

} // namespace strata
