// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/prediction_service.h"
#include "core/predict/predictor.h"

#include <QImage>
#include <QObject>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace strata::studio {

/// A photo that was opened.
struct Photo {
    std::shared_ptr<const Image> pixels;
    QImage preview;     ///< at most 2048 pixels wide or high
    QString path, name; ///< path empty for a pasted one
};

/// What a network says about a photo.
struct PhotoAnswer {
    Prediction prediction; ///< the five most probable classes
    QImage received;
    CropRect crop; ///< the part that was looked at
    std::vector<std::string> classes;
    Shape input;
};

/// The network in use, made once. `get` within a ComputeTurn only.
class PredictorSlot {
public:
    /// Throws Error.
    std::shared_ptr<const Predictor> get(const ModelChoice& choice);

private:
    QString key_;
    std::shared_ptr<const Predictor> predictor_;
};

/// Answers for one photo, on the CPU in worker threads, also while a run trains. Newest wins: a request that is
/// overtaken (the crop moves on, another photo is opened) says nothing. GUI thread.
class PhotoPredictor : public QObject {
    Q_OBJECT
public:
    explicit PhotoPredictor(QObject* parent = nullptr);
    ~PhotoPredictor() override;

    /// Another network; answers again where there is a photo.
    void setModel(const ModelChoice& choice);
    void open(const QString& path);
    void openPicture(const QImage& picture, const QString& name);
    const std::shared_ptr<const Photo>& photo() const { return photo_; }
    /// nullopt: what the preprocessing chooses. Answers again.
    void setCrop(const std::optional<CropRect>& crop);
    const std::optional<CropRect>& crop() const { return crop_; }
    /// Where the class shows, of the crop as it is now.
    void requestMap(int64_t classIndex);
    bool busy() const { return jobs_.count() > 0; }

signals:
    void opened();
    void answered(const strata::studio::PhotoAnswer& answer);
    void mapReady(qint64 classIndex, const QImage& map);
    void mapFailed(const QString& sentence);
    void failed(const QString& sentence);

private:
    std::optional<ModelChoice> choice_;
    std::shared_ptr<PredictorSlot> slot_;
    std::shared_ptr<const Photo> photo_;
    std::optional<CropRect> crop_;
    Jobs jobs_{2};
    void show(std::shared_ptr<const Photo> photo);
    void predict();
};

} // namespace strata::studio
