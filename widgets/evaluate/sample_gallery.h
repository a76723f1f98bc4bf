// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/dataset.h"
#include "core/evaluate/evaluate.h"
#include "widgets/common/job.h"

#include <QAbstractListModel>
#include <QCache>
#include <QImage>
#include <QListView>
#include <string>
#include <vector>

namespace strata {

/// What a network said about some samples, as a list; pictures are made in a job when they are first asked for.
class SampleGalleryModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { PictureRole = Qt::UserRole + 1, TrueRole, PredictedRole, ProbabilityRole, IndexRole };
    explicit SampleGalleryModel(QObject* parent = nullptr);

    /// `samples` in the order to show; their index is the place in `dataset`.
    void setSamples(DatasetPtr dataset, std::vector<SamplePrediction> samples, std::vector<std::string> classes);
    const SamplePrediction& sample(int row) const { return samples_[size_t(row)]; }
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool loading() const { return jobs_.running("pictures") || !wanted_.empty(); }

private:
    DatasetPtr dataset_;
    std::vector<SamplePrediction> samples_;
    std::vector<std::string> classes_;
    mutable QCache<int, QImage> pictures_; ///< by row
    mutable std::vector<int> wanted_;
    std::vector<int> underway_;
    mutable Jobs jobs_;
    void want(int row) const;
    void fetch();
};

/// The samples as a gallery: the picture in whole multiples of its pixels, below it what was predicted with its probability,
/// and (with two lines) the true class. Arrows move, Enter or a double click opens.
class SampleGallery : public QListView {
    Q_OBJECT
public:
    /// `pictureSize`: side of the place for a picture; `lines`: 1 or 2 lines of text below.
    SampleGallery(int pictureSize, int lines, const QString& accessibleName, QWidget* parent = nullptr);
    SampleGalleryModel& samples() { return *model_; }

signals:
    void opened(const strata::SamplePrediction& sample);

private:
    SampleGalleryModel* model_;
};

} // namespace strata
