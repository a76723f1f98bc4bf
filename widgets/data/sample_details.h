// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/common/job.h"
#include "widgets/data/sample_index.h"
#include "widgets/data/shown_picture.h"

#include <QWidget>
#include <optional>

class QComboBox;
class QLabel;
class QPushButton;

namespace strata {

class ChipRow;
class DrawStrip;
class ElidedLabel;
class PictureView;
class Segmented;

/// Everything about one sample: picture, values under the cursor, class, split, origin, tags, what the network sees, six random
/// draws. Decodes in a job; the newest sample wins. GUI thread.
class SampleDetails : public QWidget {
    Q_OBJECT
public:
    explicit SampleDetails(QWidget* parent = nullptr);

    void setSamples(SampleIndexPtr index);
    void setStates(SampleStatesPtr states);
    void setPredictions(SamplePredictionsPtr predictions);
    /// nullopt: none, because `why`.
    void setPipeline(const std::optional<Pipeline>& pipeline, const QString& why = {});
    void setSeed(uint64_t seed); ///< of training: the key of the draws
    void showSample(int32_t id); ///< -1: none
    int32_t sample() const { return id_; }
    /// The picture as it lies in the data; empty until it is decoded.
    const ShownPicture& original() const { return original_; }
    PictureView* view() const { return view_; }

signals:
    void loaded();                      ///< original() is there
    void relabelled(int id, int label); ///< the person picked a class; the data's own takes the edit back
    void tagRemoved(int id, const QString& tag);
    void tagWanted(int id, QWidget* anchor); ///< the person wants to add a tag

private:
    Jobs jobs_{1};
    SampleIndexPtr index_;
    SampleStatesPtr states_;
    SamplePredictionsPtr predictions_;
    std::optional<Pipeline> pipeline_;
    QString pipelineProblem_;
    uint64_t seed_ = 0;
    int32_t id_ = -1;
    ShownPicture original_;
    PictureView* view_;
    QLabel* values_;
    Segmented* mode_;
    QComboBox* label_;
    QLabel* was_;
    ElidedLabel* place_;
    ElidedLabel* origin_;
    ElidedLabel* size_;
    ElidedLabel* predicted_;
    ChipRow* tags_;
    QPushButton* addTag_;
    DrawStrip* draws_;
    QWidget* body_;
    QLabel* none_;
    void makeBody();
    void refreshTexts();
    void refreshPicture();
    void refreshDraws();
};

} // namespace strata
