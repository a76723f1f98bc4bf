// SPDX-License-Identifier: Apache-2.0
#include "core/formats/compare.h"

#include "core/base/fs.h"

#include <cstring>
#include <map>

namespace strata {
namespace {

bool sameBits(const Tensor& a, const Tensor& b) {
    if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
    const Tensor plainA = hostContiguous(a);
    const Tensor plainB = hostContiguous(b);
    const auto left = tensorBytes(plainA);
    const auto right = tensorBytes(plainB);
    return left.size() == right.size() && (left.empty() || std::memcmp(left.data(), right.data(), left.size()) == 0);
}

} // namespace

void requireSame(const NamedTensors& written, const NamedTensors& read, const std::string& path) {
    std::map<std::string, const Tensor*> found;
    for (const auto& [name, tensor] : read) found[name] = &tensor;
    for (const auto& [name, tensor] : written) {
        const auto it = found.find(name);
        if (it != found.end() && sameBits(tensor, *it->second)) continue;
        removeAll(path);
        fail(ErrorKind::BadFile, "{}: read back, {} is not what was written; the file was removed", path, name);
    }
}

} // namespace strata
