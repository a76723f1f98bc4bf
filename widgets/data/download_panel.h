// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/download.h"
#include "widgets/common/job.h"

#include <QWidget>

class QLabel;
class QProgressBar;
class QPushButton;

namespace strata {

/// Fetches CIFAR-10 inside a page: progress, rate, time left; can be stopped and taken up where it ended. GUI thread.
class DownloadPanel : public QWidget {
    Q_OBJECT
public:
    explicit DownloadPanel(QWidget* parent = nullptr);
    /// Another address (tests, mirrors).
    void setAddress(const std::string& url, const std::string& md5);
    void start(const QString& folder);
    void stop();
    bool running() const { return jobs_.running("download"); }
    QString text() const; ///< what it says now
    QPushButton* stopButton() const { return stop_; }
    QPushButton* resumeButton() const { return resume_; }

signals:
    void finished(const QString& folder);
    void closed(); ///< the person wants something else

private:
    Jobs jobs_{1};
    std::string url_, md5_;
    QString folder_;
    QLabel* title_;
    QLabel* state_;
    QLabel* problem_;
    QProgressBar* bar_;
    QPushButton* stop_;
    QPushButton* resume_;
    QPushButton* close_;
    void showProgress(const DownloadProgress& progress);
    void showStopped(const QString& sentence, bool error);
};

} // namespace strata
