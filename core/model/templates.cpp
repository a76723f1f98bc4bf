// SPDX-License-Identifier: Apache-2.0
// The built-in networks. They adapt to the data: pools and strides are left out where the picture has become too small.
#include "core/model/model_spec.h"

namespace strata {

namespace {

/// Builds a spec layer by layer and knows the current height and width.
class Builder {
public:
    Builder(std::string name, const Shape& input) : height_(input[1]), width_(input[2]) {
        spec_.name = std::move(name);
        spec_.input = input;
    }

    std::string add(const std::string& id, const std::string& type, ParamValues params = ParamValues::object(),
                    std::vector<std::string> inputs = {}) {
        LayerSpec layer;
        layer.id = id;
        layer.type = type;
        layer.params = std::move(params);
        layer.inputs = std::move(inputs);
        layer.block = block_;
        spec_.layers.push_back(std::move(layer));
        return id;
    }

    /// 3x3 (or 1x1) convolution without bias, padded to keep the size, and batch normalisation.
    std::string convNorm(const std::string& id, int64_t channels, int64_t kernel, int64_t stride, std::vector<std::string> inputs = {}) {
        add("conv" + id, "conv2d",
            {{"out_channels", channels}, {"kernel_size", kernel}, {"stride", stride}, {"padding", kernel / 2}, {"bias", false}},
            std::move(inputs));
        return add("bn" + id, "batch_norm");
    }

    void convNormRelu(const std::string& id, int64_t channels, int64_t stride = 1) {
        convNorm(id, channels, 3, stride);
        stride_(stride);
        add("relu" + id, "relu");
    }

    bool canPool(int64_t kernel) const { return height_ >= kernel && width_ >= kernel; }
    void maxPool(const std::string& id, int64_t kernel) {
        if (!canPool(kernel)) return;
        add(id, "max_pool", {{"kernel_size", kernel}});
        height_ /= kernel;
        width_ /= kernel;
    }

    /// Two convolutions around a skip connection (He et al., arXiv 1512.03385).
    void basicBlock(const std::string& id, int64_t channels, int64_t stride, bool project) {
        const std::string input = spec_.layers.back().id;
        block_ = "block" + id;
        convNorm(id + "a", channels, 3, stride);
        add("relu" + id + "a", "relu");
        const std::string main = convNorm(id + "b", channels, 3, 1);
        const std::string skip = project ? convNorm(id + "s", channels, 1, stride, {input}) : input;
        add("add" + id, "add", ParamValues::object(), {main, skip});
        add("relu" + id, "relu");
        block_.clear();
        stride_(stride);
    }

    int64_t height() const { return height_; }
    int64_t width() const { return width_; }
    ModelSpec& spec() { return spec_; }
    ModelSpec finish() { return std::move(spec_); }

private:
    void stride_(int64_t stride) {
        height_ = (height_ + stride - 1) / stride;
        width_ = (width_ + stride - 1) / stride;
    }
    ModelSpec spec_;
    std::string block_;
    int64_t height_, width_;
};

void requireSize(const char* name, const Shape& input, int64_t least) {
    if (input.rank() != 3) fail(ErrorKind::BadInput, "{} needs pictures (channels x height x width), not {}", name, input.text('x'));
    if (input[1] < least || input[2] < least)
        fail(ErrorKind::BadInput, "{} needs pictures of at least {}x{} pixels, not {}x{}", name, least, least, input[1], input[2]);
}

ModelSpec linearModel(const Shape& input, int64_t classes) {
    requireSize("linear", input, 1);
    Builder b("linear", input);
    b.add("flatten", "flatten");
    b.add("fc", "linear", {{"out_features", classes}});
    return b.finish();
}

ModelSpec mlp(const Shape& input, int64_t classes) {
    requireSize("mlp", input, 1);
    Builder b("mlp", input);
    b.add("flatten", "flatten");
    for (int i = 1; i <= 2; ++i) {
        b.add(fmt::format("fc{}", i), "linear", {{"out_features", 512}});
        b.add(fmt::format("relu{}", i), "relu");
    }
    b.add("fc3", "linear", {{"out_features", classes}});
    return b.finish();
}

/// LeCun et al. 1998, with ReLU and max pooling as PyTorch's tutorial has it; 28x28 pictures are padded to 32x32.
ModelSpec lenet5(const Shape& input, int64_t classes) {
    requireSize("lenet5", input, 16);
    Builder b("lenet5", input);
    const int64_t padding = input[1] < 32 ? 2 : 0;
    b.add("conv1", "conv2d", {{"out_channels", 6}, {"kernel_size", 5}, {"padding", padding}});
    b.add("relu1", "relu");
    b.add("pool1", "max_pool", {{"kernel_size", 2}});
    b.add("conv2", "conv2d", {{"out_channels", 16}, {"kernel_size", 5}});
    b.add("relu2", "relu");
    b.add("pool2", "max_pool", {{"kernel_size", 2}});
    b.add("flatten", "flatten");
    b.add("fc1", "linear", {{"out_features", 120}});
    b.add("relu3", "relu");
    b.add("fc2", "linear", {{"out_features", 84}});
    b.add("relu4", "relu");
    b.add("fc3", "linear", {{"out_features", classes}});
    return b.finish();
}

ModelSpec vggSmall(const Shape& input, int64_t classes) {
    requireSize("vgg_small", input, 4);
    Builder b("vgg_small", input);
    int64_t index = 1;
    for (int64_t channels : {32, 64, 128}) {
        b.convNormRelu(fmt::format("{}", index), channels);
        b.maxPool(fmt::format("pool{}", index), 2);
        ++index;
    }
    b.add("flatten", "flatten");
    b.add("fc", "linear", {{"out_features", classes}});
    return b.finish();
}

/// The network of KellerJordan/cifar10-airbench (airbench94): frozen 2x2 first filters, three pairs of convolutions, GELU.
ModelSpec speed(const Shape& input, int64_t classes) {
    requireSize("speed", input, 8);
    Builder b("speed", input);
    b.add("conv1", "conv2d", {{"out_channels", 24}, {"kernel_size", 2}});
    b.spec().layers.back().frozen = {"weight"};
    b.add("gelu1", "gelu");
    int64_t side = std::min(input[1], input[2]) - 1;
    int index = 2;
    for (int64_t channels : {64, 256, 256}) {
        const std::string id = fmt::format("{}", index);
        b.add("conv" + id + "a", "conv2d", {{"out_channels", channels}, {"kernel_size", 3}, {"padding", 1}, {"bias", false}});
        if (side >= 2) {
            b.add("pool" + id, "max_pool", {{"kernel_size", 2}});
            side /= 2;
        }
        b.add("bn" + id + "a", "batch_norm");
        b.add("gelu" + id + "a", "gelu");
        b.convNorm(id + "b", channels, 3, 1);
        b.add("gelu" + id + "b", "gelu");
        ++index;
    }
    if (side >= 3) b.add("pool5", "max_pool", {{"kernel_size", 3}});
    b.add("flatten", "flatten");
    b.add("fc", "linear", {{"out_features", classes}, {"bias", false}});
    return b.finish();
}

/// Page's ResNet-9 ("How to train your ResNet", 2018).
ModelSpec resnet9(const Shape& input, int64_t classes) {
    requireSize("resnet9", input, 8);
    Builder b("resnet9", input);
    const auto residual = [&b](const std::string& id, int64_t channels) {
        const std::string skip = b.spec().layers.back().id;
        b.convNormRelu(id + "a", channels);
        b.convNormRelu(id + "b", channels);
        b.add("add" + id, "add", ParamValues::object(), {"relu" + id + "b", skip});
    };
    b.convNormRelu("1", 64);
    b.convNormRelu("2", 128);
    b.maxPool("pool2", 2);
    residual("3", 128);
    b.convNormRelu("4", 256);
    b.maxPool("pool4", 2);
    b.convNormRelu("5", 512);
    b.maxPool("pool5", 2);
    residual("6", 512);
    b.maxPool("pool6", std::min<int64_t>({4, b.height(), b.width()}));
    b.add("flatten", "flatten");
    b.add("fc", "linear", {{"out_features", classes}});
    return b.finish();
}

/// Stages of basic blocks; a projecting shortcut (1x1 convolution) where the size or the channels change.
ModelSpec residualNet(const char* name, const Shape& input, int64_t classes, const std::vector<int64_t>& stages, int blocks) {
    requireSize(name, input, 8);
    Builder b(name, input);
    b.convNormRelu("1", stages[0]);
    int64_t channels = stages[0];
    for (size_t s = 0; s < stages.size(); ++s)
        for (int i = 0; i < blocks; ++i) {
            const int64_t stride = s > 0 && i == 0 ? 2 : 1;
            b.basicBlock(fmt::format("{}_{}", s + 2, i + 1), stages[s], stride, stride != 1 || channels != stages[s]);
            channels = stages[s];
        }
    b.add("pool", "global_avg_pool");
    b.add("fc", "linear", {{"out_features", classes}});
    return b.finish();
}

ModelSpec resnet18(const Shape& input, int64_t classes) { return residualNet("resnet18", input, classes, {64, 128, 256, 512}, 2); }
ModelSpec resnet20(const Shape& input, int64_t classes) { return residualNet("resnet20", input, classes, {16, 32, 64}, 3); }

} // namespace

const std::vector<TemplateDef>& modelTemplates() {
    static const std::vector<TemplateDef> list{
        {"linear", "Linear", "One linear layer on the pixels: the simplest baseline.", linearModel},
        {"mlp", "MLP", "Two hidden layers of 512.", mlp},
        {"lenet5", "LeNet-5", "The classic: two convolutions and three linear layers.", lenet5},
        {"vgg_small", "Small VGG", "Three convolutions with batch normalisation, 32-64-128 channels: quick on a CPU.", vggSmall},
        {"speed", "Speed", "The airbench network: the shortest way to 94 % on CIFAR-10.", speed},
        {"resnet9", "ResNet-9", "Page's small residual network.", resnet9},
        {"resnet18", "ResNet-18", "He et al.'s network with a stem for small pictures.", resnet18},
        {"resnet20", "ResNet-20", "He et al.'s small network for CIFAR, 0.27 M parameters.", resnet20},
    };
    return list;
}

ModelSpec makeTemplate(const std::string& id, const Shape& input, int64_t classes) {
    std::vector<std::string> known;
    for (const TemplateDef& def : modelTemplates()) {
        if (def.id == id) return def.make(input, classes);
        known.push_back(def.id);
    }
    const std::string near = nearestName(id, known);
    fail(ErrorKind::BadInput, "there is no model template '{}'{}", id,
         near.empty() ? fmt::format("; there are {}", fmt::join(known, ", ")) : fmt::format("; did you mean {}?", near));
}

} // namespace strata
