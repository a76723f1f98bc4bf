// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/evaluation_job.h"
#include "app/run/compute_turn.h"
#include "app/studio/data_center.h"
#include "core/data/edits.h"

#include <unordered_map>

namespace strata::studio {
namespace {

constexpr int64_t kBatch = 100; ///< small enough that a photo in between waits a moment only

std::string keyText(const SampleKey& key) { return key.split + "/" + std::to_string(key.index); }

/// Places in the edited split become places in the split as the files are.
void toPlainIndices(std::vector<SamplePrediction>& samples, const DataSource& edited, const DataSource& plain, const QString& split) {
    std::unordered_map<std::string, int64_t> places;
    const std::string name = split.toStdString();
    const int64_t count = splitOf(plain, split)->size();
    for (int64_t i = 0; i < count; ++i) places[keyText(sampleKey(plain, name, i))] = i;
    for (SamplePrediction& sample : samples) sample.index = places.at(keyText(sampleKey(edited, name, sample.index)));
}

void requireFit(const ModelFile& model, const EvaluationTask& task, const DataSource& source) {
    if (!takesPicturesOf(model, source))
        fail(ErrorKind::BadInput, "{} takes pictures of {}, but the data have {}.", task.model.title.toStdString(),
             model.spec.input.text('x'), source.imageShape.text('x'));
}

} // namespace

bool takesPicturesOf(const ModelFile& model, const DataSource& source) {
    try {
        Shape made = model.pipeline.outputShape(source.imageShape);
        made[0] = model.spec.input[0]; // the loader converts grey and colour
        return made == model.spec.input;
    } catch (const Error&) { return false; } // a step of the preprocessing cannot be applied to such pictures
}

DatasetPtr splitOf(const DataSource& source, const QString& split) {
    return split == "train" ? source.train : split == "validation" ? source.validation : source.test;
}

QStringList modelWords(const ModelChoice& choice) {
    if (choice.runPath.isEmpty()) return {"--weights", ModelShelf::includedModel()};
    QStringList words{"--run", choice.runPath};
    if (choice.id.endsWith("#last"))
        words << "--checkpoint"
              << "last";
    return words;
}

EvaluationStore::Result runEvaluation(const EvaluationTask& task, std::stop_token stop) {
    const DataSource& plain = task.data->source;
    const bool edited = task.edits.is_object() && !task.edits.empty();
    const DataSource source = edited ? applyEdits(plain, EditList::fromJson(task.edits, "the project's edits")) : plain;
    const auto model = ModelShelf::load(task.model);
    const DatasetPtr dataset = splitOf(source, task.split);
    if (!dataset || dataset->size() == 0)
        fail(ErrorKind::BadInput, "{} has no {} images", source.title.empty() ? task.spec : source.title, task.split.toStdString());
    requireFit(*model, task, source);
    task.progress->total = dataset->size();

    auto result = std::make_shared<EvaluationResult>();
    result->modelId = task.model.id;
    result->modelTitle = task.model.title;
    result->split = task.split;
    result->data = task.spec;
    result->fingerprint = source.fingerprint;
    result->classes = model->classes.empty() ? source.classes : model->classes;
    ComputeTurn turn;
    const std::unique_ptr<Network> network = foldForInference(*makeNetwork(*model));
    EvaluateOptions options;
    options.batchSize = kBatch;
    options.keepSamples = true;
    options.stop = stop;
    options.progress = [&](int64_t done, int64_t) {
        task.progress->done = done;
        turn.pass();
    };
    result->evaluation = evaluate(*network, dataset, source.imageShape, model->pipeline, options);
    if (edited) toPlainIndices(result->evaluation.samples, source, plain, task.split);
    return result;
}

} // namespace strata::studio
