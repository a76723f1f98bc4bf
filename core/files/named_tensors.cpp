// SPDX-License-Identifier: Apache-2.0
#include "core/files/named_tensors.h"

#include <cstring>

namespace strata {

Tensor hostContiguous(const Tensor& tensor) {
    check(tensor.defined(), "an undefined tensor is to be written");
    Tensor host = tensor.device().memory().isHost() ? tensor.detach() : tensor.detach().to(cpuDevice());
    host.makePlain();
    return host.isContiguous() ? host : host.contiguous();
}

std::span<const std::byte> tensorBytes(const Tensor& hostContiguousTensor) {
    const TensorView view = hostContiguousTensor.plainView();
    return {static_cast<const std::byte*>(view.data), size_t(hostContiguousTensor.elements()) * dtypeSize(view.dtype)};
}

Tensor tensorFromBytes(DType dtype, const Shape& shape, std::span<const std::byte> bytes) {
    Tensor tensor = Tensor::empty(shape, dtype);
    const size_t expected = size_t(shape.elements()) * dtypeSize(dtype);
    if (bytes.size() != expected)
        fail(ErrorKind::BadInput, "{} bytes do not make a {} tensor of shape {}", bytes.size(), dtypeName(dtype), shape.text());
    if (expected == 0) return tensor;
    auto* to = static_cast<std::byte*>(tensor.out().data);
    std::memcpy(to, bytes.data(), bytes.size());
    // A bool in memory must be 0 or 1.
    if (dtype == DType::Bool)
        for (size_t i = 0; i < expected; ++i) to[i] = std::byte(to[i] != std::byte(0));
    return tensor;
}

std::optional<uint64_t> checkedBytes(const std::vector<int64_t>& shape, uint64_t elementSize) {
    int64_t product = int64_t(elementSize);
    bool zero = false;
    for (const int64_t size : shape) {
        if (size < 0) return std::nullopt;
        zero = zero || size == 0;
        if (size > 0 && (__builtin_mul_overflow(product, size, &product) || product > (int64_t(1) << 62))) return std::nullopt;
    }
    return zero ? 0 : uint64_t(product);
}

std::string shapeText(const std::vector<int64_t>& shape) {
    std::string text = "[";
    for (size_t i = 0; i < shape.size(); ++i) text += fmt::format("{}{}", i > 0 ? ", " : "", shape[i]);
    return text + "]";
}

} // namespace strata
