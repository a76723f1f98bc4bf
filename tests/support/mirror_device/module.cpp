// SPDX-License-Identifier: Apache-2.0
#include "core/backend/registry.h"
#include "tests/support/mirror_device/mirror_backend.h"

#include <cstdlib>

namespace {

using namespace strata;

/// STRATA_MIRROR_FAULT makes the module misbehave as a broken one would: "version", "reason".
bool fault(const char* kind) {
    const char* wanted = std::getenv("STRATA_MIRROR_FAULT");
    return wanted && std::string(wanted) == kind;
}

const char* openMirror(std::vector<Backend*>& backends) {
    if (fault("reason")) return "no mirror on this wall";
    backends.push_back(new mirror::MirrorBackend("mirror:0", uint64_t(1) << 31));
    backends.push_back(new mirror::MirrorBackend("mirror:1", uint64_t(1) << 20));
    return nullptr;
}

} // namespace

extern "C" __attribute__((visibility("default"))) const strata::ModuleEntry* strataModule() {
    static const strata::ModuleEntry entry{fault("version") ? strata::kBackendInterfaceVersion + 998 : strata::kBackendInterfaceVersion,
                                           "mirror", openMirror};
    return &entry;
}
