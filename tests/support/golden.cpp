// SPDX-License-Identifier: Apache-2.0
#include "tests/support/golden.h"

#include "core/base/error.h"
#include "tests/support/case.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>

namespace strata::test {

namespace {
constexpr size_t kKept = 256;
constexpr int kProjections = 4;
} // namespace

std::vector<double> digest(const Tensor& tensor) {
    const std::vector<double> all = tensor.toVector<double>();
    if (all.size() <= kKept) return all;
    std::vector<double> kept;
    for (size_t i = 0; i < kKept; ++i) kept.push_back(all[size_t(formulaIndex(12345, i, int64_t(all.size())))]);
    for (int p = 0; p < kProjections; ++p) {
        double sum = 0;
        for (size_t i = 0; i < all.size(); ++i) sum += all[i] * formulaValue(900 + uint64_t(p), i, -1, 1);
        kept.push_back(sum / std::sqrt(double(all.size())));
    }
    return kept;
}

double relativeError(const std::vector<double>& a, const std::vector<double>& b) {
    if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
    double scale = 0.01, difference = 0;
    for (size_t i = 0; i < a.size(); ++i) {
        if (!std::isfinite(a[i]) || !std::isfinite(b[i])) return std::numeric_limits<double>::infinity();
        scale = std::max(scale, std::fabs(b[i]));
        difference = std::max(difference, std::fabs(a[i] - b[i]));
    }
    return difference / scale;
}

double relativeError(const Tensor& a, const Tensor& b) {
    if (!(a.shape() == b.shape())) return std::numeric_limits<double>::infinity();
    return relativeError(a.toVector<double>(), b.toVector<double>());
}

std::string goldenPath(const std::string& file) { return std::string(STRATA_SOURCE_DIR) + "/tests/data/golden/" + file; }

std::string readTestFile(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) fail(ErrorKind::BadFile, "{} is not there", path);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

Golden::Golden(const std::string& name) : name_(name) {
    const std::string bytes = readTestFile(goldenPath(name + ".golden"));
    uint64_t headerSize = 0;
    check(bytes.size() >= 8, "golden file too short");
    std::memcpy(&headerSize, bytes.data(), 8);
    check(headerSize <= bytes.size() - 8, "golden header too long");
    const Json header = Json::parse(bytes.substr(8, headerSize));
    for (const auto& [key, value] : header.items()) {
        if (key == "__metadata__") continue;
        const size_t begin = value.at("data_offsets")[0], end = value.at("data_offsets")[1];
        check(8 + headerSize + end <= bytes.size(), "golden data too short");
        Entry entry{header.at("__metadata__").at(key), std::vector<double>((end - begin) / 8)};
        std::memcpy(entry.values.data(), bytes.data() + 8 + headerSize + begin, end - begin);
        entries_[key] = std::move(entry);
    }
}

const std::vector<double>& Golden::values(const std::string& key) const {
    const auto found = entries_.find(key);
    if (found == entries_.end()) fail(ErrorKind::BadInput, "{}.golden has no '{}': run tests/support/make_golden.py", name_, key);
    return found->second.values;
}

std::vector<std::string> Golden::keys() const {
    std::vector<std::string> keys;
    for (const auto& [key, entry] : entries_) keys.push_back(key);
    return keys;
}

std::string Golden::compare(const Tensor& ours, const std::string& key, double tolerance) const {
    const std::vector<double>& theirs = values(key);
    const std::string& shape = entries_.at(key).shape;
    if (ours.shape().text('x') != shape) return fmt::format("{}: shape {} where PyTorch has {}", key, ours.shape().text('x'), shape);
    const double error = relativeError(digest(ours), theirs);
    if (error <= tolerance) return {};
    return fmt::format("{}: differs from PyTorch by {:.3g} (relative to the largest value), allowed {:.3g}", key, error, tolerance);
}

} // namespace strata::test
