// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/backend.h"
#include "core/tensor/storage.h"

#include <string>
#include <vector>

namespace strata {

/// A device that can be used, or a module that could not and why.
struct DeviceStatus {
    std::string name;
    bool available = false;
    DeviceInfo info;    ///< if available
    std::string reason; ///< one line, if not
};

/// Every device known: the CPU first, then those of the modules found (strata_cuda beside the library, in
/// ../lib/strata, in STRATA_MODULE_PATH; others by name through loadModule). Loads modules at the first call.
std::vector<DeviceStatus> listDevices();

/// Device by name: "cpu", "cuda:0", "auto" (the first accelerator, else the CPU).
/// Throws Error(Device) with the reason it is not there.
Device device(const std::string& name);

/// Loads a module file and registers its devices. Never unloaded. Throws Error(Device) with the reason.
void loadModule(const std::string& path);

/// What a module exports as `strataModule` with C linkage.
struct ModuleEntry {
    int interfaceVersion; ///< kBackendInterfaceVersion it was built with
    const char* name;
    /// Fills `backends` (owned by the module, living for ever); returns nullptr or a reason in one line.
    const char* (*open)(std::vector<Backend*>& backends);
};
using ModuleEntryFunction = const ModuleEntry* (*)();

} // namespace strata
