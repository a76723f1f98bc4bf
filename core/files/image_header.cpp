// SPDX-License-Identifier: Apache-2.0
#include "core/files/image_header.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <algorithm>

namespace strata {

size_t ImageBytes::need(uint64_t at, uint64_t count) const {
    if (at > bytes_.size() || count > bytes_.size() - at) fail(ErrorKind::BadFile, "{}: cut off at byte {}", name_, bytes_.size());
    return size_t(at);
}

uint32_t ImageBytes::u16(uint64_t at, bool bigEndian) const {
    const uint32_t a = u8(at), b = u8(at + 1);
    return bigEndian ? a << 8 | b : b << 8 | a;
}

uint32_t ImageBytes::u32(uint64_t at, bool bigEndian) const {
    const uint32_t a = u16(at, bigEndian), b = u16(at + 2, bigEndian);
    return bigEndian ? a << 16 | b : b << 16 | a;
}

bool ImageBytes::holds(uint64_t at, std::string_view wanted) const {
    return at <= bytes_.size() && text().substr(size_t(at)).starts_with(wanted);
}

std::optional<uint32_t> tiffValue(const ImageBytes& tiff, uint16_t tag) {
    const bool bigEndian = tiff.u8(0) == 'M';
    const uint64_t directory = tiff.u32(4, bigEndian);
    const uint32_t count = tiff.u16(directory, bigEndian);
    for (uint32_t i = 0; i < count; ++i) {
        const uint64_t entry = directory + 2 + uint64_t(i) * 12;
        if (tiff.u16(entry, bigEndian) != tag) continue;
        const uint32_t type = tiff.u16(entry + 2, bigEndian);
        if (tiff.u32(entry + 4, bigEndian) != 1) return std::nullopt;
        if (type == 3) return tiff.u16(entry + 8, bigEndian);
        if (type == 4) return tiff.u32(entry + 8, bigEndian);
        return std::nullopt;
    }
    return std::nullopt;
}

int exifOrientation(std::span<const std::byte> tiff) {
    // Cameras write damaged EXIF now and then; the picture is fine all the same.
    try {
        const std::string none;
        const ImageBytes bytes(tiff, none);
        if (!bytes.holds(0, "II*") && !bytes.holds(0, std::string_view("MM\0*", 4))) return 1;
        const uint32_t value = tiffValue(bytes, 0x0112).value_or(1);
        return value >= 1 && value <= 8 ? int(value) : 1;
    } catch (const Error&) { return 1; }
}

namespace {

ImageHeader readBmp(const ImageBytes& file) {
    const uint32_t infoSize = file.u32(14, false);
    ImageHeader header;
    uint32_t bits = 0, compression = 0;
    if (infoSize == 12) {
        header.width = file.u16(18, false);
        header.height = file.u16(20, false);
        bits = file.u16(24, false);
    } else if (infoSize >= 40 && infoSize <= 1024) {
        header.width = int32_t(file.u32(18, false));
        header.height = std::abs(int64_t(int32_t(file.u32(22, false)))); // negative: rows from the top
        bits = file.u16(28, false);
        compression = file.u32(30, false);
    } else
        fail(ErrorKind::BadFile, "{}: a BMP header of {} bytes is not known", file.name(), infoSize);
    const bool plain = compression == 0 || compression == 3;
    if (plain && header.width > 0 && header.height > 0) {
        const uint64_t rowBytes = (uint64_t(header.width) * bits + 31) / 32 * 4;
        const uint64_t needed = file.u32(10, false) + rowBytes * uint64_t(header.height);
        if (needed > file.size())
            fail(ErrorKind::BadFile, "{}: cut off: the pixels end at byte {}, the file at {}", file.name(), needed, file.size());
    }
    return header;
}

ImageHeader readWebp(const ImageBytes& file) {
    const uint64_t end = uint64_t(file.u32(4, false)) + 8;
    if (end > file.size())
        fail(ErrorKind::BadFile, "{}: cut off: the picture ends at byte {}, the file at {}", file.name(), end, file.size());
    ImageHeader header;
    const auto u24 = [&](uint64_t at) { return int64_t(file.u16(at, false) | uint32_t(file.u8(at + 2)) << 16); };
    if (file.holds(12, "VP8X")) {
        header.animated = (file.u8(20) & 2) != 0;
        header.width = u24(24) + 1;
        header.height = u24(27) + 1;
        for (uint64_t at = 12; at + 8 <= end;) {
            const uint64_t length = file.u32(at + 4, false);
            if (file.holds(at, "EXIF") && at + 8 + length <= file.size()) {
                uint64_t skip = file.holds(at + 8, std::string_view("Exif\0\0", 6)) && length >= 6 ? 6 : 0;
                header.orientation = exifOrientation(file.part(at + 8 + skip, length - skip));
            }
            at += 8 + length + (length & 1);
        }
    } else if (file.holds(12, "VP8L")) {
        const uint32_t bits = file.u32(21, false);
        header.width = int64_t(bits & 0x3FFF) + 1;
        header.height = int64_t((bits >> 14) & 0x3FFF) + 1;
    } else if (file.holds(12, "VP8 ")) {
        header.width = int64_t(file.u16(26, false) & 0x3FFF);
        header.height = int64_t(file.u16(28, false) & 0x3FFF);
    } else
        fail(ErrorKind::BadFile, "{}: the WebP chunk at byte 12 is not known", file.name());
    return header;
}

ImageHeader readTiff(const ImageBytes& file) {
    const std::optional<uint32_t> width = tiffValue(file, 256), height = tiffValue(file, 257);
    if (!width || !height) fail(ErrorKind::BadFile, "{}: the TIFF directory gives no size", file.name());
    ImageHeader header;
    header.width = *width;
    header.height = *height;
    return header;
}

/// Next number of a PNM header, after spaces and comments.
int64_t pnmNumber(const ImageBytes& file, uint64_t& at) {
    while (true) {
        const char c = char(file.u8(at));
        if (c == '#') {
            while (file.u8(at) != '\n') ++at;
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            break;
        ++at;
    }
    const uint64_t begin = at;
    while (at < file.size() && at - begin < 12 && file.u8(at) >= '0' && file.u8(at) <= '9') ++at;
    const std::optional<int64_t> value = parseInteger(file.text().substr(size_t(begin), size_t(at - begin)));
    if (!value) fail(ErrorKind::BadFile, "{}: the PNM header has no number at byte {}", file.name(), begin);
    return *value;
}

ImageHeader readPnm(const ImageBytes& file) {
    const char kind = char(file.u8(1));
    uint64_t at = 2;
    ImageHeader header;
    header.width = pnmNumber(file, at);
    header.height = pnmNumber(file, at);
    const int64_t maximum = pnmNumber(file, at);
    if (maximum != 255 && maximum != 65535)
        fail(ErrorKind::BadFile, "{}: the largest value {} of the PNM file is neither 255 nor 65535", file.name(), maximum);
    int64_t needed = 0;
    const int64_t unit = (kind == '6' ? 3 : 1) * (maximum > 255 ? 2 : 1);
    const bool fits = !__builtin_mul_overflow(header.width, header.height, &needed) && !__builtin_mul_overflow(needed, unit, &needed);
    const uint64_t end = at + 1 + uint64_t(fits ? needed : 0);
    if ((kind == '5' || kind == '6') && fits && end > file.size())
        fail(ErrorKind::BadFile, "{}: cut off: the pixels end at byte {}, the file at {}", file.name(), end, file.size());
    return header;
}

} // namespace

ImageHeader readImageHeader(std::span<const std::byte> bytes, ImageFormat format, const std::string& name) {
    const ImageBytes file(bytes, name);
    ImageHeader header;
    switch (format) {
    case ImageFormat::Jpeg: header = readJpegHeader(file); break;
    case ImageFormat::Png: header = readPngHeader(file); break;
    case ImageFormat::Bmp: header = readBmp(file); break;
    case ImageFormat::Webp: header = readWebp(file); break;
    case ImageFormat::Tiff: header = readTiff(file); break;
    case ImageFormat::Pnm: header = readPnm(file); break;
    case ImageFormat::Gif:
        header.width = file.u16(6, false);
        header.height = file.u16(8, false);
        break;
    case ImageFormat::Unknown:
        fail(ErrorKind::Unsupported, "{}: not a picture that Strata reads (JPEG, PNG, BMP, WebP, TIFF, PPM, PGM)", name);
    }
    if (header.width <= 0 || header.height <= 0)
        fail(ErrorKind::BadFile, "{}: the {} header gives the size {} x {}", name, imageFormatName(format), header.width, header.height);
    return header;
}

} // namespace strata
