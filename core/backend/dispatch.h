// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/tensor/tensor.h"

#include <memory>
#include <tuple>
#include <vector>

namespace strata {

/// The backend of a tensor's device.
inline Backend& backendOf(const Tensor& tensor) { return static_cast<Backend&>(tensor.device().memory()); }
inline Backend& backendOf(Device device) { return static_cast<Backend&>(device.memory()); }

/// Copies of device views in host memory for the length of one kernel call.
class HostStaging {
public:
    explicit HostStaging(Backend& device) : device_(device) {}
    ~HostStaging();
    TensorView stage(const TensorView& view);
    OutView stage(const OutView& view);
    template <class T> const T& stage(const T& value) { return value; }
    void copyBack();

private:
    struct Copy {
        void* host;
        void* device;
        size_t bytes;
        bool written;
    };
    TensorView copyToHost(const TensorView& view, bool written);
    Backend& device_;
    std::vector<Copy> copies_;
};

/// Notes that a kernel ran on the CPU instead: logged once a (device, kernel), counted.
void noteFallback(const Backend& device, const char* kernel);
/// (device, kernel) -> number of calls that fell back so far.
Json fallbackCounts();

/// Calls a kernel of a device; where the device lacks it, on the CPU with copies. Usage:
///   launch("softmax", backendOf(x), &Backend::softmax, false, x.view(), y.out());
template <class... Params, class... Args>
void launch(const char* name, Backend& device, bool (Backend::*kernel)(Params...), const Args&... args) {
    if ((device.*kernel)(args...)) return;
    Backend& cpu = backendOf(cpuDevice());
    if (&device == &cpu) fail(ErrorKind::Unsupported, "{} cannot do this for these types on the CPU", name);
    noteFallback(device, name);
    HostStaging staging(device);
    if (!(cpu.*kernel)(staging.stage(args)...)) fail(ErrorKind::Unsupported, "{} cannot do this for these types on the CPU", name);
    staging.copyBack();
}

} // namespace strata
