// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/thumb_loader.h"
#include "widgets/common/picture.h"

#include <algorithm>
#include <mutex>
#include <set>

namespace strata {
namespace {

constexpr int kThreads = 2;

} // namespace

/// What the threads and the GUI thread both touch.
struct ThumbLoader::Shared {
    struct Result {
        uint64_t generation;
        int32_t id;
        QImage image; ///< null: cannot be decoded
    };
    std::mutex mutex;
    SampleIndexPtr index;
    int side = 0;
    uint64_t generation = 0;
    std::vector<int32_t> queue; ///< most wanted last
    std::set<int32_t> inWork;
    std::vector<Result> results;
    bool announced = false;
    int workers = 0;
};

ThumbLoader::ThumbLoader(QObject* parent) : QObject(parent), shared_(std::make_shared<Shared>()) {
    pool_.setMaxThreadCount(kThreads);
    pool_.setThreadPriority(QThread::LowPriority);
}

ThumbLoader::~ThumbLoader() {
    {
        std::lock_guard lock(shared_->mutex);
        shared_->queue.clear();
    }
    pool_.waitForDone();
}

void ThumbLoader::clear() {
    images_.clear();
    recent_.clear();
    before_.clear();
    broken_.clear();
    bytes_ = 0;
}

void ThumbLoader::setSource(SampleIndexPtr index, int side) {
    if (index == index_ && side == side_) return;
    if (index != index_) {
        clear();
    } else {
        if (!images_.empty()) {
            before_.clear();
            for (auto& [id, entry] : images_) before_[id] = std::move(entry.image);
        }
        images_.clear();
        recent_.clear();
        bytes_ = 0;
        for (const auto& [id, image] : before_) bytes_ += size_t(image.sizeInBytes());
    }
    index_ = std::move(index);
    side_ = side;
    std::lock_guard lock(shared_->mutex);
    shared_->index = index_;
    shared_->side = side;
    ++shared_->generation;
    shared_->queue.clear();
    shared_->inWork.clear();
    shared_->results.clear();
}

const QImage* ThumbLoader::find(int32_t id) {
    const auto found = images_.find(id);
    if (found != images_.end()) {
        recent_.splice(recent_.begin(), recent_, found->second.place);
        return &found->second.image;
    }
    const auto old = before_.find(id);
    return old == before_.end() ? nullptr : &old->second;
}

bool ThumbLoader::busy() const {
    std::lock_guard lock(shared_->mutex);
    return !shared_->queue.empty() || !shared_->inWork.empty() || !shared_->results.empty();
}

void ThumbLoader::want(std::vector<int32_t> ids) {
    std::erase_if(ids, [&](int32_t id) { return images_.contains(id) || broken_.contains(id); });
    std::reverse(ids.begin(), ids.end());
    std::lock_guard lock(shared_->mutex);
    std::erase_if(ids, [&](int32_t id) { return shared_->inWork.contains(id); });
    shared_->queue = std::move(ids);
    const int wanted = std::min(kThreads, int(shared_->queue.size()));
    for (; shared_->workers < wanted; ++shared_->workers) pool_.start([shared = shared_, this] { work(shared, this); });
}

void ThumbLoader::work(std::shared_ptr<Shared> shared, ThumbLoader* owner) {
    std::unique_lock lock(shared->mutex);
    while (!shared->queue.empty()) {
        const int32_t id = shared->queue.back();
        shared->queue.pop_back();
        shared->inWork.insert(id);
        const SampleIndexPtr index = shared->index;
        const int side = shared->side;
        const uint64_t generation = shared->generation;
        lock.unlock();
        QImage image;
        try {
            const Tensor pixels = index->sample(id).image.contiguous();
            const Shape& shape = pixels.shape();
            image = pictureImage(pixels.data<uint8_t>(), shape, fittedSize(QSize(int(shape[2]), int(shape[1])), side));
        } catch (const std::exception&) {
            image = {}; // shown as a broken picture; the details say why
        }
        lock.lock();
        if (generation != shared->generation) continue;
        shared->inWork.erase(id);
        shared->results.push_back({generation, id, std::move(image)});
        if (!shared->announced) {
            shared->announced = true;
            QMetaObject::invokeMethod(
                owner, [owner] { owner->take(); }, Qt::QueuedConnection);
        }
    }
    --shared->workers;
}

void ThumbLoader::take() {
    std::vector<Shared::Result> results;
    {
        std::lock_guard lock(shared_->mutex);
        results.swap(shared_->results);
        shared_->announced = false;
    }
    for (Shared::Result& result : results) {
        if (result.image.isNull()) {
            broken_[result.id] = true;
            continue;
        }
        if (const auto old = before_.find(result.id); old != before_.end()) {
            bytes_ -= size_t(old->second.sizeInBytes());
            before_.erase(old);
        }
        bytes_ += size_t(result.image.sizeInBytes());
        recent_.push_front(result.id);
        images_[result.id] = {std::move(result.image), recent_.begin()};
    }
    while (bytes_ > limit_ && !before_.empty()) {
        bytes_ -= size_t(before_.begin()->second.sizeInBytes());
        before_.erase(before_.begin());
    }
    while (bytes_ > limit_ && recent_.size() > 1) {
        const auto oldest = images_.find(recent_.back());
        bytes_ -= size_t(oldest->second.image.sizeInBytes());
        images_.erase(oldest);
        recent_.pop_back();
    }
    emit loaded();
}

} // namespace strata
