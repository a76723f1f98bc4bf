// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/filter_panel.h"
#include "widgets/common/controls.h"
#include "widgets/data/count_list.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>

namespace strata {
namespace {

constexpr int kMostTagRows = 5;

/// A heading with a list below it, as one widget that can be hidden.
QWidget* section(const QString& title, QWidget* content) {
    auto* widget = new QWidget;
    auto* column = makeColumn(widget, measure::kSpace4);
    QLabel* heading = makeHeading(title);
    heading->setContentsMargins(measure::kSpace8, 0, 0, 0);
    heading->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    column->addWidget(heading);
    column->addWidget(content);
    widget->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    return widget;
}

} // namespace

FilterPanel::FilterPanel(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, measure::kSpace16);
    column->setContentsMargins(measure::kSpace8, measure::kSpace4, measure::kSpace8, measure::kSpace12);
    splits_ = new CountList(tr("Split"), true, false);
    classes_ = new CountList(tr("Classes"), false, true);
    tags_ = new CountList(tr("Tags"), false, false);
    edits_ = new CountList(tr("Edited"), false, false);
    tags_->setMostRows(kMostTagRows);
    column->addWidget(splits_);
    column->addWidget(section(tr("Classes"), classes_), 1);
    tagSection_ = section(tr("Tags"), tags_);
    editSection_ = section(tr("Edited"), edits_);
    column->addWidget(tagSection_);
    column->addWidget(editSection_);

    predictionSection_ = new QWidget;
    auto* predictions = makeColumn(predictionSection_, measure::kSpace8);
    predictions->setContentsMargins(measure::kSpace8, 0, measure::kSpace8, 0);
    predicted_ = new QComboBox;
    predicted_->setMinimumContentsLength(6);
    predicted_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    predictions->addWidget(makeHeading(tr("Predictions")));
    network_ = makeCaption({});
    predictions->addWidget(network_);
    predictions->addWidget(new Field(tr("Predicted as"), predicted_));
    wrong_ = new QCheckBox(tr("Wrong only"));
    predictions->addWidget(wrong_);
    column->addWidget(predictionSection_);

    evaluateSection_ = new QWidget;
    auto* row = makeRow(evaluateSection_);
    row->setContentsMargins(measure::kSpace8, 0, 0, 0);
    row->addWidget(makeCaption(tr("Evaluate to filter by prediction")), 1);
    evaluate_ = makeButton(tr("Evaluate"), ButtonKind::Normal);
    row->addWidget(evaluate_);
    column->addWidget(evaluateSection_);
    column->addStretch();
    connectLists();
    setStates({});
    setPredictions({});
}

void FilterPanel::connectLists() {
    connect(splits_, &CountList::filtered, this, [this](const std::set<int>& rows) {
        const int row = rows.empty() ? 0 : *rows.begin();
        filter_.split = row == 0 ? std::optional<Split>() : shownSplits_[size_t(row - 1)];
        report();
    });
    connect(classes_, &CountList::filtered, this, [this](const std::set<int>& rows) {
        filter_.classes = std::set<int32_t>(rows.begin(), rows.end());
        report();
    });
    connect(tags_, &CountList::filtered, this, [this](const std::set<int>& rows) {
        filter_.tags.clear();
        for (const int row : rows) filter_.tags.insert(tags_->rows().names()[row].toStdString());
        report();
    });
    connect(edits_, &CountList::filtered, this, [this](const std::set<int>& rows) {
        filter_.relabelled = rows.contains(0);
        filter_.excluded = rows.contains(1) ? ExcludedFilter::Only : ExcludedFilter::Any;
        report();
    });
    connect(predicted_, &QComboBox::activated, this, [this](int item) {
        filter_.predicted = item == 0 ? std::optional<int32_t>() : item - 1;
        report();
    });
    connect(wrong_, &QCheckBox::toggled, this, [this](bool on) {
        filter_.wrongOnly = on;
        report();
    });
    connect(evaluate_, &QPushButton::clicked, this, &FilterPanel::evaluateWanted);
}

void FilterPanel::report() { emit changed(filter_); }

void FilterPanel::setSamples(const SampleIndexPtr& index) {
    index_ = index;
    shownSplits_.clear();
    QStringList splits{tr("All")}, classes;
    const QString names[] = {tr("Training"), tr("Validation"), tr("Test")};
    for (int s = 0; index && s < kSplits; ++s) {
        if (index->size(Split(s)) == 0) continue;
        splits << names[s];
        shownSplits_.push_back(Split(s));
    }
    if (index)
        for (const std::string& name : index->source().classes) classes << QString::fromStdString(name);
    splits_->rows().setNames(splits);
    splits_->rows().setChecked({0});
    splits_->contentChanged();
    classes_->rows().setNames(classes);
    classes_->contentChanged();
    const QSignalBlocker blocker(predicted_);
    predicted_->clear();
    predicted_->addItem(tr("Any class"));
    predicted_->addItems(classes);
    filter_ = {};
}

void FilterPanel::setStates(const SampleStatesPtr& states) {
    states_ = states;
    QStringList tags;
    std::vector<int> counts;
    if (states)
        for (const auto& [tag, count] : states->tagCounts()) {
            tags << QString::fromStdString(tag);
            counts.push_back(count);
        }
    tags_->rows().setNames(tags);
    tags_->rows().setCounts(counts);
    tags_->contentChanged();
    tags_->setMostRows(kMostTagRows);
    tagSection_->setVisible(!tags.isEmpty());
    const bool edited = states && states->relabelledCount() + states->excludedCount() > 0;
    edits_->rows().setNames({tr("Relabelled"), tr("Excluded")});
    edits_->rows().setCounts({states ? states->relabelledCount() : 0, states ? states->excludedCount() : 0});
    edits_->contentChanged();
    editSection_->setVisible(edited || filter_.relabelled || filter_.excluded != ExcludedFilter::Any);
    setFilter(filter_);
}

void FilterPanel::setPredictions(const SamplePredictionsPtr& predictions) {
    predictionSection_->setVisible(predictions != nullptr);
    evaluateSection_->setVisible(!predictions);
    network_->setText(predictions ? QString::fromStdString(predictions->network) : QString());
}

void FilterPanel::setFilter(const SampleFilter& filter) {
    filter_ = filter;
    const auto split = filter.split ? std::find(shownSplits_.begin(), shownSplits_.end(), *filter.split) : shownSplits_.end();
    splits_->rows().setChecked({split == shownSplits_.end() ? 0 : int(split - shownSplits_.begin()) + 1});
    classes_->rows().setChecked(std::set<int>(filter.classes.begin(), filter.classes.end()));
    std::set<int> tags, edits;
    for (int i = 0; i < tags_->rows().names().size(); ++i)
        if (filter.tags.contains(tags_->rows().names()[i].toStdString())) tags.insert(i);
    tags_->rows().setChecked(tags);
    if (filter.relabelled) edits.insert(0);
    if (filter.excluded == ExcludedFilter::Only) edits.insert(1);
    edits_->rows().setChecked(edits);
    const QSignalBlocker first(predicted_), second(wrong_);
    predicted_->setCurrentIndex(filter.predicted ? *filter.predicted + 1 : 0);
    wrong_->setChecked(filter.wrongOnly);
}

void FilterPanel::setCounts(const FilterResult& result) {
    classes_->rows().setCounts({result.classCounts.begin(), result.classCounts.end()});
    std::vector<int> splits{0};
    for (const Split split : shownSplits_) {
        splits.push_back(result.splitCounts[size_t(split)]);
        splits[0] += splits.back();
    }
    splits_->rows().setCounts(splits);
}

} // namespace strata
