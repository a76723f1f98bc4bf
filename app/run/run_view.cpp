// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/run_view.h"

namespace strata::studio {
namespace {

template <class T> void appendTo(std::vector<T>& all, const std::vector<T>& more) { all.insert(all.end(), more.begin(), more.end()); }

} // namespace

void RunCurves::Column::append(const Column& more) {
    appendTo(x, more.x);
    appendTo(y, more.y);
}

void RunCurves::append(const RunCurves& more) {
    loss.append(more.loss);
    learningRate.append(more.learningRate);
    imagesPerSecond.append(more.imagesPerSecond);
    trainLoss.append(more.trainLoss);
    trainAccuracy.append(more.trainAccuracy);
    validationLoss.append(more.validationLoss);
    validationAccuracy.append(more.validationAccuracy);
    appendTo(stepSeconds, more.stepSeconds);
    if (more.stepsPerEpoch > 0) stepsPerEpoch = more.stepsPerEpoch;
    if (more.epochs > 0) epochs = more.epochs;
}

} // namespace strata::studio
