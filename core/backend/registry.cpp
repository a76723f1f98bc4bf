// SPDX-License-Identifier: Apache-2.0
#include "core/backend/registry.h"

#include "core/base/fs.h"
#include "core/base/log.h"

#include <dlfcn.h>

#include <cstdlib>
#include <memory>
#include <mutex>

namespace strata {

std::unique_ptr<Backend> makeCpuBackend(); // core/cpu

namespace {

struct Registry {
    std::recursive_mutex mutex;
    std::vector<Backend*> modules; ///< devices of loaded modules; they live for ever
    std::vector<DeviceStatus> unavailable;
    bool searched = false;
};

Registry& registry() {
    static Registry* instance = new Registry; // outlives every static object that still holds tensors
    return *instance;
}

Backend& cpuBackend() {
    static Backend* instance = makeCpuBackend().release(); // as above
    return *instance;
}

std::string folderOfLibrary() {
    Dl_info info{};
    if (dladdr(reinterpret_cast<void*>(&registry), &info) == 0 || !info.dli_fname) return ".";
    return parentFolder(info.dli_fname);
}

/// nullptr when all is well, else the reason in one line.
std::string tryLoad(const std::string& path) {
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) return dlerror();
    auto function = reinterpret_cast<ModuleEntryFunction>(dlsym(library, "strataModule"));
    if (!function) return fmt::format("{} is not a Strata module (it has no strataModule)", path);
    const ModuleEntry* entry = function();
    if (!entry || entry->interfaceVersion != kBackendInterfaceVersion)
        return fmt::format("{} was built for device interface {}, this program has {}", path, entry ? entry->interfaceVersion : 0,
                           kBackendInterfaceVersion);
    std::vector<Backend*> backends;
    if (const char* reason = entry->open(backends)) return reason;
    auto& modules = registry().modules;
    modules.insert(modules.end(), backends.begin(), backends.end());
    return {};
}

void searchModules() {
    Registry& r = registry();
    if (r.searched) return;
    r.searched = true;
    std::vector<std::string> folders;
    if (const char* extra = std::getenv("STRATA_MODULE_PATH")) folders.push_back(extra);
    const std::string own = folderOfLibrary();
    folders.push_back(own);
    folders.push_back(joinPath(own, "../lib/strata"));
    folders.push_back(joinPath(own, "strata"));
    for (const std::string& folder : folders) {
        const std::string path = joinPath(folder, "strata_cuda.so");
        if (!fs().status(path).exists) continue;
        if (std::string reason = tryLoad(path); !reason.empty()) r.unavailable.push_back({"cuda", false, {}, reason});
        return;
    }
    r.unavailable.push_back({"cuda", false, {}, "the CUDA module (strata_cuda.so) is not installed"});
}

} // namespace

Device cpuDevice() { return Device(cpuBackend()); }

std::vector<DeviceStatus> listDevices() {
    Registry& r = registry();
    std::lock_guard lock(r.mutex);
    searchModules();
    std::vector<DeviceStatus> result{{"cpu", true, cpuBackend().info(), {}}};
    for (Backend* backend : r.modules) result.push_back({backend->name(), true, backend->info(), {}});
    result.insert(result.end(), r.unavailable.begin(), r.unavailable.end());
    return result;
}

Device device(const std::string& name) {
    if (name == "cpu") return cpuDevice();
    Registry& r = registry();
    std::lock_guard lock(r.mutex);
    searchModules();
    if (name == "auto") return r.modules.empty() ? cpuDevice() : Device(*r.modules.front());
    for (Backend* backend : r.modules)
        if (backend->name() == name) return Device(*backend);
    for (const DeviceStatus& status : r.unavailable)
        if (name.starts_with(status.name)) fail(ErrorKind::Device, "there is no device {}: {}", name, status.reason);
    fail(ErrorKind::Device, "there is no device {}; strata devices lists what is there", name);
}

void loadModule(const std::string& path) {
    Registry& r = registry();
    std::lock_guard lock(r.mutex);
    if (std::string reason = tryLoad(path); !reason.empty()) fail(ErrorKind::Device, "{}", reason);
}

} // namespace strata
