// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/files/image_header.h"

#include <zlib.h>

namespace strata {

namespace {

bool isFrame(uint8_t marker) { return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC; }

} // namespace

ImageHeader readJpegHeader(const ImageBytes& file) {
    ImageHeader header;
    uint64_t at = 2;
    while (true) {
        if (file.u8(at) != 0xFF) fail(ErrorKind::BadFile, "{}: no JPEG marker at byte {}", file.name(), at);
        while (file.u8(at) == 0xFF) ++at; // fill bytes
        const uint8_t marker = file.u8(at++);
        if (marker == 0xD9 || marker == 0xDA) fail(ErrorKind::BadFile, "{}: the JPEG header gives no size before byte {}", file.name(), at);
        if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) continue;
        const uint64_t length = file.u16(at, true);
        if (length < 2) fail(ErrorKind::BadFile, "{}: a JPEG segment of {} bytes at byte {}", file.name(), length, at);
        const std::span<const std::byte> segment = file.part(at, length);
        if (marker == 0xE1 && length > 8 && file.holds(at + 2, std::string_view("Exif\0\0", 6)) && header.orientation == 1)
            header.orientation = exifOrientation(segment.subspan(8));
        if (isFrame(marker)) {
            header.height = file.u16(at + 3, true);
            header.width = file.u16(at + 5, true);
            return header;
        }
        at += length;
    }
}

ImageHeader readPngHeader(const ImageBytes& file) {
    ImageHeader header;
    uint64_t at = 8;
    bool first = true, data = false;
    // The whole chain is walked: libpng would complain on standard error, and OpenCV takes half a picture for a whole one.
    while (true) {
        const uint64_t length = file.u32(at, true);
        const std::span<const std::byte> chunk = file.part(at + 4, length + 4);
        const uint32_t expected = file.u32(at + 8 + length, true);
        const uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(chunk.data()), chunk.size());
        if (uint32_t(crc) != expected) fail(ErrorKind::BadFile, "{}: the PNG chunk at byte {} is damaged (CRC)", file.name(), at);
        if (first != file.holds(at + 4, "IHDR") || (first && length != 13))
            fail(ErrorKind::BadFile, "{}: the PNG header at byte {} is not as it must be", file.name(), at);
        if (first) {
            header.width = file.u32(at + 8, true);
            header.height = file.u32(at + 12, true);
        }
        first = false;
        data = data || file.holds(at + 4, "IDAT");
        if (file.holds(at + 4, "eXIf")) header.orientation = exifOrientation(chunk.subspan(4));
        if (file.holds(at + 4, "IEND")) break;
        at += 12 + length;
    }
    if (!data) fail(ErrorKind::BadFile, "{}: the PNG file holds no pixels", file.name());
    return header;
}

} // namespace strata
