// SPDX-License-Identifier: Apache-2.0
#include "core/files/image.h"

#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/files/codecs/codecs.h"
#include "core/files/image_header.h"

#include <turbojpeg.h>

#include <memory>

namespace strata {

namespace {

using TurboHandle = std::unique_ptr<void, int (*)(void*)>;

TurboHandle turbo(tjhandle handle) {
    if (!handle) fail(ErrorKind::Internal, "libjpeg-turbo cannot start");
    return {handle, &tjDestroy};
}

/// Adobe's CMYK is stored inverted (255: no ink), and so is nearly every CMYK JPEG there is; PIL assumes the same.
void invertedCmykToRgb(const std::vector<uint8_t>& cmyk, Image& image) {
    for (size_t i = 0; i * 4 < cmyk.size(); ++i)
        for (size_t c = 0; c < 3; ++c) image.rgb[i * 3 + c] = uint8_t((cmyk[i * 4 + c] * cmyk[i * 4 + 3] + 127) / 255);
}

Image decodeJpeg(std::span<const std::byte> bytes, const std::string& name) {
    const TurboHandle handle = turbo(tjInitDecompress());
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    int width = 0, height = 0, subsampling = 0, colours = 0;
    if (tjDecompressHeader3(handle.get(), data, bytes.size(), &width, &height, &subsampling, &colours) != 0)
        fail(ErrorKind::BadFile, "{}: damaged JPEG: {}", name, tjGetErrorStr2(handle.get()));
    Image image{width, height, {}};
    image.rgb.resize(size_t(width) * size_t(height) * 3);
    const bool cmyk = colours == TJCS_CMYK || colours == TJCS_YCCK;
    std::vector<uint8_t> inks(cmyk ? size_t(width) * size_t(height) * 4 : 0);
    const int result = tjDecompress2(handle.get(), data, bytes.size(), cmyk ? inks.data() : image.rgb.data(), width, 0, height,
                                     cmyk ? TJPF_CMYK : TJPF_RGB, TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS);
    if (result != 0) {
        const std::string reason = tjGetErrorStr2(handle.get());
        // Warnings about stray bytes are common in good photos; half a picture is not one.
        const bool harmless = tjGetErrorCode(handle.get()) == TJERR_WARNING && reason.find("Premature") == std::string::npos &&
                              reason.find("orrupt JPEG data: bad Huffman") == std::string::npos;
        if (!harmless) fail(ErrorKind::BadFile, "{}: damaged JPEG: {}", name, reason);
    }
    if (cmyk) invertedCmykToRgb(inks, image);
    return image;
}

} // namespace

ImageFormat imageFormat(std::span<const std::byte> bytes) {
    const std::string none;
    const ImageBytes file(bytes, none);
    if (file.holds(0, "\xFF\xD8\xFF")) return ImageFormat::Jpeg;
    if (file.holds(0, "\x89PNG\r\n\x1A\n")) return ImageFormat::Png;
    if (file.holds(0, "RIFF") && file.holds(8, "WEBP")) return ImageFormat::Webp;
    if (file.holds(0, std::string_view("II*\0", 4)) || file.holds(0, std::string_view("MM\0*", 4))) return ImageFormat::Tiff;
    if (file.holds(0, "GIF87a") || file.holds(0, "GIF89a")) return ImageFormat::Gif;
    if (file.holds(0, "BM") && bytes.size() >= 26) return ImageFormat::Bmp;
    for (const std::string_view magic : {"P2", "P3", "P5", "P6"})
        if (file.holds(0, magic) && bytes.size() > 2 && (file.u8(2) == ' ' || (file.u8(2) >= 9 && file.u8(2) <= 13) || file.u8(2) == '#'))
            return ImageFormat::Pnm;
    return ImageFormat::Unknown;
}

std::string_view imageFormatName(ImageFormat format) {
    constexpr std::string_view names[] = {"unknown", "JPEG", "PNG", "BMP", "WebP", "TIFF", "PNM", "GIF"};
    return names[size_t(format)];
}

ImageSize imageSize(std::span<const std::byte> bytes, const std::string& name) {
    const ImageHeader header = readImageHeader(bytes, imageFormat(bytes), name);
    return {header.width, header.height};
}

Image decodeImage(std::span<const std::byte> bytes, const std::string& name, const ImageLimits& limits) {
    if (bytes.empty()) fail(ErrorKind::BadFile, "{}: empty, not a picture", name);
    if (bytes.size() > limits.maxBytes)
        fail(ErrorKind::BadFile, "{}: {} bytes are more than the {} allowed", name, bytes.size(), limits.maxBytes);
    const ImageFormat format = imageFormat(bytes);
    if (format == ImageFormat::Gif) fail(ErrorKind::Unsupported, "{}: GIF pictures are not read; save it as PNG or JPEG", name);
    const ImageHeader header = readImageHeader(bytes, format, name);
    if (header.width > limits.maxPixels / header.height)
        fail(ErrorKind::BadFile, "{}: {} x {} pixels are more than the {} allowed", name, header.width, header.height, limits.maxPixels);
    if (header.animated) fail(ErrorKind::Unsupported, "{}: animated WebP pictures are not read; save one frame as PNG or JPEG", name);
    Image image;
    if (format == ImageFormat::Jpeg)
        image = decodeJpeg(bytes, name);
    else {
        std::string reason;
        if (!codecs().decode(bytes, format, image, reason))
            fail(ErrorKind::BadFile, "{}: damaged {}: {}", name, imageFormatName(format), reason);
    }
    return orientImage(std::move(image), header.orientation);
}

Image readImage(const std::string& path, const ImageLimits& limits) {
    const std::vector<std::byte> bytes = readFile(path, limits.maxBytes);
    return decodeImage(bytes, path, limits);
}

Image orientImage(Image image, int orientation) {
    if (orientation < 2 || orientation > 8) return image;
    const bool swaps = orientation >= 5;
    Image turned{swaps ? image.height : image.width, swaps ? image.width : image.height, std::vector<uint8_t>(image.rgb.size())};
    // Where pixel (x, y) of the turned picture comes from: 2 mirrored, 3 upside down, 4 flipped, 5 to 8 the same transposed.
    const bool mirrorX = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const bool mirrorY = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    for (int64_t y = 0; y < turned.height; ++y) {
        for (int64_t x = 0; x < turned.width; ++x) {
            int64_t fromX = swaps ? y : x, fromY = swaps ? x : y;
            if (mirrorX) fromX = image.width - 1 - fromX;
            if (mirrorY) fromY = image.height - 1 - fromY;
            const uint8_t* from = image.row(fromY) + fromX * 3;
            std::copy(from, from + 3, turned.row(y) + x * 3);
        }
    }
    return turned;
}

std::string encodePng(const Image& image) {
    std::string bytes, reason;
    if (!codecs().encodePng(image, bytes, reason)) fail(ErrorKind::Internal, "cannot encode a PNG picture: {}", reason);
    return bytes;
}

std::string encodeJpeg(const Image& image, int quality) {
    const TurboHandle handle = turbo(tjInitCompress());
    unsigned char* data = nullptr;
    unsigned long size = 0;
    const int result = tjCompress2(handle.get(), image.rgb.data(), int(image.width), 0, int(image.height), TJPF_RGB, &data, &size,
                                   TJSAMP_420, quality, TJFLAG_ACCURATEDCT);
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(data, &tjFree);
    if (result != 0) fail(ErrorKind::Internal, "cannot encode a JPEG picture: {}", tjGetErrorStr2(handle.get()));
    return {reinterpret_cast<const char*>(data), size};
}

} // namespace strata
