// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/sample_filter.h"

#include <QtTest>

using namespace strata;

class TstSampleFilter : public QObject {
    Q_OBJECT

    SampleIndexPtr index_ = std::make_shared<const SampleIndex>(openSource("shapes:300"));
    EditList edits_;

    std::vector<int32_t> shown(const SampleFilter& filter, const SamplePredictions* predictions = nullptr) const {
        return applyFilter(*index_, SampleStates(*index_, edits_), predictions, filter).order;
    }

private slots:
    void init() { edits_ = {}; }

    void everySampleHasANumberAndAKeyThatFindsIt() {
        const DataSource& source = index_->source();
        QCOMPARE(int64_t(index_->size()), source.train->size() + source.validation->size() + source.test->size());
        for (int32_t id = 0; id < index_->size(); ++id) {
            QCOMPARE(index_->find(index_->key(id)), id);
            QCOMPARE(index_->find(index_->split(id), index_->index(id)), id);
            QCOMPARE(int64_t(index_->label(id)), index_->sample(id).label);
        }
        QCOMPARE(index_->find(Split::Test, source.test->size()), -1);
        QCOMPARE(index_->find(SampleKey{"train", 1 << 30}), -1);
        QCOMPARE(index_->find(SampleKey{"other", 0}), -1);
    }

    void splitsAndClassesAddUp() {
        SampleFilter filter;
        size_t sum = 0;
        for (int s = 0; s < kSplits; ++s) {
            filter.split = Split(s);
            const std::vector<int32_t> order = shown(filter);
            QCOMPARE(int32_t(order.size()), index_->size(Split(s)));
            for (const int32_t id : order) QCOMPARE(int(index_->split(id)), s);
            sum += order.size();
        }
        QCOMPARE(sum, size_t(index_->size()));
        filter = {};
        filter.classes = {2, 7};
        const FilterResult result = applyFilter(*index_, SampleStates(*index_, edits_), nullptr, filter);
        for (const int32_t id : result.order) QVERIFY(index_->label(id) == 2 || index_->label(id) == 7);
        QCOMPARE(int(result.order.size()), result.classCounts[2] + result.classCounts[7]);
        QVERIFY(result.classCounts[0] > 0); // the histogram does not hide what could be picked
    }

    void editsAreFiltered() {
        SampleEdit edit;
        edit.tags = {"Blurred"};
        edits_.set(index_->key(3), edit);
        edit.exclude = true;
        edit.label = index_->source().classes[size_t((index_->label(8) + 1) % 10)];
        edits_.set(index_->key(8), edit);
        SampleFilter filter;
        filter.tags = {"Blurred"};
        QCOMPARE(shown(filter), (std::vector<int32_t>{3, 8}));
        filter.excluded = ExcludedFilter::Only;
        QCOMPARE(shown(filter), std::vector<int32_t>{8});
        filter.excluded = ExcludedFilter::Hide;
        QCOMPARE(shown(filter), std::vector<int32_t>{3});
        filter.clear();
        filter.relabelled = true;
        QCOMPARE(shown(filter), std::vector<int32_t>{8});
        filter.clear();
        filter.text = " blurRED ";
        QCOMPARE(shown(filter), (std::vector<int32_t>{3, 8}));
        filter.clear();
        filter.classes = {(index_->label(8) + 1) % 10};
        const std::vector<int32_t> order = shown(filter);
        QVERIFY(std::find(order.begin(), order.end(), 8) != order.end()); // by its new class
    }

    void predictionsFilterAndSort() {
        SamplePredictions predictions;
        predictions.predicted.assign(size_t(index_->size()), -1);
        predictions.loss.assign(size_t(index_->size()), 0);
        for (const int32_t id : {4, 5, 6}) {
            predictions.predicted[size_t(id)] = id == 5 ? index_->label(id) : (index_->label(id) + 1) % 10;
            predictions.loss[size_t(id)] = float(10 - id);
        }
        SampleFilter filter;
        filter.wrongOnly = true;
        QCOMPARE(shown(filter, &predictions), (std::vector<int32_t>{4, 6}));
        QVERIFY(shown(filter).empty()); // nobody was asked
        filter.sort = SampleSort::Loss;
        QCOMPARE(shown(filter, &predictions), (std::vector<int32_t>{6, 4}));
        filter.clear();
        filter.predicted = index_->label(5);
        const std::vector<int32_t> order = shown(filter, &predictions);
        QVERIFY(std::find(order.begin(), order.end(), 5) != order.end());
    }

    void sortingByClassIsStableAndCanBeReversed() {
        SampleFilter filter;
        filter.sort = SampleSort::Class;
        std::vector<int32_t> order = shown(filter);
        for (size_t i = 1; i < order.size(); ++i) {
            const int32_t before = index_->label(order[i - 1]), label = index_->label(order[i]);
            QVERIFY(before < label || (before == label && order[i - 1] < order[i]));
        }
        filter.descending = true;
        std::reverse(order.begin(), order.end());
        QCOMPARE(shown(filter), order);
    }

    void chosenSamplesKeepTheirOrder() {
        SampleFilter filter;
        filter.samples = std::vector<int32_t>{9, 2, 5, 1 << 30, -1};
        QCOMPARE(shown(filter), (std::vector<int32_t>{9, 2, 5}));
        QCOMPARE(filter.count(), 1);
    }
};

QTEST_GUILESS_MAIN(TstSampleFilter)
#include "tst_sample_filter.moc"
