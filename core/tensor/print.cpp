// SPDX-License-Identifier: Apache-2.0
// Tensor::text(): PyTorch's rules (torch/_tensor_str.py): four decimals, scientific where the range is wide, edges of large ones.
#include "core/tensor/tensor.h"

#include <algorithm>
#include <cmath>

namespace strata {

namespace {

constexpr int64_t kSummarizeOver = 1000;
constexpr int kLineWidth = 80;

/// Positions along one dimension; -1 stands for the gap.
std::vector<int64_t> shownPositions(int64_t size, bool summarize, int64_t edge) {
    std::vector<int64_t> positions;
    for (int64_t i = 0; i < size; ++i) {
        if (summarize && size > 2 * edge && i == edge) {
            positions.push_back(-1);
            i = size - edge - 1;
        } else {
            positions.push_back(i);
        }
    }
    return positions;
}

class Printer {
public:
    Printer(const Tensor& tensor, int64_t edge)
        : values_(tensor.toVector<double>()), shape_(tensor.shape()), dtype_(tensor.dtype()), edge_(edge),
          summarize_(tensor.elements() > kSummarizeOver),
          integers_(dtype_ == DType::I64 ? tensor.toVector<int64_t>() : std::vector<int64_t>()) {
        std::vector<size_t> shown;
        collect(0, 0, shown);
        choose(shown);
    }

    std::string text(int dim, size_t first, int indent) const {
        if (dim == shape_.rank()) return element(first);
        const size_t step = stepOf(dim);
        std::vector<std::string> parts;
        for (int64_t i : shownPositions(shape_[dim], summarize_, edge_))
            parts.push_back(i < 0 ? (dim == shape_.rank() - 1 ? " ..." : "...") : text(dim + 1, first + size_t(i) * step, indent + 1));
        if (dim == shape_.rank() - 1) return "[" + wrapped(parts, indent) + "]";
        const std::string separator = "," + std::string(size_t(shape_.rank() - dim - 1), '\n') + std::string(size_t(indent + 1), ' ');
        return fmt::format("[{}]", fmt::join(parts, separator));
    }

private:
    size_t stepOf(int dim) const {
        size_t step = 1;
        for (int d = dim + 1; d < shape_.rank(); ++d) step *= size_t(shape_[d]);
        return step;
    }

    void collect(int dim, size_t first, std::vector<size_t>& shown) const {
        if (dim == shape_.rank()) {
            shown.push_back(first);
            return;
        }
        const size_t step = stepOf(dim);
        for (int64_t i : shownPositions(shape_[dim], summarize_, edge_))
            if (i >= 0) collect(dim + 1, first + size_t(i) * step, shown);
    }

    void choose(const std::vector<size_t>& shown) {
        if (!isFloating(dtype_)) {
            for (size_t i : shown) width_ = std::max(width_, plain(i).size());
            return;
        }
        std::vector<double> finite;
        for (size_t i : shown)
            if (std::isfinite(values_[i]) && values_[i] != 0) finite.push_back(std::abs(values_[i]));
        if (finite.empty()) return;
        const auto [low, high] = std::minmax_element(finite.begin(), finite.end());
        integral_ = std::all_of(finite.begin(), finite.end(), [](double v) { return v == std::ceil(v); });
        scientific_ = *high / *low > 1000.0 || *high > 1e8 || (!integral_ && *low < 1e-4);
        for (size_t i : shown)
            if (std::isfinite(values_[i]) && values_[i] != 0) width_ = std::max(width_, plain(i).size());
    }

    std::string plain(size_t i) const {
        const double value = values_[i];
        if (dtype_ == DType::Bool) return value != 0 ? "True" : "False";
        if (dtype_ == DType::I64) return fmt::format("{}", integers_[i]);
        if (!isFloating(dtype_)) return fmt::format("{:.0f}", value);
        if (std::isnan(value)) return "nan";
        if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
        if (scientific_) return fmt::format("{:.4e}", value);
        return integral_ ? fmt::format("{:.0f}.", value) : fmt::format("{:.4f}", value);
    }

    std::string element(size_t i) const {
        const std::string text = plain(i);
        if (shape_.rank() == 0) return text;
        return std::string(width_ > text.size() ? width_ - text.size() : 0, ' ') + text;
    }

    std::string wrapped(const std::vector<std::string>& parts, int indent) const {
        const size_t perLine = std::max<size_t>(1, size_t(std::max(0, kLineWidth - indent)) / (width_ + 2));
        std::string text;
        for (size_t i = 0; i < parts.size(); ++i) {
            if (i > 0) text += i % perLine == 0 ? ",\n" + std::string(size_t(indent + 1), ' ') : ", ";
            text += parts[i];
        }
        return text;
    }

    std::vector<double> values_;
    Shape shape_;
    DType dtype_;
    int64_t edge_;
    bool summarize_;
    std::vector<int64_t> integers_;
    size_t width_ = 1;
    bool integral_ = true;
    bool scientific_ = false;
};

} // namespace

std::string Tensor::text(int64_t edge) const {
    if (!defined()) return "tensor(undefined)";
    std::string suffix;
    if (elements() == 0 && rank() != 1) suffix += fmt::format(", size=({})", fmt::join(shape().begin(), shape().end(), ", "));
    if (dtype() != DType::F32 && dtype() != DType::I64 && dtype() != DType::Bool) suffix += fmt::format(", dtype={}", dtypeName(dtype()));
    if (!device().memory().isHost()) suffix += fmt::format(", device={}", device().name());
    const std::string body = elements() == 0 ? "[]" : Printer(*this, edge).text(0, 0, 7);
    return "tensor(" + body + suffix + ")";
}

} // namespace strata
