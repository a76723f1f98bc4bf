// SPDX-License-Identifier: Apache-2.0
#include "core/data/md5.h"

#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/data/download.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

namespace strata {

namespace {

/// floor(2^32 |sin(i + 1)|), RFC 1321 section 3.4.
const std::array<uint32_t, 64>& sines() {
    static const std::array<uint32_t, 64> table = [] {
        std::array<uint32_t, 64> made{};
        for (size_t i = 0; i < 64; ++i) made[i] = uint32_t(std::floor(std::abs(std::sin(double(i + 1))) * 4294967296.0));
        return made;
    }();
    return table;
}

constexpr int kShifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

} // namespace

void Md5::block(const std::byte* bytes) {
    std::array<uint32_t, 16> words;
    for (size_t i = 0; i < 16; ++i) {
        words[i] = 0;
        for (size_t b = 0; b < 4; ++b) words[i] |= uint32_t(bytes[i * 4 + b]) << (8 * b);
    }
    auto [a, b, c, d] = state_;
    for (size_t i = 0; i < 64; ++i) {
        uint32_t mixed;
        size_t word;
        switch (i / 16) {
        case 0: mixed = (b & c) | (~b & d), word = i; break;
        case 1: mixed = (d & b) | (~d & c), word = (5 * i + 1) % 16; break;
        case 2: mixed = b ^ c ^ d, word = (3 * i + 5) % 16; break;
        default: mixed = c ^ (b | ~d), word = 7 * i % 16; break;
        }
        const uint32_t turned = b + std::rotl(a + mixed + sines()[i] + words[word], kShifts[i / 16][i % 4]);
        a = d, d = c, c = b, b = turned;
    }
    state_[0] += a, state_[1] += b, state_[2] += c, state_[3] += d;
}

void Md5::add(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const size_t used = length_ % 64, count = std::min(bytes.size(), 64 - used);
        length_ += count;
        if (count == 64) {
            block(bytes.data());
        } else {
            std::memcpy(rest_.data() + used, bytes.data(), count);
            if (used + count == 64) block(rest_.data());
        }
        bytes = bytes.subspan(count);
    }
}

std::string Md5::hex() {
    const uint64_t bits = length_ * 8;
    const std::array<std::byte, 64> padding{std::byte(0x80)};
    add({padding.data(), 1 + (119 - length_ % 64) % 64});
    std::array<std::byte, 8> tail;
    for (size_t i = 0; i < 8; ++i) tail[i] = std::byte(bits >> (8 * i));
    add(tail);
    std::string text;
    for (const uint32_t word : state_) {
        for (int i = 0; i < 4; ++i) text += fmt::format("{:02x}", word >> (8 * i) & 255);
    }
    return text;
}

std::string md5OfFile(const std::string& path) {
    const int fd = fs().open(path, Fs::Open::Read);
    if (fd < 0) fail(ErrorKind::BadFile, "cannot read {}: {}", path, describeErrno(fd));
    Md5 sum;
    std::vector<std::byte> buffer(size_t(1) << 18);
    int64_t got = 0;
    while ((got = fs().read(fd, buffer)) > 0 || got == -EINTR) {
        if (got > 0) sum.add({buffer.data(), size_t(got)});
    }
    fs().close(fd);
    if (got < 0) fail(ErrorKind::BadFile, "cannot read {}: {}", path, describeErrno(int(got)));
    return sum.hex();
}

} // namespace strata
