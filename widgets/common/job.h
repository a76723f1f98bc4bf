// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QPointer>
#include <QString>
#include <QThreadPool>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <type_traits>

namespace strata {

/// Work off the GUI thread with the result by queued call. A newer job with the same key cancels the older (its stop token is
/// set and its result is dropped). Destruction cancels everything and waits. GUI thread.
class Jobs : public QObject {
    Q_OBJECT
public:
    explicit Jobs(int threads = 2, QObject* parent = nullptr);
    ~Jobs() override;

    /// `work` runs on a worker thread; `done` gets what it returned on the GUI thread; `failed` the sentence of what it threw
    /// (nothing is called after cancellation).
    template <class Work, class Done>
    void start(const QString& key, Work work, Done done, std::function<void(const QString&)> failed = {}) {
        using Result = std::invoke_result_t<Work, std::stop_token>;
        submit(
            key,
            [work = std::move(work), done = std::move(done)](std::stop_token stop) mutable -> std::function<void()> {
                if constexpr (std::is_void_v<Result>) {
                    work(stop);
                    return [done = std::move(done)]() mutable { done(); };
                } else {
                    auto result = std::make_shared<Result>(work(stop));
                    return [result, done = std::move(done)]() mutable { done(std::move(*result)); };
                }
            },
            std::move(failed));
    }
    void cancel(const QString& key);
    void cancelAll();
    bool running(const QString& key) const { return jobs_.contains(key); }
    int count() const { return int(jobs_.size()); }

signals:
    void idle();

private:
    struct Job {
        uint64_t number = 0;
        std::stop_source stop;
    };
    using Body = std::function<std::function<void()>(std::stop_token)>;
    void submit(const QString& key, Body body, std::function<void(const QString&)> failed);
    void finish(const QString& key, uint64_t number, const std::function<void()>& deliver);
    std::map<QString, Job> jobs_;
    uint64_t next_ = 1;
    QThreadPool pool_;
};

} // namespace strata
