// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/dataset.h"
#include "core/data/transform.h"
#include "core/model/network.h"

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace strata {

/// What is known of one class after an evaluation. A quotient whose denominator is 0 (a class nobody predicted, or without a
/// picture) is 0, as scikit-learn's default.
struct ClassMetrics {
    int64_t count = 0;    ///< pictures of this class
    double precision = 0; ///< of those predicted as this class, the part that is
    double recall = 0;    ///< of those of this class, the part that was found
    double f1 = 0;        ///< harmonic mean of the two
};

/// Predicted against true classes: counts of pictures.
class ConfusionMatrix {
public:
    explicit ConfusionMatrix(int64_t classes = 0) : classes_(classes), counts_(size_t(classes * classes)) {}
    int64_t classes() const { return classes_; }
    int64_t& at(int64_t truth, int64_t predicted) { return counts_[size_t(truth * classes_ + predicted)]; }
    int64_t at(int64_t truth, int64_t predicted) const { return counts_[size_t(truth * classes_ + predicted)]; }
    int64_t total() const;
    int64_t correct() const;
    ClassMetrics metrics(int64_t classIndex) const;

private:
    int64_t classes_;
    std::vector<int64_t> counts_;
};

/// What the network said about one picture.
struct SamplePrediction {
    int64_t index = 0; ///< in the dataset
    int64_t label = 0, predicted = 0;
    double probability = 0;      ///< of `predicted`
    double labelProbability = 0; ///< of `label`
    double loss = 0;             ///< cross-entropy
    bool correct() const { return label == predicted; }
};

/// A network measured on a dataset.
struct Evaluation {
    int64_t count = 0;
    double accuracy = 0;
    double top5 = 0; ///< the true class is among the five most probable (all of them with up to five classes)
    double loss = 0; ///< mean cross-entropy
    double seconds = 0;
    ConfusionMatrix confusion;
    std::vector<ClassMetrics> classes;
    ClassMetrics macro;                    ///< means of precision, recall and F1 over the classes; count: all pictures
    std::vector<SamplePrediction> samples; ///< of every picture, in the dataset's order; empty unless asked for
};

struct EvaluateOptions {
    int64_t batchSize = 250;
    int threads = 2;                                           ///< of the loader
    std::function<void(int64_t done, int64_t total)> progress; ///< after each batch
    std::stop_token stop;                                      ///< throws Error(Cancelled)
    bool keepSamples = false;                                  ///< fill Evaluation::samples
};

/// Runs every picture of `dataset` (pictures of `imageShape`, [C, H, W]) through the pipeline, without its random steps, and
/// the network. Throws Error(BadInput) when the network takes another shape than the pipeline makes, has too few classes for the labels, or
/// the dataset is empty.
Evaluation evaluate(const Network& network, const DatasetPtr& dataset, const Shape& imageShape, const Pipeline& pipeline,
                    const EvaluateOptions& options = {});

/// The `count` samples with the largest loss, largest first; of equals the lower index first.
std::vector<SamplePrediction> topLosses(const std::vector<SamplePrediction>& samples, int64_t count);
/// Indices of the pictures of one cell of the confusion matrix, in the dataset's order.
std::vector<int64_t> cellIndices(const std::vector<SamplePrediction>& samples, int64_t truth, int64_t predicted);
/// A table as CSV (RFC 4180): split, index (in the split), set and set_index (SampleKey), class, predicted, correct, probability,
/// class_probability, loss, origin. The samples are of the set of `source` that `split` names.
std::string predictionsCsv(const std::vector<SamplePrediction>& samples, const DataSource& source, const std::string& split,
                           const std::vector<std::string>& classNames);

/// {"accuracy", "top5", "loss", "count", "seconds", "images_per_second", "classes": [{"class", "count", "precision", "recall",
/// "f1"}], "macro": {"precision", "recall", "f1"}, "confusion": [[...]]}; rows of the confusion are true classes.
Json toJson(const Evaluation& evaluation, const std::vector<std::string>& classNames);

/// Name of a class, or its number where there are not enough names.
std::string className(const std::vector<std::string>& names, int64_t index);

} // namespace strata
