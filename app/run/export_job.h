// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/evaluation_job.h"
#include "app/run/prediction_service.h"
#include "core/formats/formats.h"

#include <atomic>
#include <memory>
#include <stop_token>
#include <string>

namespace strata::studio {

struct OpenData;

/// The three things an export does, in this order.
enum class ExportStage { Write, ReadBack, Compare, Done };

struct ExportProgress {
    std::atomic<ExportStage> stage{ExportStage::Write};
};

struct ExportTask {
    ModelChoice model;
    QString path;
    std::string format;                   ///< FormatDef::spec.id
    std::shared_ptr<const OpenData> data; ///< its test images are compared; null or unfitting: made-up ones
    std::shared_ptr<ExportProgress> progress;
};

struct ExportOutcome {
    ExportReport report;
    ExportStage failedAt = ExportStage::Done; ///< Done: nothing failed
    QString problem;                          ///< the sentence of what failed
    bool comparable = true;                   ///< false: the format holds no weights
    bool testImages = false;                  ///< compared on the data's test images, else on made-up ones
    int64_t images = 0, same = 0;             ///< compared; with the same most probable class
    double largestDifference = 0;             ///< between two probabilities
};

/// Writes the file, reads it again as a stranger would, and compares what both networks say of up to 100 images: the one that
/// was exported as it was trained, the one from the file as Predict runs it. What fails is in the outcome. Worker thread.
ExportOutcome runExport(const ExportTask& task, std::stop_token stop);

} // namespace strata::studio
