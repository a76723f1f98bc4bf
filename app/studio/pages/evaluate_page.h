// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/evaluation_job.h"
#include "app/studio/page.h"
#include "widgets/common/job.h"

#include <QElapsedTimer>
#include <QTimer>
#include <map>

class QLabel;
class QProgressBar;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace strata {
class ClassMetricsTable;
class ConfusionMatrixView;
class ElidedLabel;
class EmptyState;
class SampleGallery;
class ScaleLegend;
class Segmented;
} // namespace strata

namespace strata::studio {

class ModelCombo;

/// Measures a network on the test or validation images: confusion matrix, classes, top losses, and the images behind each cell.
class EvaluatePage : public Page {
    Q_OBJECT
public:
    explicit EvaluatePage(Context& context);
    void enter(const Request& request) override;
    void setNarrow(bool narrow) override;

    void evaluate();
    void stop();
    /// `strata evaluate ...` that measures the same.
    QString command() const;
    /// The matrix as CSV: a row a true class.
    static std::string matrixCsv(const EvaluationResult& result);

private:
    Jobs jobs_{1};
    EvaluationStore::Result shown_;
    std::shared_ptr<JobProgress> progress_;
    std::map<QString, Json> measuredWith_; ///< edits by "network|split"
    std::weak_ptr<const OpenData> lastData_;
    QElapsedTimer started_;
    QTimer tick_;
    bool narrow_ = false;
    bool evaluateWhenOpen_ = false;
    std::vector<int64_t> listed_; ///< the images at the right
    QString listedText_;
    QString problem_; ///< why the last evaluation failed

    ModelCombo* model_;
    Segmented *split_, *view_, *scale_;
    QLabel *accuracy_, *loss_, *progressText_;
    QProgressBar* bar_;
    QPushButton *run_, *showInData_;
    QStackedWidget *body_, *left_;
    EmptyState *nothing_, *notYet_;
    QPushButton* notYetButton_;
    ConfusionMatrixView* matrix_;
    ScaleLegend* legend_;
    ClassMetricsTable* classes_;
    SampleGallery *losses_, *images_;
    ElidedLabel* imagesTitle_;
    QLabel* imagesHint_;
    QWidget *panel_, *matrixTools_;
    QToolButton *closePanel_, *more_;
    QSplitter* splitter_;

    QWidget* makeToolbar();
    QWidget* makeViews();
    QWidget* makePanel();
    void addActions();
    QString split() const;
    void dataChanged();
    void display(const EvaluationStore::Result& result);
    void refresh();
    void refreshRunning();
    void refreshFooter();
    void setView(int view);
    void setScale(int scale);
    void listCell(int truth, int predicted);
    void listClass(int index);
    void list(std::vector<SamplePrediction> samples, const QString& title);
    void goToData(std::vector<int64_t> samples, const QString& text);
    void exportMatrix(bool picture);
    void useIncluded();
    void showPanel(bool visible);
    bool stale() const;
};

} // namespace strata::studio
