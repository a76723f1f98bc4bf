// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/photo_predictor.h"
#include "widgets/predict/photo_table.h"

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace strata::studio {

/// Answers for many photos, one after the other in a worker; the window gets them in bunches, ten times a second. GUI thread.
class FolderPredictor : public QObject {
    Q_OBJECT
public:
    explicit FolderPredictor(QObject* parent = nullptr);
    ~FolderPredictor() override;

    /// Lists the photos of a flat folder, then answers.
    void openFolder(const QString& folder, const ModelChoice& choice);
    void openPaths(const QStringList& paths, const ModelChoice& choice);
    /// The same photos, another network.
    void setModel(const ModelChoice& choice);
    void stop();
    bool running() const { return jobs_.running("folder"); }
    int total() const { return int(paths_.size()); }
    int done() const { return done_; }
    double photosPerSecond() const;
    const std::vector<std::string>& paths() const { return paths_; }

signals:
    void listed(); ///< paths() is known
    void rowsReady(int first, const std::vector<strata::PhotoRow>& rows);
    void finished();
    void failed(const QString& sentence);

private:
    struct Mailbox;
    std::vector<std::string> paths_;
    std::shared_ptr<Mailbox> mailbox_;
    int done_ = 0;
    QElapsedTimer started_;
    QTimer timer_;
    Jobs jobs_{1};
    void run(const ModelChoice& choice);
    void empty();
};

} // namespace strata::studio
