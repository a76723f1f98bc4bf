// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/photo_predictor.h"
#include "app/run/compute_turn.h"
#include "widgets/common/picture.h"

#include <QFileInfo>
#include <algorithm>
#include <cmath>

namespace strata::studio {
namespace {

constexpr int kPreview = 2048, kTop = 5;

QImage previewOf(const Image& pixels) {
    const QImage whole = toImage(pixels);
    if (std::max(whole.width(), whole.height()) <= kPreview) return whole;
    return whole.scaled(kPreview, kPreview, Qt::KeepAspectRatio, Qt::SmoothTransformation);
}

/// The map in the theme's colours, with the strength of the class as opacity too, so that what says nothing shows the photo.
QImage colored(const GradCam& cam) {
    const auto height = int(cam.map.size(0)), width = int(cam.map.size(1));
    const std::vector<float> values = cam.map.toVector<float>();
    QImage image(width, height, QImage::Format_ARGB32);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x) {
            const double value = double(values[size_t(y * width + x)]);
            const std::array<uint8_t, 3> rgb = cividis(value);
            image.setPixel(x, y, qRgba(rgb[0], rgb[1], rgb[2], 255));
        }
    return image;
}

} // namespace

std::shared_ptr<const Predictor> PredictorSlot::get(const ModelChoice& choice) {
    const QString key = choice.id + "|" + choice.title;
    if (!predictor_ || key != key_) {
        predictor_ = std::make_shared<const Predictor>(*ModelShelf::load(choice));
        key_ = key;
    }
    return predictor_;
}

PhotoPredictor::PhotoPredictor(QObject* parent) : QObject(parent), slot_(std::make_shared<PredictorSlot>()) {}
PhotoPredictor::~PhotoPredictor() = default;

void PhotoPredictor::setModel(const ModelChoice& choice) {
    choice_ = choice;
    predict();
}

void PhotoPredictor::open(const QString& path) {
    jobs_.cancel("predict");
    jobs_.cancel("map");
    jobs_.start(
        "photo",
        [path](std::stop_token) {
            auto photo = std::make_shared<Photo>();
            photo->pixels = std::make_shared<const Image>(readImage(path.toStdString()));
            photo->preview = previewOf(*photo->pixels);
            photo->path = path;
            photo->name = QFileInfo(path).fileName();
            return photo;
        },
        [this](std::shared_ptr<Photo> photo) { show(std::move(photo)); }, [this](const QString& sentence) { emit failed(sentence); });
}

void PhotoPredictor::openPicture(const QImage& picture, const QString& name) {
    jobs_.start(
        "photo",
        [picture, name](std::stop_token) {
            auto photo = std::make_shared<Photo>();
            photo->pixels = std::make_shared<const Image>(fromImage(picture));
            photo->preview = previewOf(*photo->pixels);
            photo->name = name;
            return photo;
        },
        [this](std::shared_ptr<Photo> photo) { show(std::move(photo)); }, [this](const QString& sentence) { emit failed(sentence); });
}

void PhotoPredictor::show(std::shared_ptr<const Photo> photo) {
    photo_ = std::move(photo);
    crop_.reset();
    emit opened();
    predict();
}

void PhotoPredictor::setCrop(const std::optional<CropRect>& crop) {
    if (crop == crop_) return;
    crop_ = crop;
    predict();
}

void PhotoPredictor::predict() {
    if (!photo_ || !choice_) return;
    jobs_.start(
        "predict",
        [slot = slot_, choice = *choice_, photo = photo_, crop = crop_](std::stop_token stop) {
            PhotoAnswer answer;
            ComputeTurn turn;
            if (stop.stop_requested()) return answer;
            const auto predictor = slot->get(choice);
            answer.crop = crop ? *crop : predictor->defaultCrop(photo->pixels->width, photo->pixels->height);
            answer.prediction = predictor->predict(*photo->pixels, kTop, crop);
            answer.received = toImage(predictor->received(*photo->pixels, crop));
            answer.classes = predictor->classes();
            answer.input = predictor->inputShape();
            return answer;
        },
        [this](const PhotoAnswer& answer) { emit answered(answer); }, [this](const QString& sentence) { emit failed(sentence); });
}

void PhotoPredictor::requestMap(int64_t classIndex) {
    if (!photo_ || !choice_) return;
    jobs_.start(
        "map",
        [slot = slot_, choice = *choice_, photo = photo_, crop = crop_, classIndex](std::stop_token stop) {
            ComputeTurn turn;
            if (stop.stop_requested()) return QImage();
            return colored(slot->get(choice)->heatMap(*photo->pixels, classIndex, crop));
        },
        [this, classIndex](const QImage& map) { emit mapReady(classIndex, map); },
        [this](const QString& sentence) { emit mapFailed(sentence); });
}

} // namespace strata::studio
