// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"
#include "core/tensor/tensor.h"

#include <map>
#include <string>
#include <vector>

namespace strata::test {

/// What is kept of a tensor: all values up to 256 elements, else 256 samples and four projections on formula vectors, each
/// divided by the square root of the number of elements. make_golden.py does the same.
std::vector<double> digest(const Tensor& tensor);

/// Largest |a - b| relative to the largest |b| (at least 0.01); infinite if lengths differ or a value is not finite.
double relativeError(const std::vector<double>& a, const std::vector<double>& b);
double relativeError(const Tensor& a, const Tensor& b);

/// Numbers that make_golden.py took from PyTorch: tests/data/golden/<name>.golden, laid out as safetensors.
class Golden {
public:
    explicit Golden(const std::string& name);
    bool has(const std::string& key) const { return entries_.contains(key); }
    const std::vector<double>& values(const std::string& key) const; ///< throws Error(BadInput): run make_golden.py
    std::vector<std::string> keys() const;
    /// "" or what differs: shape, or more than `tolerance`.
    std::string compare(const Tensor& ours, const std::string& key, double tolerance) const;

private:
    struct Entry {
        std::string shape; ///< "3x4x5" of the whole tensor
        std::vector<double> values;
    };
    std::string name_;
    std::map<std::string, Entry> entries_;
};

std::string goldenPath(const std::string& file);
std::string readTestFile(const std::string& path);

} // namespace strata::test
