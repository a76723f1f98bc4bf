// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata {

/// Pixels in rows from the top, R G B a byte each (height * width * 3).
struct Image {
    int64_t width = 0;
    int64_t height = 0;
    std::vector<uint8_t> rgb;

    uint8_t* row(int64_t y) { return rgb.data() + y * width * 3; }
    const uint8_t* row(int64_t y) const { return rgb.data() + y * width * 3; }
};

enum class ImageFormat { Unknown, Jpeg, Png, Bmp, Webp, Tiff, Pnm, Gif };

/// By the first bytes, never by the name.
ImageFormat imageFormat(std::span<const std::byte> bytes);
/// "JPEG", "PNG", ...
std::string_view imageFormatName(ImageFormat format);

struct ImageLimits {
    int64_t maxPixels = 100'000'000;
    uint64_t maxBytes = uint64_t(512) << 20; ///< of the file
};

struct ImageSize {
    int64_t width = 0;
    int64_t height = 0;
};

/// Size as the header says (before EXIF rotation), read without decoding. Throws Error(BadFile).
ImageSize imageSize(std::span<const std::byte> bytes, const std::string& name);

/// Decodes JPEG, PNG, BMP, WebP, TIFF or PGM/PPM to 8-bit RGB: grey, palette, CMYK and 16-bit converted, alpha laid on white,
/// turned as EXIF says. The size in the header is checked before anything is decoded. `name` starts the sentences.
/// Throws Error(BadFile), Error(Unsupported) for a format not on the list. Thread-safe.
Image decodeImage(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits = {});
Image readImage(const std::string& path, const ImageLimits& limits = {});

/// Turns the picture as EXIF orientation 1 to 8 says.
Image orientImage(Image image, int orientation);

/// Encoded bytes. Throw Error(Internal) when the codec fails.
std::string encodePng(const Image& image);
std::string encodeJpeg(const Image& image, int quality = 90);

} // namespace strata
