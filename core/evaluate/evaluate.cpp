// SPDX-License-Identifier: Apache-2.0
#include "core/evaluate/evaluate.h"

#include "core/autograd/autograd.h"
#include "core/base/text.h"
#include "core/data/data_loader.h"
#include "core/data/edits.h"
#include "core/ops/ops.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace strata {
namespace {

constexpr int64_t kTop = 5;

/// Position of the true class when classes are sorted by logit, 0 being the most probable. Of equal logits the lower class
/// comes first, as in argmax.
int64_t rankOfTruth(const float* logits, int64_t classes, int64_t truth) {
    int64_t rank = 0;
    for (int64_t c = 0; c < classes; ++c)
        if (logits[c] > logits[truth] || (logits[c] == logits[truth] && c < truth)) ++rank;
    return rank;
}

void requireFit(const Network& network, const DatasetPtr& dataset, const Shape& imageShape, const Pipeline& pipeline) {
    if (!dataset || dataset->size() == 0) fail(ErrorKind::BadInput, "there are no pictures to evaluate on");
    const Shape& input = network.spec().input;
    Shape made = pipeline.outputShape(imageShape);
    made[0] = input[0]; // the loader converts grey and colour
    if (made != input)
        fail(ErrorKind::BadInput, "the network takes pictures of {}, but this data comes out of the model's preprocessing as {}",
             input.text('x'), made.text('x'));
    int64_t largest = 0;
    for (int64_t i = 0; i < dataset->size(); ++i) largest = std::max(largest, dataset->label(i));
    if (largest >= network.classes())
        fail(ErrorKind::BadInput, "the network tells {} classes apart, but this data has {}", network.classes(), largest + 1);
}

/// Running sums of an evaluation.
struct Sums {
    int64_t topHits = 0;
    double loss = 0;
};

/// exp(row[c] - largest) / sum, in f64.
std::vector<double> rowSoftmax(const float* row, int64_t classes) {
    const double largest = *std::max_element(row, row + classes);
    std::vector<double> result;
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) sum += result.emplace_back(std::exp(double(row[c]) - largest));
    for (double& value : result) value /= sum;
    return result;
}

void addBatch(Evaluation& evaluation, const Tensor& logits, const Tensor& labels, bool keep, Sums& sums) {
    const std::vector<float> losses = crossEntropy(logits, labels, 0, false).toVector<float>();
    const std::vector<float> values = logits.toVector<float>();
    const std::vector<int64_t> truths = labels.toVector<int64_t>();
    const int64_t classes = logits.size(1);
    for (size_t i = 0; i < truths.size(); ++i) {
        const float* row = values.data() + int64_t(i) * classes;
        const int64_t predicted = std::max_element(row, row + classes) - row;
        ++evaluation.confusion.at(truths[i], predicted);
        if (rankOfTruth(row, classes, truths[i]) < kTop) ++sums.topHits;
        sums.loss += double(losses[i]);
        if (!keep) continue;
        const std::vector<double> probabilities = rowSoftmax(row, classes);
        evaluation.samples.push_back({evaluation.count + int64_t(i), truths[i], predicted, probabilities[size_t(predicted)],
                                      probabilities[size_t(truths[i])], double(losses[i])});
    }
    evaluation.count += int64_t(truths.size());
}

ClassMetrics macroOf(const Evaluation& evaluation) {
    ClassMetrics macro;
    const auto classes = double(evaluation.classes.size());
    for (const ClassMetrics& metrics : evaluation.classes) {
        macro.count += metrics.count;
        macro.precision += metrics.precision / classes;
        macro.recall += metrics.recall / classes;
        macro.f1 += metrics.f1 / classes;
    }
    return macro;
}

} // namespace

int64_t ConfusionMatrix::total() const {
    int64_t sum = 0;
    for (int64_t count : counts_) sum += count;
    return sum;
}

int64_t ConfusionMatrix::correct() const {
    int64_t sum = 0;
    for (int64_t c = 0; c < classes_; ++c) sum += at(c, c);
    return sum;
}

ClassMetrics ConfusionMatrix::metrics(int64_t classIndex) const {
    ClassMetrics result;
    int64_t predicted = 0;
    for (int64_t other = 0; other < classes_; ++other) {
        result.count += at(classIndex, other);
        predicted += at(other, classIndex);
    }
    const auto hits = double(at(classIndex, classIndex));
    if (predicted > 0) result.precision = hits / double(predicted);
    if (result.count > 0) result.recall = hits / double(result.count);
    if (hits > 0) result.f1 = 2 * result.precision * result.recall / (result.precision + result.recall);
    return result;
}

Evaluation evaluate(const Network& network, const DatasetPtr& dataset, const Shape& imageShape, const Pipeline& pipeline,
                    const EvaluateOptions& options) {
    requireFit(network, dataset, imageShape, pipeline);
    const auto begin = std::chrono::steady_clock::now();
    const NoGrad noGrad;
    LoaderOptions loading;
    loading.batchSize = options.batchSize;
    loading.training = false;
    loading.threads = options.threads;
    loading.sampler.shuffle = false;
    loading.channels = network.spec().input[0];
    DataLoader loader(dataset, pipeline, imageShape, loading);
    loader.start(0, 0, options.stop);

    Evaluation evaluation;
    evaluation.confusion = ConfusionMatrix(network.classes());
    Sums sums;
    while (const auto batch = loader.next()) {
        const Tensor logits = network.forward(batch->images.to(network.device())).to(cpuDevice());
        addBatch(evaluation, logits, batch->labels, options.keepSamples, sums);
        if (options.progress) options.progress(evaluation.count, dataset->size());
    }
    const auto count = double(evaluation.count);
    evaluation.accuracy = double(evaluation.confusion.correct()) / count;
    evaluation.top5 = double(sums.topHits) / count;
    evaluation.loss = sums.loss / count;
    for (int64_t c = 0; c < network.classes(); ++c) evaluation.classes.push_back(evaluation.confusion.metrics(c));
    evaluation.macro = macroOf(evaluation);
    evaluation.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return evaluation;
}

std::vector<SamplePrediction> topLosses(const std::vector<SamplePrediction>& samples, int64_t count) {
    std::vector<SamplePrediction> sorted = samples;
    const auto wanted = std::min(sorted.size(), size_t(std::max<int64_t>(count, 0)));
    std::partial_sort(sorted.begin(), sorted.begin() + std::ptrdiff_t(wanted), sorted.end(),
                      [](const SamplePrediction& a, const SamplePrediction& b) {
                          // A loss that is no number is worse than all others.
                          const bool aBad = std::isnan(a.loss), bBad = std::isnan(b.loss);
                          if (aBad != bBad) return aBad;
                          return !aBad && a.loss != b.loss ? a.loss > b.loss : a.index < b.index;
                      });
    sorted.resize(wanted);
    return sorted;
}

std::vector<int64_t> cellIndices(const std::vector<SamplePrediction>& samples, int64_t truth, int64_t predicted) {
    std::vector<int64_t> indices;
    for (const SamplePrediction& sample : samples)
        if (sample.label == truth && sample.predicted == predicted) indices.push_back(sample.index);
    return indices;
}

std::string predictionsCsv(const std::vector<SamplePrediction>& samples, const DataSource& source, const std::string& split,
                           const std::vector<std::string>& classNames) {
    std::string text = "split,index,set,set_index,class,predicted,correct,probability,class_probability,loss,origin\r\n";
    const DatasetPtr& dataset = split == "train" ? source.train : split == "validation" ? source.validation : source.test;
    for (const SamplePrediction& sample : samples) {
        const SampleKey key = sampleKey(source, split, sample.index);
        text += fmt::format("{},{},{},{},{},{},{},{:.6g},{:.6g},{:.6g},{}\r\n", split, sample.index, key.split, key.index,
                            csvField(className(classNames, sample.label)), csvField(className(classNames, sample.predicted)),
                            sample.correct() ? 1 : 0, sample.probability, sample.labelProbability, sample.loss,
                            csvField(dataset->origin(sample.index)));
    }
    return text;
}

std::string className(const std::vector<std::string>& names, int64_t index) {
    return index < int64_t(names.size()) ? names[size_t(index)] : std::to_string(index);
}

Json toJson(const Evaluation& evaluation, const std::vector<std::string>& classNames) {
    Json json{{"accuracy", evaluation.accuracy},
              {"top5", evaluation.top5},
              {"loss", evaluation.loss},
              {"count", evaluation.count},
              {"seconds", evaluation.seconds},
              {"images_per_second", evaluation.seconds > 0 ? double(evaluation.count) / evaluation.seconds : 0}};
    Json classes = Json::array();
    Json confusion = Json::array();
    for (int64_t c = 0; c < evaluation.confusion.classes(); ++c) {
        const ClassMetrics& m = evaluation.classes[size_t(c)];
        classes.push_back(
            {{"class", className(classNames, c)}, {"count", m.count}, {"precision", m.precision}, {"recall", m.recall}, {"f1", m.f1}});
        Json row = Json::array();
        for (int64_t p = 0; p < evaluation.confusion.classes(); ++p) row.push_back(evaluation.confusion.at(c, p));
        confusion.push_back(row);
    }
    json["classes"] = classes;
    json["macro"] = {{"precision", evaluation.macro.precision}, {"recall", evaluation.macro.recall}, {"f1", evaluation.macro.f1}};
    json["confusion"] = confusion;
    return json;
}

} // namespace strata
