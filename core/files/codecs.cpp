// SPDX-License-Identifier: Apache-2.0
#include "core/files/codecs/codecs.h"

#include "core/base/error.h"
#include "core/base/fs.h"

#include <dlfcn.h>

namespace strata {

namespace {

std::string ownFolder() {
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&ownFolder), &info) == 0 || !info.dli_fname) return ".";
    return parentFolder(info.dli_fname);
}

const CodecTable* load(std::string& reason) {
    const std::string folder = ownFolder();
    for (const std::string& path : {joinPath(folder, "strata_codecs.so"), joinPath(folder, "strata/strata_codecs.so")}) {
        if (!fs().status(path).regular) continue;
        void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
        void* function = module ? dlsym(module, "strata_codecs") : nullptr;
        if (function) return reinterpret_cast<const CodecTable* (*)()>(function)();
        const char* error = dlerror();
        reason = error ? error : path + " cannot be loaded";
        return nullptr;
    }
    reason = "strata_codecs.so is not in " + folder;
    return nullptr;
}

} // namespace

const CodecTable& codecs() {
    static std::string reason;
    static const CodecTable* const table = load(reason);
    if (!table) fail(ErrorKind::Unsupported, "the image decoders are not there: {}", reason);
    return *table;
}

} // namespace strata
