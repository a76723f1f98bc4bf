// SPDX-License-Identifier: Apache-2.0
#include "core/files/codecs/codecs.h"

#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <mutex>

namespace strata {

namespace {

uint8_t narrow(uint8_t value) { return value; }
uint8_t narrow(uint16_t value) { return uint8_t((uint32_t(value) * 255 + 32767) / 65535); }

/// OpenCV 4.6 prints what it found wrong to std::cerr, past its own log; the reason belongs into our sentence. Nothing else in
/// this project writes to std::cerr, so swapping its buffer while any decoder runs takes nobody's words away.
class QuietErrors {
public:
    QuietErrors() {
        const std::lock_guard lock(mutex());
        if (users()++ == 0) saved() = std::cerr.rdbuf(nullptr);
    }
    ~QuietErrors() {
        const std::lock_guard lock(mutex());
        if (--users() > 0) return;
        std::cerr.rdbuf(saved());
        std::cerr.clear();
    }
    QuietErrors(const QuietErrors&) = delete;
    QuietErrors& operator=(const QuietErrors&) = delete;

private:
    static std::mutex& mutex() {
        static std::mutex instance;
        return instance;
    }
    static int& users() {
        static int count = 0;
        return count;
    }
    static std::streambuf*& saved() {
        static std::streambuf* buffer = nullptr;
        return buffer;
    }
};

template <class T> bool allTransparent(const cv::Mat& pixels) {
    for (int y = 0; y < pixels.rows; ++y)
        for (int x = 0; x < pixels.cols; ++x)
            if (pixels.ptr<T>(y)[x * 4 + 3] != 0) return false;
    return true;
}

/// OpenCV's B G R (A) or grey to R G B, alpha laid on white.
template <class T> void convert(const cv::Mat& pixels, bool useAlpha, Image& image) {
    const int channels = pixels.channels();
    for (int y = 0; y < pixels.rows; ++y) {
        const T* from = pixels.ptr<T>(y);
        uint8_t* to = image.row(y);
        for (int x = 0; x < pixels.cols; ++x, from += channels, to += 3) {
            if (channels < 3) {
                to[0] = to[1] = to[2] = narrow(from[0]);
            } else {
                for (int c = 0; c < 3; ++c) to[c] = narrow(from[2 - c]);
            }
            if (channels % 2 != 0 || !useAlpha) continue;
            const uint32_t alpha = narrow(from[channels - 1]);
            for (int c = 0; c < 3; ++c) to[c] = uint8_t((to[c] * alpha + 255 * (255 - alpha) + 127) / 255);
        }
    }
}

bool decode(std::span<const std::byte> bytes, ImageFormat format, Image& image, std::string& reason) {
    try {
        cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
        const QuietErrors quiet;
        const cv::Mat raw(1, int(bytes.size()), CV_8U, const_cast<std::byte*>(bytes.data()));
        const cv::Mat pixels = cv::imdecode(raw, cv::IMREAD_UNCHANGED);
        if (pixels.empty()) {
            reason = "the decoder found it damaged";
            return false;
        }
        const int depth = pixels.depth();
        if ((depth != CV_8U && depth != CV_16U) || pixels.channels() > 4) {
            reason = "its pixels are not whole numbers of 8 or 16 bits in up to 4 channels";
            return false;
        }
        image.width = pixels.cols;
        image.height = pixels.rows;
        image.rgb.resize(size_t(image.width) * size_t(image.height) * 3);
        // The fourth byte of most 32-bit BMP files means nothing.
        const bool useAlpha = !(format == ImageFormat::Bmp && depth == CV_8U && pixels.channels() == 4 && allTransparent<uint8_t>(pixels));
        if (depth == CV_8U)
            convert<uint8_t>(pixels, useAlpha, image);
        else
            convert<uint16_t>(pixels, useAlpha, image);
        return true;
    } catch (const std::exception& error) {
        const std::string text = error.what();
        reason = text.find("PIXELS") != std::string::npos ? "it has too many pixels" : "the decoder found it damaged";
        return false;
    }
}

bool encode(const Image& image, std::string& bytes, std::string& reason) {
    try {
        cv::Mat pixels(int(image.height), int(image.width), CV_8UC3);
        for (int y = 0; y < pixels.rows; ++y) {
            const uint8_t* from = image.row(y);
            uint8_t* to = pixels.ptr<uint8_t>(y);
            for (int x = 0; x < pixels.cols; ++x, from += 3, to += 3) {
                to[0] = from[2];
                to[1] = from[1];
                to[2] = from[0];
            }
        }
        std::vector<uchar> encoded;
        if (!cv::imencode(".png", pixels, encoded)) {
            reason = "the encoder refused";
            return false;
        }
        bytes.assign(encoded.begin(), encoded.end());
        return true;
    } catch (const std::exception& error) {
        reason = error.what();
        return false;
    }
}

} // namespace

} // namespace strata

extern "C" const strata::CodecTable* strata_codecs() {
    static const strata::CodecTable table{&strata::decode, &strata::encode};
    return &table;
}
