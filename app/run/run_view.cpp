// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/run_view.h"
#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/base/log.h"
#include "core/train/json_fields.h"

namespace strata::studio {
namespace {

constexpr uint64_t kLabelLimit = 1 << 20;

std::string labelFile(const std::string& runFolder) { return joinPath(runFolder, "studio.json"); }

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

RunLabel RunLabel::read(const std::string& runFolder) {
    RunLabel label;
    const std::string path = labelFile(runFolder);
    if (!fs().status(path).exists) return label;
    try {
        const Json json = parseJson(readTextFile(path, kLabelLimit), path);
        JsonFields fields(json, path);
        label.name = fields.get<std::string>("name", "");
        label.note = fields.get<std::string>("note", "");
        label.hidden = fields.get<bool>("hidden", false);
    } catch (const Error& error) { logOnce(LogLevel::Warning, path, error.what()); }
    return label;
}

void RunLabel::write(const std::string& runFolder) const {
    const Json json = {{"version", 1}, {"name", name}, {"note", note}, {"hidden", hidden}};
    writeFileAtomically(labelFile(runFolder), toText(json, 2) + "\n");
}

} // namespace strata::studio
