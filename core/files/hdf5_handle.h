// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"

#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>

namespace strata {

/// An HDF5 identifier that is closed at the end of the scope.
class Hid {
public:
    using Close = herr_t (*)(hid_t);
    /// Throws Error(kind) "`what`" when the library could not make it.
    Hid(hid_t id, Close close, const std::string& what, ErrorKind kind = ErrorKind::BadFile) : id_(id), close_(close) {
        if (id < 0) throw Error(kind, what);
    }
    ~Hid() {
        if (id_ >= 0) close_(id_);
    }
    Hid(Hid&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Hid& operator=(Hid&&) = delete;
    operator hid_t() const { return id_; }

private:
    hid_t id_;
    Close close_;
};

/// Debian's serial HDF5 is not thread-safe: everything that calls it holds this. Also silences the library's own messages and
/// keeps it from loading filter plug-ins.
class Hdf5Scope {
public:
    Hdf5Scope();

private:
    std::unique_lock<std::mutex> lock_;
};

} // namespace strata
