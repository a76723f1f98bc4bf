// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/folder_predictor.h"
#include "app/run/compute_turn.h"
#include "core/predict/photos.h"
#include "widgets/common/picture.h"

#include <mutex>

namespace strata::studio {
namespace {

constexpr int kTop = 5, kThumbnail = 64, kTickMs = 100;

QImage thumbnail(const Image& pixels) {
    const QImage whole = toImage(pixels);
    const int side = std::min(whole.width(), whole.height());
    const QImage square = whole.copy((whole.width() - side) / 2, (whole.height() - side) / 2, side, side);
    // Large photos first roughly, then well: as good to look at, and many times as fast.
    const QImage rough = side > 8 * kThumbnail ? square.scaled(4 * kThumbnail, 4 * kThumbnail) : square;
    return rough.scaled(kThumbnail, kThumbnail, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
}

PhotoRow look(const std::string& path, const ModelChoice& choice, PredictorSlot& slot) {
    PhotoRow row;
    row.result.path = path;
    try {
        const Image pixels = readImage(path);
        row.result.width = pixels.width;
        row.result.height = pixels.height;
        row.thumbnail = thumbnail(pixels);
        const ComputeTurn turn;
        row.result.prediction = slot.get(choice)->predict(pixels, kTop);
    } catch (const Error& error) {
        row.result.problem = error.what();
        row.result.kind = error.kind();
    }
    return row;
}

} // namespace

struct FolderPredictor::Mailbox {
    std::mutex mutex;
    int first = 0;
    std::vector<PhotoRow> rows;
};

FolderPredictor::FolderPredictor(QObject* parent) : QObject(parent) {
    timer_.setInterval(kTickMs);
    connect(&timer_, &QTimer::timeout, this, &FolderPredictor::empty);
}
FolderPredictor::~FolderPredictor() = default;

void FolderPredictor::openFolder(const QString& folder, const ModelChoice& choice) {
    stop();
    jobs_.start(
        "list", [path = folder.toStdString()](std::stop_token) { return photosIn(path); },
        [this, choice](std::vector<std::string> paths) {
            paths_ = std::move(paths);
            run(choice);
        },
        [this](const QString& sentence) { emit failed(sentence); });
}

void FolderPredictor::openPaths(const QStringList& paths, const ModelChoice& choice) {
    stop();
    paths_.clear();
    for (const QString& path : paths) paths_.push_back(path.toStdString());
    run(choice);
}

void FolderPredictor::setModel(const ModelChoice& choice) {
    if (paths_.empty()) return;
    stop();
    run(choice);
}

void FolderPredictor::run(const ModelChoice& choice) {
    done_ = 0;
    mailbox_ = std::make_shared<Mailbox>();
    emit listed();
    started_.start();
    timer_.start();
    jobs_.start(
        "folder",
        [paths = paths_, choice, mailbox = mailbox_](std::stop_token stop) {
            PredictorSlot slot;
            {
                const ComputeTurn turn; // a network that cannot be read is one sentence, not one a photo
                slot.get(choice);
            }
            for (const std::string& path : paths) {
                if (stop.stop_requested()) return;
                PhotoRow row = look(path, choice, slot);
                const std::scoped_lock lock(mailbox->mutex);
                mailbox->rows.push_back(std::move(row));
            }
        },
        [this] {
            empty();
            timer_.stop();
            emit finished();
        },
        [this](const QString& sentence) {
            timer_.stop();
            emit failed(sentence);
        });
}

void FolderPredictor::empty() {
    if (!mailbox_) return;
    std::vector<PhotoRow> rows;
    int first = 0;
    {
        const std::scoped_lock lock(mailbox_->mutex);
        first = mailbox_->first;
        rows.swap(mailbox_->rows);
        mailbox_->first += int(rows.size());
    }
    if (rows.empty()) return;
    done_ = first + int(rows.size());
    emit rowsReady(first, rows);
}

void FolderPredictor::stop() {
    empty();
    jobs_.cancelAll();
    timer_.stop();
    mailbox_.reset();
}

double FolderPredictor::photosPerSecond() const {
    const double seconds = double(started_.elapsed()) / 1000;
    return seconds > 0 ? done_ / seconds : 0;
}

} // namespace strata::studio
