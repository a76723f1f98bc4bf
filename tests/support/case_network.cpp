// SPDX-License-Identifier: Apache-2.0
#include "core/ops/ops.h"
#include "tests/support/case.h"

namespace strata::test {

using Inputs = std::vector<Tensor>;

namespace {

void addSoftmaxAndLosses(std::vector<OpCase>& table) {
    table.push_back(OpCase{"softmax", {real({4, 7}, -4, 4)}, [](const Inputs& x) { return softmax(x[0]); }});
    table.push_back(OpCase{"softmax dim 1 of images", {real({2, 5, 3, 2}, -4, 4)}, [](const Inputs& x) { return softmax(x[0], 1); }});
    table.push_back(OpCase{"log_softmax", {real({4, 7}, -4, 4)}, [](const Inputs& x) { return logSoftmax(x[0]); }});
    table.push_back(OpCase{"log_softmax dim 0", {real({4, 7}, -4, 4)}, [](const Inputs& x) { return logSoftmax(x[0], 0); }});
    table.push_back(
        OpCase{"log_softmax of far logits", {real({4, 7}, -900, 900)}, [](const Inputs& x) { return logSoftmax(x[0] + 5000.0); }}.within(
            1e-4));
    for (const double smoothing : {0.0, 0.1}) {
        const std::string suffix = smoothing > 0 ? " with smoothing" : "";
        table.push_back(OpCase{"cross_entropy" + suffix, {real({6, 10}, -4, 4), index({6}, 10)}, [smoothing](const Inputs& x) {
                                   return crossEntropy(x[0], x[1], smoothing);
                               }});
        table.push_back(OpCase{"cross_entropy per sample" + suffix, {real({6, 10}, -4, 4), index({6}, 10)}, [smoothing](const Inputs& x) {
                                   return crossEntropy(x[0], x[1], smoothing, false);
                               }});
    }
    table.push_back(
        OpCase{"mse_loss", {real({5, 3}), real({5, 3})}, [](const Inputs& x) { return mseLoss(x[0], x[1]); }}.differentiableTwice());
}

OpCase poolCase(const std::string& name, bool maximum, const Shape& shape, const PoolParams& params) {
    return OpCase{name, {real(shape)}, [=](const Inputs& x) { return maximum ? maxPool2d(x[0], params) : avgPool2d(x[0], params); }};
}

void addPooling(std::vector<OpCase>& table) {
    table.push_back(poolCase("max_pool 2", true, {2, 3, 6, 8}, {{2, 2}, {2, 2}, {0, 0}, true}));
    table.push_back(poolCase("max_pool 2 of 32 channels", true, {2, 32, 4, 4}, {{2, 2}, {2, 2}, {0, 0}, true}));
    table.push_back(poolCase("max_pool 2 odd size", true, {2, 3, 7, 5}, {{2, 2}, {2, 2}, {0, 0}, true}));
    table.push_back(poolCase("max_pool 3 stride 2 padding 1", true, {2, 3, 7, 7}, {{3, 3}, {2, 2}, {1, 1}, true}));
    table.push_back(poolCase("max_pool 3 stride 1 padding 1", true, {1, 17, 5, 6}, {{3, 3}, {1, 1}, {1, 1}, true}));
    table.push_back(poolCase("max_pool 3x2 stride 1x2", true, {2, 2, 6, 6}, {{3, 2}, {1, 2}, {1, 0}, true}));
    table.push_back(poolCase("max_pool of a large window", true, {1, 2, 20, 20}, {{17, 17}, {3, 3}, {0, 0}, true}));
    table.push_back(poolCase("avg_pool 2", false, {2, 3, 6, 8}, {{2, 2}, {2, 2}, {0, 0}, true}));
    table.push_back(poolCase("avg_pool 3 stride 2 padding 1", false, {2, 20, 7, 7}, {{3, 3}, {2, 2}, {1, 1}, true}));
    table.push_back(poolCase("avg_pool 3 without padding in the count", false, {2, 3, 7, 7}, {{3, 3}, {2, 2}, {1, 1}, false}));
    table.push_back(poolCase("avg_pool 3x2 stride 1x2", false, {2, 2, 6, 6}, {{3, 2}, {1, 2}, {1, 0}, true}));
    table.push_back(OpCase{"global_avg_pool", {real({2, 20, 5, 3})}, [](const Inputs& x) { return globalAvgPool2d(x[0]); }});
}

/// Running statistics start at formula values, fresh for every call: training moves them.
OpCase normCase(const std::string& name, const Shape& shape, bool training, bool relu, bool affine, bool residual) {
    const Shape channels{shape[1]};
    std::vector<CaseInput> inputs{real(shape)};
    if (affine) inputs.insert(inputs.end(), {real(channels, 0.5, 1.5), real(channels, -0.5, 0.5)});
    if (residual) inputs.push_back(real(shape));
    return OpCase{name, inputs, [=](const Inputs& x) {
                      const Tensor mean = formulaTensor(channels, 71, -0.5, 0.5, x[0].dtype()).to(x[0].device());
                      const Tensor variance = formulaTensor(channels, 72, 0.5, 1.5, x[0].dtype()).to(x[0].device());
                      const BatchNormParams params{1e-5, 0.1, training, relu};
                      return batchNorm(x[0], affine ? x[1] : Tensor(), affine ? x[2] : Tensor(), mean, variance, params,
                                       residual ? x.back() : Tensor());
                  }};
}

void addNormalisation(std::vector<OpCase>& table) {
    table.push_back(normCase("batch_norm", {4, 3, 5, 4}, true, false, true, false).within(1e-5).keeps("batch_norm", {0, 1}));
    table.push_back(normCase("batch_norm of 20 channels", {4, 20, 3, 4}, true, false, true, false).within(1e-5));
    table.push_back(normCase("batch_norm of 32 channels with relu", {4, 32, 3, 4}, true, true, true, false).within(1e-5));
    table.push_back(normCase("batch_norm of vectors", {6, 5}, true, false, true, false).within(1e-5));
    table.push_back(normCase("batch_norm in evaluation", {4, 3, 5, 4}, false, false, true, false).within(1e-5));
    table.push_back(normCase("batch_norm of vectors in evaluation", {6, 5}, false, false, true, false).within(1e-5));
    table.push_back(normCase("batch_norm in evaluation with relu", {4, 20, 3, 4}, false, true, true, false).within(1e-5));
    table.push_back(normCase("batch_norm without affine", {4, 3, 5, 4}, true, false, false, false).within(1e-5));
    table.push_back(normCase("batch_norm with relu", {4, 3, 5, 4}, true, true, true, false).within(1e-5));
    table.push_back(normCase("batch_norm with residual", {4, 3, 5, 4}, true, false, true, true).within(1e-5));
    table.push_back(normCase("batch_norm with residual and relu", {4, 16, 5, 4}, true, true, true, true).within(1e-5));
    table.push_back(normCase("batch_norm in evaluation with residual and relu", {4, 3, 5, 4}, false, true, true, true).within(1e-5));
    table.push_back(OpCase{"dropout", {real({4, 33})}, [](const Inputs& x) { return dropout(x[0], 0.3, DropoutKey{11, 7, 5}); }});
}

} // namespace

void addConvolutionCases(std::vector<OpCase>& table) {
    const auto add = [&](const std::string& name, const Shape& input, const Shape& weight, bool bias, ConvParams params) {
        std::vector<CaseInput> inputs{real(input), real(weight, -0.5, 0.5)};
        if (bias) inputs.push_back(real({weight[0]}));
        table.push_back(
            OpCase{name, inputs, [=](const Inputs& x) { return conv2d(x[0], x[1], bias ? x[2] : Tensor(), params); }}.within(5e-6).keeps(
                "conv2d", {0, 1}));
    };
    add("conv2d", {2, 3, 6, 5}, {4, 3, 3, 3}, true, {});
    add("conv2d padding 1", {2, 3, 6, 5}, {4, 3, 3, 3}, false, {{1, 1}, {1, 1}});
    add("conv2d 1x1", {2, 5, 4, 4}, {6, 5, 1, 1}, true, {});
    add("conv2d 1x1 stride 2", {2, 16, 5, 5}, {32, 16, 1, 1}, false, {{2, 2}});
    add("conv2d 2x2", {2, 3, 5, 5}, {24, 3, 2, 2}, true, {});
    add("conv2d 5x5 padding 2", {2, 3, 8, 8}, {6, 3, 5, 5}, true, {{1, 1}, {2, 2}});
    add("conv2d stride 2", {2, 3, 7, 8}, {4, 3, 3, 3}, true, {{2, 2}, {1, 1}});
    add("conv2d stride 2x1 padding 0x2", {2, 3, 7, 5}, {4, 3, 3, 3}, true, {{2, 1}, {0, 2}});
    add("conv2d dilation 2", {2, 3, 7, 7}, {4, 3, 3, 3}, true, {{1, 1}, {2, 2}, {2, 2}});
    add("conv2d groups 2", {2, 4, 5, 5}, {6, 2, 3, 3}, true, {{1, 1}, {1, 1}, {1, 1}, 2});
    add("conv2d depthwise", {2, 8, 5, 5}, {8, 1, 3, 3}, false, {{1, 1}, {1, 1}, {1, 1}, 8});
    add("conv2d of 16 and 32 channels", {2, 16, 8, 8}, {32, 16, 3, 3}, false, {{1, 1}, {1, 1}});
    add("conv2d of 64 and 48 channels", {1, 64, 5, 6}, {48, 64, 3, 3}, true, {{1, 1}, {1, 1}});
    add("conv2d of 20 and 10 channels", {2, 20, 6, 6}, {10, 20, 3, 3}, true, {{1, 1}, {1, 1}});
    add("conv2d of a single image", {1, 1, 9, 9}, {2, 1, 3, 3}, true, {});
}

void addNetworkCases(std::vector<OpCase>& table) {
    addSoftmaxAndLosses(table);
    addPooling(table);
    addNormalisation(table);
}

} // namespace strata::test
