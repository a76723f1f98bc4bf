// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/data/sample_filter.h"

#include <QWidget>
#include <vector>

class QCheckBox;
class QComboBox;
class QLabel;
class QPushButton;

namespace strata {

class CountList;

/// The filters at the left of the grid: split, classes (their bars are the histogram), tags, edits, predictions. Keeps no truth: shows a
/// filter and reports the filter that the person wants.
class FilterPanel : public QWidget {
    Q_OBJECT
public:
    explicit FilterPanel(QWidget* parent = nullptr);
    void setSamples(const SampleIndexPtr& index);
    void setStates(const SampleStatesPtr& states);
    void setPredictions(const SamplePredictionsPtr& predictions);
    void setFilter(const SampleFilter& filter);
    void setCounts(const FilterResult& result);
    CountList* splits() const { return splits_; }
    CountList* classes() const { return classes_; }
    CountList* tags() const { return tags_; }
    CountList* edits() const { return edits_; }
    QComboBox* predicted() const { return predicted_; }
    QCheckBox* wrongOnly() const { return wrong_; }
    QPushButton* evaluateButton() const { return evaluate_; }

signals:
    void changed(const strata::SampleFilter& filter);
    void evaluateWanted();

private:
    SampleIndexPtr index_;
    SampleStatesPtr states_;
    SampleFilter filter_;
    std::vector<Split> shownSplits_; ///< rows of the split list after "All"
    CountList* splits_;
    CountList* classes_;
    QWidget* tagSection_;
    CountList* tags_;
    QWidget* editSection_;
    CountList* edits_;
    QComboBox* predicted_;
    QCheckBox* wrong_;
    QWidget* predictionSection_;
    QWidget* evaluateSection_;
    QPushButton* evaluate_;
    QLabel* network_;
    void connectLists();
    void report();
};

} // namespace strata
