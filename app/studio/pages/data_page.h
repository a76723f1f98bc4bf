// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"
#include "core/data/edits.h"
#include "widgets/data/sample_filter.h"

#include <QPointer>
#include <functional>
#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QMenu;
class QProgressBar;
class QPushButton;
class QScrollArea;
class QSlider;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace strata {
class ChipRow;
class DownloadPanel;
class DrawStrip;
class EmptyState;
class FactsSheet;
class FilterPanel;
class SampleDetails;
class SampleGrid;
class SampleViewer;
class TransformList;
} // namespace strata

namespace strata::studio {

class DataSide;

/// The Data page: filters | all samples | details, facts or transforms of the project's data; edits of samples.
class DataPage : public Page {
    Q_OBJECT
public:
    explicit DataPage(Context& context, QWidget* parent = nullptr);
    ~DataPage() override;
    void enter(const Request& request) override;
    QWidget* footerActions() override;
    void setNarrow(bool narrow) override;

    /// What a network said about the samples; null takes the filters by prediction away.
    void setPredictions(SamplePredictionsPtr predictions);
    const SampleFilter& filter() const { return filter_; }
    void setFilter(const SampleFilter& filter);

    SampleGrid* grid() const { return grid_; }
    FilterPanel* filters() const { return filters_; }
    SampleDetails* details() const { return details_; }
    TransformList* transforms() const { return transforms_; }
    FactsSheet* facts() const { return facts_; }
    ChipRow* chips() const { return chips_; }
    DownloadPanel* download() const { return download_; }
    SampleViewer* viewer() const { return viewer_; }
    QLineEdit* search() const { return search_; }

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    enum class Side { Details, Facts, Transforms };
    Jobs jobs_{1};
    SampleIndexPtr index_;
    SampleStatesPtr states_;
    SamplePredictionsPtr predictions_;
    EditList edits_;
    SampleFilter filter_;
    Request pending_; ///< samples asked for before the data were open
    std::shared_ptr<const OpenData> shown_;
    bool narrow_ = false;

    QSplitter* splitter_;
    QWidget* left_;
    FilterPanel* filters_;
    QScrollArea* filterArea_;
    QPushButton* source_;
    QMenu* sourceMenu_;
    QStackedWidget* middle_;
    QWidget* browse_;
    QLineEdit* search_;
    QComboBox* sort_;
    QToolButton* direction_;
    QSlider* size_;
    QToolButton* sideButton_;
    ChipRow* chips_;
    std::vector<std::function<void(SampleFilter&)>> chipRemovers_;
    QStackedWidget* shelf_;
    SampleGrid* grid_;
    EmptyState* noMatch_;
    SampleViewer* viewer_;
    EmptyState* empty_;
    QWidget* opening_;
    QLabel* openingText_;
    EmptyState* failed_;
    DownloadPanel* download_;
    DataSide* side_;
    SampleDetails* details_;
    FactsSheet* facts_;
    TransformList* transforms_;
    DrawStrip* transformDraws_;
    QPointer<QWidget> footer_; ///< the frame shows it, and may own it by then
    QWidget* footerRow_;       ///< what the page itself shows and hides
    QPushButton* relabel_;
    QPushButton* tag_;
    QPushButton* exclude_;

    // data_page.cpp
    void build();
    QWidget* makeLeft();
    QWidget* makeMiddle();
    QWidget* makeToolRow();
    void makeSide();
    void makeFooter();
    void connectViews();
    void refreshData();
    void takeData(const std::shared_ptr<const OpenData>& opened);
    void showIndex(SampleIndexPtr index);
    void refreshSide();
    void openSide(Side side);
    void placeDrawer();
    void openLarge(int id);
    void closeLarge();
    void saveSizes();
    // data_page_filter.cpp
    void applyFilterNow();
    void showResult(FilterResult result);
    void refreshChips();
    void applyPending();
    void refreshPredictions();
    void refreshSortBox();
    // data_page_edits.cpp
    void refreshEdits();
    void refreshPipeline();
    void refreshFooter();
    void editSamples(const QString& text, const std::vector<int32_t>& ids, const std::function<void(int32_t, SampleEdit&)>& change);
    void relabelSamples(const std::vector<int32_t>& ids, int label);
    void tagSamples(const std::vector<int32_t>& ids, const QString& tag);
    void untagSamples(const std::vector<int32_t>& ids, const QString& tag);
    void excludeSelection();
    void askLabel(QWidget* anchor);
    void askTag(const std::vector<int32_t>& ids, QWidget* anchor);
    // data_page_source.cpp
    void fillSourceMenu();
    void openSpec(const QString& spec);
    void openPaths(const QStringList& paths);
    void chooseFolder();
    void chooseFile();
    void startDownload();
    // data_page_actions.cpp
    void addActions();
};

} // namespace strata::studio
