// SPDX-License-Identifier: Apache-2.0
#include "core/backend/dispatch.h"

#include "core/base/log.h"

#include <map>
#include <mutex>

namespace strata {

namespace {

std::mutex fallbackMutex;
std::map<std::pair<std::string, std::string>, int64_t> fallbacks;

/// Bytes from a view's first to its last element.
size_t spannedBytes(const TensorView& view) {
    if (view.layout != Layout::Plain) return size_t(layoutElements(view.layout, view.shape)) * dtypeSize(view.dtype);
    int64_t last = 0;
    for (int d = 0; d < view.shape.rank(); ++d) {
        if (view.shape[d] == 0) return 0;
        last += (view.shape[d] - 1) * view.strides[d];
    }
    return size_t(last + 1) * dtypeSize(view.dtype);
}

} // namespace

HostStaging::~HostStaging() {
    DeviceMemory& host = cpuDevice().memory();
    for (const Copy& copy : copies_) host.release(copy.host, copy.bytes);
}

TensorView HostStaging::copyToHost(const TensorView& view, bool written) {
    if (!view) return view;
    const size_t bytes = spannedBytes(view);
    void* host = cpuDevice().memory().allocate(bytes);
    device_.download(host, view.data, bytes);
    copies_.push_back({host, view.data, bytes, written});
    TensorView staged = view;
    staged.data = host;
    return staged;
}

TensorView HostStaging::stage(const TensorView& view) { return copyToHost(view, false); }
OutView HostStaging::stage(const OutView& view) { return OutView(copyToHost(view, true)); }

void HostStaging::copyBack() {
    for (const Copy& copy : copies_)
        if (copy.written) device_.upload(copy.device, copy.host, copy.bytes);
}

void noteFallback(const Backend& device, const char* kernel) {
    const std::string name = device.name();
    {
        std::lock_guard lock(fallbackMutex);
        ++fallbacks[{name, kernel}];
    }
    logOnce(LogLevel::Warning, name + "/" + kernel, fmt::format("{} has no kernel {}: it runs on the CPU, with copies", name, kernel));
}

Json fallbackCounts() {
    std::lock_guard lock(fallbackMutex);
    Json result = Json::object();
    for (const auto& [key, count] : fallbacks) result[key.first][key.second] = count;
    return result;
}

} // namespace strata
