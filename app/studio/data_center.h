// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/document/project_document.h"
#include "core/base/error.h"
#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "widgets/common/job.h"

#include <QObject>
#include <memory>
#include <optional>

namespace strata::studio {

/// An opened dataset: immutable, shared with jobs.
struct OpenData {
    DataSource source; ///< as the files are, without the project's edits
    DataStatistics statistics;
    Pipeline defaultPipeline;
};

/// The data of the project: opened in a job when Section::Data changes; what every page reads. GUI thread.
class DataCenter : public QObject {
    Q_OBJECT
public:
    DataCenter(ProjectDocument& document, QObject* parent = nullptr);

    /// Null: none, still opening, or failed.
    std::shared_ptr<const OpenData> data() const { return data_; }
    bool opening() const { return opening_; }
    QString problem() const { return problem_; } ///< why it could not be opened
    /// The project's pipeline, or the data's default; nullopt without either.
    std::optional<Pipeline> pipeline() const;
    /// What the network receives, [C, H, W]; empty if unknown.
    Shape networkInput() const;
    std::vector<std::string> classes() const;

    /// An undo step "Open CIFAR-10"; adapts nothing else.
    void open(const QString& spec);
    void reload();
    /// Sources found on this machine: Fashion-MNIST of Debian, CIFAR-10 in usual places and the recent ones.
    struct Found {
        QString spec, title, detail;
    };
    std::vector<Found> found() const;
    void addFound(const QString& spec, const QString& title);

signals:
    void changed(); ///< data(), opening() or problem() changed

private:
    ProjectDocument& document_;
    Jobs jobs_;
    std::shared_ptr<const OpenData> data_;
    QString problem_, spec_;
    std::vector<Found> recent_;
    bool opening_ = false;
    void refresh(bool force);
};

} // namespace strata::studio
