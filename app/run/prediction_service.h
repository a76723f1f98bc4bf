// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/evaluate.h"
#include "core/model/model_file.h"
#include "core/predict/predictor.h"
#include "widgets/common/job.h"

#include <QObject>
#include <QString>
#include <memory>
#include <vector>

namespace strata::studio {

class RunCenter;

/// A network that can predict: the shipped one, or a checkpoint of a run.
struct ModelChoice {
    QString id;      ///< "included", or "RUNFOLDER#best" / "RUNFOLDER#last"
    QString title;   ///< "Included CIFAR-10 network", "Run 3, best (epoch 18), 92.4 %"
    QString runPath; ///< empty for the included one
    bool newest = false;
};

/// The list of networks and their loading, shared by Evaluate, Predict and Export. Loaded models are cached (the last three) and
/// immutable. GUI thread; loading in jobs.
class ModelShelf : public QObject {
    Q_OBJECT
public:
    ModelShelf(RunCenter& runs, QObject* parent = nullptr);

    std::vector<ModelChoice> choices() const; ///< newest run first, the included one last
    /// nullptr where it is gone.
    const ModelChoice* find(const QString& id) const;
    /// Reads the file of a choice. Any thread; throws Error(BadFile).
    static std::shared_ptr<const ModelFile> load(const ModelChoice& choice);
    /// The shipped model's file, "" where it is not installed.
    static QString includedModel();
    /// The installed resources folder (models, samples), or the source tree's.
    static QString resourceFolder();

signals:
    void changed();

private:
    RunCenter& runs_;
    bool included_; ///< the shipped network is installed
    std::vector<ModelChoice> choices_;
    void refresh();
};

} // namespace strata::studio
