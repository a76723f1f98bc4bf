// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/data/sample_index.h"

#include <QImage>
#include <QObject>
#include <QThreadPool>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

namespace strata {

/// Small pictures of samples that must be decoded or reduced first, made by two threads and kept up to a number of bytes, least
/// recently shown out first. GUI thread.
class ThumbLoader : public QObject {
    Q_OBJECT
public:
    explicit ThumbLoader(QObject* parent = nullptr);
    ~ThumbLoader() override;

    /// Other data or another side (device pixels). Pictures of the side before serve until the new ones are there.
    void setSource(SampleIndexPtr index, int side);
    /// A picture at the side asked for, or a stand-in of the side before, or null; isBroken() tells why.
    const QImage* find(int32_t id);
    bool isBroken(int32_t id) const { return broken_.contains(id); }
    /// What is on the screen and not there yet, most wanted first; replaces the list before.
    void want(std::vector<int32_t> ids);
    /// True while something asked for is on its way.
    bool busy() const;
    void setLimit(size_t bytes) { limit_ = bytes; }
    size_t bytes() const { return bytes_; }
    static constexpr size_t kLimit = size_t(64) << 20;

signals:
    void loaded(); ///< at least one more picture is there

private:
    struct Shared;
    struct Entry {
        QImage image;
        std::list<int32_t>::iterator place;
    };
    std::shared_ptr<Shared> shared_;
    SampleIndexPtr index_;
    int side_ = 0;
    size_t limit_ = kLimit, bytes_ = 0;
    std::list<int32_t> recent_; ///< most recent first
    std::unordered_map<int32_t, Entry> images_;
    std::unordered_map<int32_t, QImage> before_;
    std::unordered_map<int32_t, bool> broken_;
    QThreadPool pool_;
    void take();
    void clear();
    static void work(std::shared_ptr<Shared> shared, ThumbLoader* owner);
};

} // namespace strata
