// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/export_job.h"
#include "app/run/compute_turn.h"
#include "app/run/evaluation_job.h"
#include "app/studio/data_center.h"
#include "core/autograd/autograd.h"
#include "core/base/fs.h"
#include "core/base/philox.h"
#include "core/ops/ops.h"

#include <algorithm>
#include <cmath>

namespace strata::studio {
namespace {

constexpr int64_t kImages = 100;
constexpr uint64_t kMadeUpSeed = 1;

/// Pictures as the network takes them, [N, C, H, W].
Tensor testBatch(const ModelFile& model, const Dataset& dataset) {
    const Shape& input = model.spec.input;
    const int64_t count = std::min(kImages, dataset.size());
    Tensor batch = Tensor::empty({count, input[0], input[1], input[2]});
    float* into = batch.mutableData<float>();
    for (int64_t i = 0; i < count; ++i) {
        const Sample sample = dataset.get(i * dataset.size() / count);
        model.pipeline.apply(sample.image.data<uint8_t>(), sample.image.shape(), false, {}, into + i * input.elements(), input[0]);
    }
    return batch;
}

Tensor madeUpBatch(const ModelFile& model) {
    const Shape& input = model.spec.input;
    Tensor batch = Tensor::empty({kImages, input[0], input[1], input[2]});
    float* into = batch.mutableData<float>();
    Philox random(kMadeUpSeed, Purpose::Test, 0, 0);
    for (int64_t i = 0; i < batch.elements(); ++i) into[i] = random.uniform(-1, 1); // about what normalised pictures hold
    return batch;
}

std::vector<double> probabilities(const Network& network, const Tensor& batch) {
    const NoGrad noGrad;
    return softmax(network.forward(batch).to(DType::F64)).toVector<double>();
}

void compare(const ExportTask& task, const ModelFile& model, const ModelFile& back, ExportOutcome& outcome) {
    ComputeTurn turn;
    const std::unique_ptr<Network> exported = makeNetwork(model);
    const std::unique_ptr<Network> read = foldForInference(*makeNetwork(back));
    outcome.testImages = task.data && takesPicturesOf(model, task.data->source) && !task.data->source.mixedSizes &&
                         task.data->source.test && task.data->source.test->size() > 0;
    const Tensor batch = outcome.testImages ? testBatch(model, *task.data->source.test) : madeUpBatch(model);
    const std::vector<double> a = probabilities(*exported, batch);
    turn.pass();
    const std::vector<double> b = probabilities(*read, batch);
    const int64_t classes = exported->classes();
    outcome.images = batch.size(0);
    for (int64_t i = 0; i < outcome.images; ++i) {
        const double *x = a.data() + i * classes, *y = b.data() + i * classes;
        for (int64_t c = 0; c < classes; ++c) outcome.largestDifference = std::max(outcome.largestDifference, std::abs(x[c] - y[c]));
        if (std::max_element(x, x + classes) - x == std::max_element(y, y + classes) - y) ++outcome.same;
    }
}

} // namespace

ExportOutcome runExport(const ExportTask& task, std::stop_token stop) {
    ExportOutcome outcome;
    ExportStage stage = ExportStage::Write;
    const auto enter = [&](ExportStage next) {
        if (stop.stop_requested()) fail(ErrorKind::Cancelled, "the export was stopped");
        task.progress->stage = stage = next;
    };
    try {
        const std::string path = task.path.toStdString();
        const FormatDef& format = formatFor(path, task.format);
        const auto model = ModelShelf::load(task.model);
        outcome.report = exportModel(path, *model, DType::F32, format.spec.id);
        enter(ExportStage::ReadBack);
        if (!format.read) {
            outcome.comparable = false;
            if (readTextFile(path).size() != outcome.report.bytes) fail(ErrorKind::BadFile, "{}: it changed while it was read back", path);
            enter(ExportStage::Done);
            return outcome;
        }
        const ModelFile back = format.read(path);
        enter(ExportStage::Compare);
        compare(task, *model, back, outcome);
        enter(ExportStage::Done);
    } catch (const Error& error) {
        outcome.failedAt = stage;
        outcome.problem = QString::fromUtf8(error.what());
    }
    return outcome;
}

} // namespace strata::studio
