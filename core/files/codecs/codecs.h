// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/files/image.h"

namespace strata {

/// What the module strata_codecs hands out through its one C function `strata_codecs`. Nothing here throws.
struct CodecTable {
    /// PNG, BMP, WebP, TIFF, PNM to 8-bit RGB, not turned. False with a reason when the bytes cannot be decoded.
    bool (*decode)(std::span<const std::byte> bytes, ImageFormat format, Image& image, std::string& reason);
    bool (*encodePng)(const Image& image, std::string& bytes, std::string& reason);
};

/// The module, loaded when first asked for. Throws Error(Unsupported) when it is not beside libstrata.
const CodecTable& codecs();

} // namespace strata

extern "C" const strata::CodecTable* strata_codecs();
