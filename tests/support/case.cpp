// SPDX-License-Identifier: Apache-2.0
#include "tests/support/case.h"

#include "core/autograd/autograd.h"

#include <cmath>

namespace strata::test {

namespace {
uint64_t mix(uint64_t seed, uint64_t i) {
    uint64_t z = seed * 0x9E3779B97F4A7C15ull + (i + 1) * 0xD1B54A32D192ED03ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}
} // namespace

double formulaValue(uint64_t seed, uint64_t i, double low, double high) {
    const double uniform = double(mix(seed, i) >> 40) * 0x1p-24;
    const double scaled = (high - low) * uniform;
    return (std::floor((low + scaled) * 0x1p18) + 0.5) * 0x1p-18;
}

int64_t formulaIndex(uint64_t seed, uint64_t i, int64_t below) { return int64_t((mix(seed, i) >> 33) % uint64_t(below)); }

Tensor formulaTensor(const Shape& shape, uint64_t seed, double low, double high, DType dtype) {
    std::vector<double> values(size_t(shape.elements()));
    for (size_t i = 0; i < values.size(); ++i) values[i] = formulaValue(seed, i, low, high);
    return Tensor::of(values, shape).to(dtype);
}

uint64_t seedOf(const std::string& name) {
    uint32_t hash = 2166136261u;
    for (const char c : name) hash = (hash ^ uint8_t(c)) * 16777619u;
    return hash;
}

CaseInput real(const Shape& shape, double low, double high) { return {shape, low, high, InputKind::Real, 0, true}; }
CaseInput fixed(const Shape& shape, double low, double high) { return {shape, low, high, InputKind::Real, 0, false}; }
CaseInput index(const Shape& shape, int64_t below) { return {shape, 0, 0, InputKind::Index, below, false}; }
CaseInput mask(const Shape& shape) { return {shape, 0, 0, InputKind::Mask, 2, false}; }

OpCase&& OpCase::keeps(const char* operation, std::vector<int> which) && {
    saves = operation;
    savedInputs = std::move(which);
    return std::move(*this);
}
OpCase&& OpCase::differentiableTwice() && {
    twice = true;
    return std::move(*this);
}
OpCase&& OpCase::within(double relative) && {
    tolerance = relative;
    return std::move(*this);
}
OpCase&& OpCase::withoutGradient() && {
    differentiable = false;
    return std::move(*this);
}

std::vector<Tensor> makeInputs(const OpCase& row, DType dtype, Device device) {
    std::vector<Tensor> inputs;
    for (size_t k = 0; k < row.inputs.size(); ++k) {
        const CaseInput& spec = row.inputs[k];
        const uint64_t seed = seedOf(row.name) + k;
        Tensor input;
        if (spec.kind == InputKind::Real) {
            input = formulaTensor(spec.shape, seed, spec.low, spec.high, dtype);
        } else {
            std::vector<int64_t> values(size_t(spec.shape.elements()));
            for (size_t i = 0; i < values.size(); ++i) values[i] = formulaIndex(seed, i, spec.below);
            input = Tensor::of(values, spec.shape);
            if (spec.kind == InputKind::Mask) input = input.to(DType::Bool);
        }
        if (!(device == cpuDevice())) input = input.to(device);
        if (row.differentiable && spec.gradient && spec.kind == InputKind::Real) input.setRequiresGrad(true);
        inputs.push_back(input);
    }
    return inputs;
}

Tensor outputGradient(const OpCase& row, const Tensor& output) {
    const Tensor gradient = formulaTensor(output.shape(), seedOf(row.name) + 1000, -1, 1, output.dtype());
    return output.device() == cpuDevice() ? gradient : gradient.to(output.device());
}

CaseResult runCase(const OpCase& row, const std::vector<Tensor>& inputs) {
    CaseResult result;
    result.output = row.make(inputs);
    result.gradients.resize(inputs.size());
    if (!row.differentiable) return result;
    std::vector<Tensor> wanted;
    for (const Tensor& input : inputs)
        if (input.requiresGrad()) wanted.push_back(input);
    const std::vector<Tensor> found = gradients(result.output, wanted, outputGradient(row, result.output));
    for (size_t k = 0, next = 0; k < inputs.size(); ++k)
        if (inputs[k].requiresGrad()) result.gradients[k] = found[next++];
    return result;
}

const std::vector<OpCase>& opCases() {
    static const std::vector<OpCase> table = [] {
        std::vector<OpCase> rows;
        addElementwiseCases(rows);
        addReductionCases(rows);
        addShapeCases(rows);
        addMatrixCases(rows);
        addConvolutionCases(rows);
        addNetworkCases(rows);
        return rows;
    }();
    return table;
}

} // namespace strata::test
