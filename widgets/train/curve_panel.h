// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/common/job.h"
#include "widgets/train/curve_legend.h"
#include "widgets/train/curve_plot.h"

#include <QWidget>
#include <array>
#include <map>
#include <memory>

class QLabel;
class QSlider;

namespace strata {

class Segmented;

/// What a training run draws.
enum class Series { BatchLoss, ValidationLoss, TrainAccuracy, ValidationAccuracy, LearningRate, ImagesPerSecond, Count };

/// The plots of training: loss, accuracy, learning rate, images/s (2x2) under a row of tools and a legend. One x axis for
/// all; a read-out across all. Knows no run folder: its owner appends points.
class CurvePanel : public QWidget {
    Q_OBJECT
public:
    explicit CurvePanel(QWidget* parent = nullptr);

    /// The runs there are, in order; hidden ones leave the plots and stay in the legend. Data of others is forgotten.
    void setRuns(const std::vector<CurveRun>& runs);
    /// The points of a series, to append to; follow with refresh(). Accuracy in percent.
    CurveData& data(const QString& run, Series series);
    void setStepsPerEpoch(const QString& run, double steps);
    void clear(const QString& run);
    void refresh();

    CurvePlot* plot(int index) const { return plots_[size_t(index)]; } ///< 0 loss, 1 accuracy, 2 learning rate, 3 images/s
    CurveLegend* legend() const { return legend_; }
    QSlider* smoothing() const { return smoothing_; }
    CurveX xKind() const { return xKind_; }
    void setXKind(CurveX kind);
    void setSmoothing(int percent);
    void fit();

    /// ".svg", ".pdf", ".png" or ".csv" by the file's ending; what is seen, CSV all points of the runs shown. The signals tell
    /// how it went.
    void exportTo(const QString& path);
    void askExport();

signals:
    void runToggled(const QString& id, bool shown);
    void viewChanged(); ///< axis or smoothing, by the person
    void exported(const QString& path);
    void failed(const QString& sentence);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct RunCurves {
        std::array<std::shared_ptr<CurveData>, size_t(Series::Count)> series;
    };
    std::array<CurvePlot*, 4> plots_{};
    std::map<QString, RunCurves> curves_;
    std::vector<CurveRun> runs_;
    Segmented* axis_;
    QSlider* smoothing_;
    QLabel* smoothingText_;
    CurveLegend* legend_;
    CurveX xKind_ = CurveX::Epoch;
    Jobs jobs_;
    QWidget* makeTools();
    QWidget* makeCell(CurvePlot* plot);
    void connectPlot(CurvePlot* plot);
    RunCurves& curvesOf(const QString& run);
    void attach();
    QByteArray picture(const QString& suffix) const;
    void paintAll(QCPPainter& painter, const QSize& size) const;
    std::function<std::string()> csv() const;
};

} // namespace strata
