// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/job.h"

#include <exception>

namespace strata {

Jobs::Jobs(int threads, QObject* parent) : QObject(parent) {
    pool_.setMaxThreadCount(threads);
    pool_.setThreadPriority(QThread::LowPriority);
}

Jobs::~Jobs() {
    cancelAll();
    pool_.clear();
    pool_.waitForDone();
}

void Jobs::submit(const QString& key, Body body, std::function<void(const QString&)> failed) {
    cancel(key);
    const uint64_t number = next_++;
    std::stop_source stop;
    jobs_[key] = {number, stop};
    pool_.start([this, key, number, token = stop.get_token(), body = std::move(body), failed = std::move(failed)]() mutable {
        if (token.stop_requested()) return;
        std::function<void()> deliver;
        try {
            deliver = body(token);
        } catch (const std::exception& error) {
            deliver = [failed, sentence = QString::fromUtf8(error.what())] {
                if (failed) failed(sentence);
            };
        }
        // The destructor waits for this thread, so `this` is alive here; the queued call dies with the object.
        QMetaObject::invokeMethod(
            this, [this, key, number, deliver = std::move(deliver)] { finish(key, number, deliver); }, Qt::QueuedConnection);
    });
}

void Jobs::finish(const QString& key, uint64_t number, const std::function<void()>& deliver) {
    const auto found = jobs_.find(key);
    if (found == jobs_.end() || found->second.number != number) return;
    jobs_.erase(found);
    deliver();
    if (jobs_.empty()) emit idle();
}

void Jobs::cancel(const QString& key) {
    const auto found = jobs_.find(key);
    if (found == jobs_.end()) return;
    found->second.stop.request_stop();
    jobs_.erase(found);
}

void Jobs::cancelAll() {
    for (auto& [key, job] : jobs_) job.stop.request_stop();
    jobs_.clear();
}

} // namespace strata
