// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/evaluation_store.h"
#include "app/run/prediction_service.h"
#include "core/base/json.h"

#include <atomic>
#include <memory>
#include <stop_token>

namespace strata::studio {

struct OpenData;

/// How far a job is; written by its thread, read by the window.
struct JobProgress {
    std::atomic<int64_t> done{0}, total{0};
};

/// What is to be measured.
struct EvaluationTask {
    ModelChoice model;
    std::shared_ptr<const OpenData> data;
    Json edits;       ///< of the project; an EditList
    std::string spec; ///< the project's data
    QString split;
    std::shared_ptr<JobProgress> progress;
};

/// Measures it, the edits in force. Worker thread; throws Error.
EvaluationStore::Result runEvaluation(const EvaluationTask& task, std::stop_token stop);

/// Whether the data's pictures come out of the model's preprocessing as the network takes them.
bool takesPicturesOf(const ModelFile& model, const DataSource& source);
/// The samples of a split: "train", "validation", "test".
DatasetPtr splitOf(const DataSource& source, const QString& split);

/// The words that name a model for `strata`: --run DIR --checkpoint best, or --weights FILE.
QStringList modelWords(const ModelChoice& choice);

} // namespace strata::studio
