// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/data_page.h"
#include "core/base/text.h"
#include "widgets/common/controls.h"
#include "widgets/data/chip_row.h"
#include "widgets/data/filter_panel.h"
#include "widgets/data/sample_details.h"
#include "widgets/data/sample_grid.h"

#include <QComboBox>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QToolButton>

namespace strata::studio {
namespace {

/// Without a text to look for a filter over so many samples takes a few milliseconds; more go to a thread.
constexpr int kAtOnce = 100000;

} // namespace

void DataPage::setFilter(const SampleFilter& filter) {
    if (filter == filter_) return;
    filter_ = filter;
    filters_->setFilter(filter_);
    const QSignalBlocker first(search_), second(direction_);
    const QString text = QString::fromStdString(filter_.text);
    if (search_->text() != text) search_->setText(text);
    direction_->setChecked(filter_.descending);
    sort_->setCurrentIndex(std::max(0, sort_->findData(int(filter_.sort))));
    refreshChips();
    applyFilterNow();
}

void DataPage::applyFilterNow() {
    if (!index_ || !states_) return;
    if (trim(filter_.text).empty() && index_->size() <= kAtOnce) {
        jobs_.cancel("filter");
        return showResult(applyFilter(*index_, *states_, predictions_.get(), filter_));
    }
    jobs_.start(
        "filter",
        [index = index_, states = states_, predictions = predictions_, filter = filter_](std::stop_token stop) {
            return applyFilter(*index, *states, predictions.get(), filter, stop);
        },
        [this](FilterResult result) { showResult(std::move(result)); });
}

void DataPage::showResult(FilterResult result) {
    filters_->setCounts(result);
    const bool none = result.order.empty();
    grid_->setOrder(std::move(result.order));
    if (none) {
        const int count = filter_.count();
        noMatch_->setText(count == 0   ? tr("No samples here.")
                          : count == 1 ? tr("No samples match 1 filter.")
                                       : tr("No samples match %1 filters.").arg(count));
    }
    shelf_->setCurrentWidget(none ? static_cast<QWidget*>(noMatch_) : grid_);
    refreshFooter();
}

void DataPage::refreshChips() {
    QStringList texts;
    chipRemovers_.clear();
    const auto add = [&](const QString& text, std::function<void(SampleFilter&)> remove) {
        texts << text;
        chipRemovers_.push_back(std::move(remove));
    };
    const auto name = [&](int32_t label) { return QString::fromStdString(index_->source().classes[size_t(label)]); };
    if (filter_.samples) add(QString::fromStdString(filter_.samplesText), [](SampleFilter& f) { f.samples.reset(); });
    if (index_)
        for (const int32_t label : filter_.classes) add(name(label), [label](SampleFilter& f) { f.classes.erase(label); });
    if (!trim(filter_.text).empty())
        add(tr("\"%1\"").arg(QString::fromStdString(trim(filter_.text))), [](SampleFilter& f) { f.text.clear(); });
    for (const std::string& tag : filter_.tags)
        add(tr("Tag %1").arg(QString::fromStdString(tag)), [tag](SampleFilter& f) { f.tags.erase(tag); });
    if (filter_.relabelled) add(tr("Relabelled"), [](SampleFilter& f) { f.relabelled = false; });
    if (filter_.excluded != ExcludedFilter::Any) add(tr("Excluded"), [](SampleFilter& f) { f.excluded = ExcludedFilter::Any; });
    if (filter_.predicted && index_) add(tr("Predicted as %1").arg(name(*filter_.predicted)), [](SampleFilter& f) { f.predicted.reset(); });
    if (filter_.wrongOnly) add(tr("Wrong only"), [](SampleFilter& f) { f.wrongOnly = false; });
    chips_->setChips(texts);
    chips_->setVisible(!texts.isEmpty());
}

void DataPage::applyPending() {
    if (!index_ || !states_ || pending_.samples.empty()) return;
    SampleFilter filter;
    filter.sort = filter_.sort;
    filter.descending = filter_.descending;
    Split split = Split::Test;
    for (int s = 0; s < kSplits; ++s)
        if (pending_.split == splitId(Split(s))) split = Split(s);
    filter.samples.emplace();
    for (const int64_t sample : pending_.samples)
        if (const int32_t id = index_->find(split, sample); id >= 0) filter.samples->push_back(id);
    filter.samplesText = pending_.text.isEmpty() ? tr("Chosen samples").toStdString() : pending_.text.toStdString();
    pending_ = {};
    setFilter(filter);
    grid_->setFocus(Qt::OtherFocusReason);
}

// Predictions

void DataPage::refreshPredictions() {
    if (!index_) return setPredictions({});
    auto predictions = std::make_shared<SamplePredictions>();
    bool any = false;
    for (const Split split : {Split::Validation, Split::Test}) {
        const EvaluationStore::Result result = context_.evaluations.newest(splitId(split));
        if (!result || result->data != index_->source().spec) continue;
        if (!any) {
            predictions->predicted.assign(size_t(index_->size()), -1);
            predictions->loss.assign(size_t(index_->size()), 0);
            any = true;
        }
        predictions->network = result->modelTitle.toStdString();
        for (const SamplePrediction& sample : result->evaluation.samples) {
            const int32_t id = index_->find(split, sample.index);
            if (id < 0) continue;
            predictions->predicted[size_t(id)] = int32_t(sample.predicted);
            predictions->loss[size_t(id)] = float(sample.loss);
        }
    }
    setPredictions(any ? predictions : nullptr);
}

void DataPage::setPredictions(SamplePredictionsPtr predictions) {
    predictions_ = std::move(predictions);
    filters_->setPredictions(predictions_);
    details_->setPredictions(predictions_);
    SampleFilter filter = filter_;
    if (!predictions_) {
        filter.predicted.reset();
        filter.wrongOnly = false;
        if (filter.sort == SampleSort::Loss) filter.sort = SampleSort::Index;
    }
    refreshSortBox();
    if (filter == filter_)
        applyFilterNow();
    else
        setFilter(filter);
}

void DataPage::refreshSortBox() {
    const QSignalBlocker blocker(sort_);
    sort_->clear();
    sort_->addItem(tr("By index"), int(SampleSort::Index));
    sort_->addItem(tr("By class"), int(SampleSort::Class));
    if (predictions_) sort_->addItem(tr("By loss"), int(SampleSort::Loss));
    sort_->setCurrentIndex(std::max(0, sort_->findData(int(filter_.sort))));
}

} // namespace strata::studio
