// SPDX-License-Identifier: Apache-2.0
#include "core/files/gzip.h"

#include "core/base/error.h"

#include <zlib.h>

#include <algorithm>

namespace strata {

namespace {

constexpr int kGzipOnly = 15 + 16;
constexpr size_t kPiece = size_t(1) << 30; // zlib counts in 32 bits

/// z_stream that is closed at the end of the scope.
class Inflater {
public:
    Inflater() { check(inflateInit2(&stream_, kGzipOnly) == Z_OK, "zlib cannot start"); }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    z_stream* operator->() { return &stream_; }
    z_stream* get() { return &stream_; }

private:
    z_stream stream_{};
};

/// Unpacks one member into `out`, growing it; bytes of input used.
size_t unpackMember(std::span<const std::byte> bytes, size_t start, const std::string& name, uint64_t limit, std::vector<std::byte>& out,
                    size_t& used) {
    Inflater stream;
    size_t at = start;
    while (true) {
        if (used == out.size()) {
            if (out.size() >= limit)
                out.resize(size_t(limit) + 1); // one byte more tells whether it goes on
            else
                out.resize(size_t(std::min<uint64_t>(limit, std::max<uint64_t>(out.size() * 2, bytes.size() * 4 + 4096))));
        }
        const size_t in = std::min(bytes.size() - at, kPiece), room = std::min(out.size() - used, kPiece);
        stream->next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data() + at));
        stream->avail_in = uInt(in);
        stream->next_out = reinterpret_cast<Bytef*>(out.data() + used);
        stream->avail_out = uInt(room);
        const int result = inflate(stream.get(), Z_NO_FLUSH);
        at += in - stream->avail_in;
        used += room - stream->avail_out;
        if (used > limit) fail(ErrorKind::BadFile, "{}: unpacks to more than the {} bytes allowed", name, limit);
        if (result == Z_STREAM_END) return at;
        if (result == Z_BUF_ERROR || (result == Z_OK && at == bytes.size() && stream->avail_out > 0))
            fail(ErrorKind::BadFile, "{}: cut off: the gzip data end at byte {}", name, bytes.size());
        if (result != Z_OK)
            fail(ErrorKind::BadFile, "{}: damaged gzip data at byte {}: {}", name, at, stream->msg ? stream->msg : "it cannot be unpacked");
    }
}

} // namespace

bool isGzip(std::span<const std::byte> bytes) { return bytes.size() >= 2 && bytes[0] == std::byte(0x1f) && bytes[1] == std::byte(0x8b); }

std::vector<std::byte> gunzip(std::span<const std::byte> bytes, const std::string& name, uint64_t limit) {
    if (!isGzip(bytes)) fail(ErrorKind::BadFile, "{}: not a gzip file", name);
    std::vector<std::byte> out;
    size_t used = 0, at = 0;
    while (at < bytes.size()) {
        if (at > 0 && !isGzip(bytes.subspan(at))) {
            const bool padding =
                std::all_of(bytes.begin() + std::ptrdiff_t(at), bytes.end(), [](std::byte b) { return b == std::byte(0); });
            if (!padding) fail(ErrorKind::BadFile, "{}: something else follows the gzip data at byte {}", name, at);
            break;
        }
        at = unpackMember(bytes, at, name, limit, out, used);
    }
    out.resize(used);
    return out;
}

std::string gzipBytes(std::span<const std::byte> bytes, int level) {
    z_stream stream{};
    check(deflateInit2(&stream, level, Z_DEFLATED, kGzipOnly, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib cannot start");
    std::string out;
    size_t at = 0;
    int result = Z_OK;
    while (result == Z_OK) {
        const size_t in = std::min(bytes.size() - at, kPiece), used = out.size();
        out.resize(used + (size_t(1) << 16));
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data() + at));
        stream.avail_in = uInt(in);
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
        stream.avail_out = uInt(out.size() - used);
        result = deflate(&stream, at + in == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
        at += in - stream.avail_in;
        out.resize(out.size() - stream.avail_out);
    }
    deflateEnd(&stream);
    check(result == Z_STREAM_END, "zlib cannot pack");
    return out;
}

} // namespace strata
