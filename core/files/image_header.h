// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/files/image.h"

#include <optional>

namespace strata {

/// Bytes of a picture read with bounds checked; offsets past the end throw Error(BadFile) "`name`: cut off at byte N".
class ImageBytes {
public:
    ImageBytes(std::span<const std::byte> bytes, const std::string& name) : bytes_(bytes), name_(name) {}

    size_t size() const { return bytes_.size(); }
    uint8_t u8(uint64_t at) const { return uint8_t(bytes_[need(at, 1)]); }
    uint32_t u16(uint64_t at, bool bigEndian) const;
    uint32_t u32(uint64_t at, bool bigEndian) const;
    bool holds(uint64_t at, std::string_view text) const;
    std::span<const std::byte> part(uint64_t at, uint64_t count) const { return bytes_.subspan(need(at, count), size_t(count)); }
    std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
    const std::string& name() const { return name_; }

private:
    size_t need(uint64_t at, uint64_t count) const;
    std::span<const std::byte> bytes_;
    const std::string& name_;
};

/// What the headers say, before anything is decoded.
struct ImageHeader {
    int64_t width = 0;
    int64_t height = 0;
    int orientation = 1; ///< EXIF; 1 when the decoder turns the picture itself (TIFF)
    bool animated = false;
};

/// Reads the headers and, where it can be told cheaply, that the file is whole. Throws Error(BadFile).
ImageHeader readImageHeader(std::span<const std::byte> bytes, ImageFormat format, const std::string& name);

/// Value of an entry of the first IFD of a TIFF structure (also the one inside EXIF): nullopt if absent or not a SHORT or LONG.
std::optional<uint32_t> tiffValue(const ImageBytes& tiff, uint16_t tag);
/// Orientation 1 to 8 out of EXIF data (a TIFF structure); 1 if there is none or the data are damaged.
int exifOrientation(std::span<const std::byte> tiff);

ImageHeader readJpegHeader(const ImageBytes& file);
ImageHeader readPngHeader(const ImageBytes& file);

} // namespace strata
