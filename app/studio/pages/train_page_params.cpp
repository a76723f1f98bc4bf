// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/train_page_params.h"
#include "app/studio/pages/train_page_settings.h"
#include "core/train/loss.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"

#include <cmath>

namespace strata::studio {
namespace {

std::string translated(const char* text) { return TrainSettings::tr(text).toStdString(); }

/// Parameters of a component that are not as `usual` has them (where it is the same component) or as its definition says.
int differences(const ComponentSpec& spec, const ComponentChoice& choice, const ComponentChoice& usual, const char* except) {
    int count = 0;
    for (const ParamDef& def : spec.params) {
        if (def.id == except || !choice.params.contains(def.id)) continue;
        const bool same = choice.id == usual.id && usual.params.contains(def.id);
        count += choice.params.at(def.id) != (same ? usual.params.at(def.id) : def.defaultValue);
    }
    return count;
}

} // namespace

std::vector<ParamDef> otherParams() {
    const TrainConfig usual;
    return {
        realParam("clip_norm", translated(QT_TR_NOOP("Gradient clipping")), usual.clipNorm, 0, 1e9,
                  translated(QT_TR_NOOP("Gradients longer than this are shortened to it; 0: never."))),
        integerParam("early_stop", translated(QT_TR_NOOP("Early stopping, epochs")), usual.earlyStop, 0, 1'000'000,
                     translated(QT_TR_NOOP("Ends the run after so many epochs without a better validation; 0: never."))),
        booleanParam("augment", translated(QT_TR_NOOP("Random transforms")), usual.augment,
                     translated(QT_TR_NOOP("Crops, flips and colours are drawn anew for each picture."))),
        integerParam("seed", translated(QT_TR_NOOP("Seed")), usual.seed, 0, 2'000'000'000,
                     translated(QT_TR_NOOP("Of weights, order, random transforms and dropout."))),
        integerParam("split_seed", translated(QT_TR_NOOP("Split seed")), usual.splitSeed, 0, 2'000'000'000,
                     translated(QT_TR_NOOP("Which pictures become the validation set."))),
        realParam("validation_fraction", translated(QT_TR_NOOP("Validation part")), usual.validationFraction, 0, 0.9,
                  translated(QT_TR_NOOP("Of the training pictures, where the data bring no validation set."))),
        booleanParam("checkpoint_epochs", translated(QT_TR_NOOP("Checkpoint after each epoch")), usual.checkpointEpochs,
                     translated(QT_TR_NOOP("Otherwise after an epoch that is the best so far, and by time."))),
        realParam("checkpoint_seconds", translated(QT_TR_NOOP("Seconds between checkpoints")), usual.checkpointSeconds, 0, 1e9,
                  translated(QT_TR_NOOP("At the latest; 0: not by time. A killed run loses at most this much."))),
        booleanParam("exact", translated(QT_TR_NOOP("Direct convolution only")), usual.exact,
                     translated(QT_TR_NOOP("Slower; leaves out Winograd's rounding."))),
    };
}

int advancedDifferences(const TrainConfig& config) {
    const TrainConfig usual;
    int count = 0;
    try {
        count += differences(optimizerDef(config.optimizer.id).spec, config.optimizer, usual.optimizer, "lr");
        count += differences(lossDef(config.loss.id).spec, config.loss, usual.loss, "");
        count += differences(scheduleDef(config.schedule.id).spec, config.schedule, usual.schedule, "");
    } catch (const Error&) { return count; } // a component of another version: the form says so
    const Json now = config.toJson(), then = usual.toJson();
    for (const ParamDef& def : otherParams()) count += now.at(def.id) != then.at(def.id);
    return count;
}

std::optional<double> estimateSeconds(const RunCenter& runs, const Project& project, int64_t trainCount) {
    const std::vector<RunView>& all = runs.runs();
    for (auto run = all.rbegin(); run != all.rend(); ++run) {
        const bool sameNetwork = !run->model.isEmpty() && run->model.toStdString() == project.model.name;
        if (!sameNetwork || run->epochProgress < 0.05 || run->seconds <= 0 || run->trainCount <= 0) continue;
        const double perPicture = run->seconds / run->epochProgress / double(run->trainCount);
        return perPicture * double(trainCount) * double(project.training.epochs);
    }
    return std::nullopt;
}

QString roughDuration(double seconds) {
    if (seconds < 90) return TrainSettings::tr("%1 s").arg(std::max<long>(1, std::lround(seconds)));
    if (seconds < 5400) return TrainSettings::tr("%1 min").arg(std::lround(seconds / 60));
    return TrainSettings::tr("%1 h").arg(QString::number(seconds / 3600, 'f', seconds < 36000 ? 1 : 0));
}

} // namespace strata::studio
