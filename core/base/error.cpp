// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"

namespace strata {

std::string_view errorKindId(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::BadInput: return "bad_input";
    case ErrorKind::BadFile: return "bad_file";
    case ErrorKind::Unsupported: return "unsupported";
    case ErrorKind::Device: return "device";
    case ErrorKind::OutOfMemory: return "out_of_memory";
    case ErrorKind::Cancelled: return "cancelled";
    case ErrorKind::Internal: break;
    }
    return "internal";
}

Error::Error(ErrorKind kind, const std::string& sentence, std::string context)
    : std::runtime_error(sentence), kind_(kind), context_(std::move(context)) {}

void check(bool condition, std::string_view what) {
    if (!condition) fail(ErrorKind::Internal, "internal error: {}", what);
}

int64_t checkedProduct(const int64_t* values, size_t count, std::string_view what) {
    int64_t product = 1;
    for (size_t i = 0; i < count; ++i) {
        if (values[i] < 0) fail(ErrorKind::BadInput, "{}: size {} is negative", what, values[i]);
        if (__builtin_mul_overflow(product, values[i], &product) || product > (int64_t(1) << 62))
            fail(ErrorKind::BadInput, "{}: the number of elements overflows", what);
    }
    return product;
}

} // namespace strata
