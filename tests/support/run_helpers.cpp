// SPDX-License-Identifier: Apache-2.0
#include "tests/support/run_helpers.h"

#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/base/philox.h"
#include "core/base/text.h"
#include "core/files/named_tensors.h"
#include "core/train/run_folder.h"
#include "tests/support/layer_spec.h"

namespace strata::test {

namespace {

class TinyDataset final : public Dataset {
public:
    TinyDataset(int64_t count, int64_t classes, uint64_t seed) : count_(count), classes_(classes), seed_(seed) {}
    int64_t size() const override { return count_; }
    int64_t label(int64_t index) const override { return index % classes_; }
    std::string origin(int64_t index) const override { return fmt::format("tiny {}", index); }
    Sample get(int64_t index) const override {
        Philox noise(seed_, Purpose::Test, 0, uint64_t(index));
        std::vector<uint8_t> pixels(64);
        const int64_t bright = label(index) % 4;
        for (int64_t y = 0; y < 8; ++y)
            for (int64_t x = 0; x < 8; ++x) {
                const bool inside = (y / 4) * 2 + x / 4 == bright;
                pixels[size_t(y * 8 + x)] = uint8_t(noise.below(150) + (inside ? 100 : 0));
            }
        return {Tensor::of(pixels, {1, 8, 8}), label(index)};
    }

private:
    int64_t count_, classes_;
    uint64_t seed_;
};

} // namespace

ModelSpec tinySpec(int64_t classes) {
    ModelSpec spec;
    spec.name = "tiny";
    spec.input = {1, 8, 8};
    spec.layers = {layerOf("conv1", "conv2d", {{"out_channels", 8}, {"kernel_size", 3}, {"padding", 1}, {"bias", false}}),
                   layerOf("bn1", "batch_norm"),
                   layerOf("relu1", "relu"),
                   layerOf("pool1", "max_pool", {{"kernel_size", 2}}),
                   layerOf("conv2", "conv2d", {{"out_channels", 16}, {"kernel_size", 3}, {"padding", 1}}),
                   layerOf("relu2", "relu"),
                   layerOf("flatten", "flatten"),
                   layerOf("drop", "dropout", {{"p", 0.2}}),
                   layerOf("fc", "linear", {{"out_features", classes}})};
    return spec;
}

DatasetPtr tinyDataset(int64_t count, int64_t classes, uint64_t seed) { return std::make_shared<TinyDataset>(count, classes, seed); }

TrainData tinyData(int64_t train, int64_t validation) {
    TrainData data;
    data.train = tinyDataset(train, 4, 1);
    if (validation > 0) data.validation = tinyDataset(validation, 4, 2);
    data.pipeline.add("pad_and_random_crop", {{"padding", 1}});
    data.pipeline.add("normalize", {{"mean", {0.5}}, {"std", {0.25}}});
    data.imageShape = {1, 8, 8};
    data.classes = {"a", "b", "c", "d"};
    return data;
}

TrainConfig tinyConfig() {
    TrainConfig config;
    config.epochs = 3;
    config.batchSize = 16;
    config.device = "cpu";
    config.seed = 7;
    config.checkpointSeconds = 0;
    return config;
}

std::string stateHash(const std::vector<NamedTensor>& state) {
    std::string all;
    for (const NamedTensor& item : state) {
        const Tensor host = hostContiguous(item.tensor);
        const auto bytes = tensorBytes(host);
        all += item.name + hashHex(bytes.data(), bytes.size());
    }
    return hashHex(all.data(), all.size());
}

std::string runHash(const std::string& runFolder) {
    const std::optional<Checkpoint> newest = RunFolder::open(runFolder).checkpoints().loadNewest({});
    if (!newest) fail(ErrorKind::BadFile, "{} has no checkpoint", runFolder);
    return fmt::format("{}-{}-{}", newest->progress.step, stateHash(newest->model), stateHash(newest->optimizer));
}

std::string trainedHash(const TrainConfig& config, const TrainData& data) {
    CollectingSink sink;
    Trainer trainer(tinySpec(), data, config, sink);
    if (trainer.run() != TrainOutcome::Finished) return "did not finish";
    return stateHash(trainer.network().stateDict());
}

std::string writeShapesSpec(const std::string& folder) {
    ModelSpec spec;
    spec.name = "tiny_shapes";
    spec.input = {3, 32, 32};
    spec.layers = {layerOf("conv1", "conv2d", {{"out_channels", 4}, {"kernel_size", 3}, {"stride", 2}, {"padding", 1}}),
                   layerOf("bn1", "batch_norm"),
                   layerOf("relu1", "relu"),
                   layerOf("pool1", "max_pool", {{"kernel_size", 4}}),
                   layerOf("flatten", "flatten"),
                   layerOf("drop", "dropout", {{"p", 0.1}}),
                   layerOf("fc", "linear", {{"out_features", 10}})};
    const std::string path = joinPath(folder, "tiny_shapes.json");
    writeFileAtomically(path, toText(spec.toJson(), 2));
    return path;
}

TrainConfig shapesConfig(const std::string& specFile, int64_t count) {
    TrainConfig config = tinyConfig();
    config.data = fmt::format("shapes:{}", count);
    config.model = specFile;
    config.batchSize = 32;
    config.computeThreads = 1;
    config.loaderThreads = 1;
    return config;
}

} // namespace strata::test
