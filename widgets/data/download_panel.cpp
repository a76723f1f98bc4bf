// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/download_panel.h"
#include "core/base/text.h"
#include "widgets/common/controls.h"

#include <QBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <chrono>

namespace strata {
namespace {

constexpr int kWidth = 440;
constexpr int kSteps = 1000;
constexpr auto kEvery = std::chrono::milliseconds(100);

QString bytesText(uint64_t bytes) { return QString::fromStdString(formatBytes(bytes)); }

} // namespace

DownloadPanel::DownloadPanel(QWidget* parent) : QWidget(parent) {
    auto* outer = makeColumn(this, 0, measure::kSpace24);
    auto* inside = new QWidget;
    inside->setMaximumWidth(kWidth);
    auto* column = makeColumn(inside, measure::kSpace12);
    title_ = makeHeading(tr("Downloading CIFAR-10"));
    title_->setAlignment(Qt::AlignCenter);
    bar_ = new QProgressBar;
    bar_->setRange(0, kSteps);
    bar_->setTextVisible(false);
    bar_->setAccessibleName(tr("Downloaded"));
    state_ = makeCaption({});
    state_->setAlignment(Qt::AlignCenter);
    problem_ = makeText({});
    problem_->setAlignment(Qt::AlignCenter);
    problem_->hide();
    column->addWidget(title_);
    column->addWidget(bar_);
    column->addWidget(state_);
    column->addWidget(problem_);
    auto* buttons = makeRow(nullptr);
    stop_ = makeButton(tr("Stop"), ButtonKind::Normal, "stop");
    resume_ = makeButton(tr("Continue download"), ButtonKind::Primary);
    close_ = makeButton(tr("Choose other data"), ButtonKind::Normal);
    buttons->addStretch();
    for (QPushButton* button : {stop_, resume_, close_}) buttons->addWidget(button);
    buttons->addStretch();
    column->addLayout(buttons);
    outer->addStretch(2);
    auto* center = makeRow(nullptr, 0);
    center->addStretch();
    center->addWidget(inside, 100);
    center->addStretch();
    outer->addLayout(center);
    outer->addStretch(3);
    connect(stop_, &QPushButton::clicked, this, &DownloadPanel::stop);
    connect(resume_, &QPushButton::clicked, this, [this] { start(folder_); });
    connect(close_, &QPushButton::clicked, this, &DownloadPanel::closed);
}

void DownloadPanel::setAddress(const std::string& url, const std::string& md5) {
    url_ = url;
    md5_ = md5;
}

QString DownloadPanel::text() const { return problem_->isHidden() ? state_->text() : problem_->text(); }

void DownloadPanel::start(const QString& folder) {
    if (running()) return;
    folder_ = folder;
    title_->setText(tr("Downloading CIFAR-10"));
    state_->setText(tr("Connecting"));
    problem_->hide();
    resume_->hide();
    close_->hide();
    stop_->show();
    bar_->setRange(0, 0);
    jobs_.start(
        "download",
        [this, to = folder.toStdString(), url = url_, md5 = md5_](std::stop_token stop) {
            auto last = std::chrono::steady_clock::time_point();
            const auto progress = [&](const DownloadProgress& at) {
                const auto now = std::chrono::steady_clock::now();
                if (now - last < kEvery && at.received != at.total) return;
                last = now;
                QMetaObject::invokeMethod(
                    this, [this, at] { showProgress(at); }, Qt::QueuedConnection);
            };
            downloadCifar10(to, progress, stop, url, md5);
        },
        [this] { emit finished(folder_); }, [this](const QString& sentence) { showStopped(sentence, true); });
}

void DownloadPanel::stop() {
    if (!running()) return;
    jobs_.cancel("download");
    showStopped(tr("Stopped. What has arrived is kept; the download goes on from there."), false);
}

void DownloadPanel::showProgress(const DownloadProgress& progress) {
    if (!running()) return;
    if (progress.total > 0 && progress.received >= progress.total) {
        bar_->setRange(0, 0);
        return state_->setText(tr("Checking and unpacking"));
    }
    bar_->setRange(0, progress.total > 0 ? kSteps : 0);
    if (progress.total > 0) bar_->setValue(int(double(progress.received) / double(progress.total) * kSteps));
    QString text =
        progress.total > 0 ? tr("%1 of %2").arg(bytesText(progress.received), bytesText(progress.total)) : bytesText(progress.received);
    if (progress.bytesPerSecond > 1) {
        text += "   " + tr("%1/s").arg(bytesText(uint64_t(progress.bytesPerSecond)));
        if (progress.total > 0)
            text += "   " + tr("%1 left").arg(QString::fromStdString(
                                formatDuration(double(progress.total - progress.received) / progress.bytesPerSecond)));
    }
    state_->setText(text);
}

void DownloadPanel::showStopped(const QString& sentence, bool error) {
    title_->setText(error ? tr("CIFAR-10 could not be downloaded") : tr("Download stopped"));
    if (bar_->maximum() == 0) bar_->setRange(0, kSteps);
    state_->clear();
    problem_->setText(sentence);
    problem_->show();
    stop_->hide();
    resume_->setText(error ? tr("Try again") : tr("Continue download"));
    resume_->setAccessibleName(resume_->text());
    resume_->show();
    close_->show();
    resume_->setFocus();
}

} // namespace strata
