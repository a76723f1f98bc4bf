// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/evaluate.h"

#include <QObject>
#include <QString>
#include <memory>
#include <string>
#include <vector>

namespace strata::studio {

/// A network measured on one split of the project's data.
struct EvaluationResult {
    QString modelId, modelTitle; ///< ModelChoice::id and title
    QString split;               ///< "test" or "validation"
    std::string data;            ///< source spec
    std::string fingerprint;     ///< of the data with the edits that were in force
    std::vector<std::string> classes;
    /// evaluation.samples: one entry a picture; their `index` is the place in the split as the files are (OpenData::source),
    /// without the project's edits. Excluded pictures have no entry; a relabelled one has its new label.
    Evaluation evaluation;
};

/// The evaluations of this session, one for each (network, split): the Evaluate page fills it, the Data page filters and sorts by it.
/// GUI thread.
class EvaluationStore : public QObject {
    Q_OBJECT
public:
    using Result = std::shared_ptr<const EvaluationResult>;
    using QObject::QObject;

    /// Replaces an older one of the same network and split; it becomes the newest.
    void add(const Result& result);
    /// Null if there is none.
    Result find(const QString& modelId, const QString& split) const;
    /// The one added last for that split, null if there is none: what the Data page shows.
    Result newest(const QString& split) const;
    /// Other data were opened.
    void clear();

signals:
    void changed();

private:
    std::vector<Result> results_; ///< oldest first
};

} // namespace strata::studio
