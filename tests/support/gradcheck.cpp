// SPDX-License-Identifier: Apache-2.0
#include "tests/support/gradcheck.h"

#include "core/autograd/autograd.h"
#include "core/ops/ops.h"

#include <cmath>

namespace strata::test {

namespace {

constexpr double kStep = 1e-6;

/// A function of inputs to a number, in double.
using Scalar = std::function<double(const std::vector<Tensor>&)>;

/// Inputs moved by amount * direction; leaves again.
std::vector<Tensor> moved(const std::vector<Tensor>& inputs, const std::vector<Tensor>& direction, double amount) {
    std::vector<Tensor> result;
    for (size_t k = 0; k < inputs.size(); ++k) {
        Tensor copy = inputs[k].detach().clone();
        if (direction[k].defined()) {
            const double* step = direction[k].data<double>();
            double* values = copy.mutableData<double>();
            for (int64_t i = 0; i < copy.elements(); ++i) values[i] += amount * step[i];
        }
        if (inputs[k].requiresGrad()) copy.setRequiresGrad(true);
        result.push_back(copy);
    }
    return result;
}

struct Slope {
    double difference;
    double magnitude; ///< of the function, for the rounding error of the difference
};

Slope centralDifference(const Scalar& function, const std::vector<Tensor>& inputs, const std::vector<Tensor>& direction) {
    const double up = function(moved(inputs, direction, kStep)), down = function(moved(inputs, direction, -kStep));
    return {(up - down) / (2 * kStep), std::max(std::fabs(up), std::fabs(down))};
}

std::string judge(const std::string& what, const Slope& slope, double expected, double scale) {
    const double allowed = 1e-6 * std::max({1.0, std::fabs(expected), scale}) + 1e-9 * slope.magnitude;
    if (std::fabs(slope.difference - expected) <= allowed) return {};
    return fmt::format("{}: finite difference {:.9g}, gradient {:.9g}", what, slope.difference, expected);
}

std::string compareSlopes(const Scalar& function, const std::vector<Tensor>& inputs, const std::vector<Tensor>& found, int elements) {
    std::vector<Tensor> direction(inputs.size());
    double expected = 0, scale = 0;
    for (size_t k = 0; k < inputs.size(); ++k) {
        if (!found[k].defined()) continue;
        if (!(found[k].shape() == inputs[k].shape()))
            return fmt::format("input {}: shape {} but gradient {}", k, inputs[k].shape().text(), found[k].shape().text());
        direction[k] = formulaTensor(inputs[k].shape(), 555 + k, -1, 1);
        const std::vector<double> g = found[k].toVector<double>(), d = direction[k].toVector<double>();
        for (size_t i = 0; i < g.size(); ++i) {
            expected += g[i] * d[i];
            scale += std::fabs(g[i] * d[i]);
        }
    }
    const std::string along = judge("along a random direction", centralDifference(function, inputs, direction), expected, 0.01 * scale);
    if (!along.empty()) return along;
    for (size_t k = 0; k < inputs.size(); ++k) {
        if (!found[k].defined()) continue;
        const std::vector<double> g = found[k].toVector<double>();
        const int count = int(std::min<size_t>(g.size(), size_t(elements)));
        for (int probe = 0; probe < count; ++probe) {
            const int64_t at = g.size() <= size_t(elements) ? probe : formulaIndex(777 + k, uint64_t(probe), int64_t(g.size()));
            std::vector<Tensor> single(inputs.size());
            single[k] = Tensor::zeros(inputs[k].shape(), DType::F64);
            single[k].mutableData<double>()[at] = 1;
            const std::string one =
                judge(fmt::format("input {}, element {}", k, at), centralDifference(function, inputs, single), g[size_t(at)], 0);
            if (!one.empty()) return one;
        }
    }
    return {};
}

double project(const OpCase& row, const Tensor& output) {
    const std::vector<double> values = output.toVector<double>();
    const uint64_t seed = seedOf(row.name) + 1000;
    double sum = 0;
    for (size_t i = 0; i < values.size(); ++i) sum += values[i] * formulaValue(seed, i, -1, 1);
    return sum;
}

/// sum over inputs of <gradient, formula vector>, recorded.
Tensor projectGradients(const OpCase& row, const std::vector<Tensor>& inputs) {
    const Tensor output = row.make(inputs);
    std::vector<Tensor> wanted;
    for (const Tensor& input : inputs)
        if (input.requiresGrad()) wanted.push_back(input);
    const std::vector<Tensor> first = gradients(output, wanted, outputGradient(row, output), true);
    Tensor total = Tensor::scalar(0, DType::F64);
    for (size_t k = 0; k < first.size(); ++k) total = total + sum(first[k] * formulaTensor(first[k].shape(), 333 + k, -1, 1));
    return total;
}

std::string compareResults(const CaseResult& ours, const CaseResult& expected, double tolerance, const std::string& what) {
    double error = relativeError(ours.output, expected.output);
    if (error > tolerance) return fmt::format("{}: the output differs by {:.3g}, allowed {:.3g}", what, error, tolerance);
    for (size_t k = 0; k < ours.gradients.size(); ++k) {
        if (!expected.gradients[k].defined()) continue;
        error = relativeError(ours.gradients[k], expected.gradients[k]);
        if (error > tolerance) return fmt::format("{}: gradient {} differs by {:.3g}, allowed {:.3g}", what, k, error, tolerance);
    }
    return {};
}

Tensor asLeaf(Tensor view, const Tensor& like) {
    if (like.requiresGrad()) view.setRequiresGrad(true);
    return view;
}

} // namespace

std::string checkFiniteDifferences(const OpCase& row, int elements) {
    if (!row.differentiable) return {};
    const std::vector<Tensor> inputs = makeInputs(row, DType::F64);
    const CaseResult result = runCase(row, inputs);
    const Scalar function = [&](const std::vector<Tensor>& x) {
        NoGrad none;
        return project(row, row.make(x));
    };
    return compareSlopes(function, inputs, result.gradients, elements);
}

std::string checkSecondDifferences(const OpCase& row, int elements) {
    const std::vector<Tensor> inputs = makeInputs(row, DType::F64);
    std::vector<Tensor> wanted, found(inputs.size());
    for (const Tensor& input : inputs)
        if (input.requiresGrad()) wanted.push_back(input);
    const Tensor total = projectGradients(row, inputs);
    if (!total.requiresGrad()) { // a linear operation: its gradient is constant
        for (size_t k = 0; k < inputs.size(); ++k)
            if (inputs[k].requiresGrad()) found[k] = Tensor::zeros(inputs[k].shape(), DType::F64);
    } else {
        const std::vector<Tensor> second = gradients(total, wanted);
        for (size_t k = 0, next = 0; k < inputs.size(); ++k) {
            if (!inputs[k].requiresGrad()) continue;
            found[k] = second[next].defined() ? second[next] : Tensor::zeros(inputs[k].shape(), DType::F64);
            ++next;
        }
    }
    return compareSlopes([&](const std::vector<Tensor>& x) { return projectGradients(row, x).item(); }, inputs, found, elements);
}

std::string checkSinglePrecision(const OpCase& row) {
    const CaseResult single = runCase(row, makeInputs(row, DType::F32)), twice = runCase(row, makeInputs(row, DType::F64));
    return compareResults(single, twice, row.tolerance, "f32 against f64");
}

std::string checkStrides(const OpCase& row) {
    for (const DType dtype : {DType::F64, DType::F32}) {
        const std::vector<Tensor> plain = makeInputs(row, dtype);
        const CaseResult expected = runCase(row, plain);
        std::vector<Tensor> transposed, sliced;
        for (const Tensor& input : plain) {
            const Tensor value = input.detach();
            const int last = value.rank() - 1;
            transposed.push_back(asLeaf(value.rank() < 2 ? value : value.transpose(0, last).contiguous().transpose(0, last), input));
            if (value.rank() == 0) {
                sliced.push_back(asLeaf(value, input));
                continue;
            }
            Shape wide = value.shape();
            wide[last] = 2 * wide[last] + 3;
            Tensor room = Tensor::zeros(wide, value.dtype());
            Tensor view = room.slice(last, 2, 2 + 2 * value.size(last), 2);
            view.copyFrom(value);
            sliced.push_back(asLeaf(view, input));
        }
        const double tolerance = dtype == DType::F64 ? 1e-12 : row.tolerance;
        for (const auto& [inputs, what] : {std::pair{&transposed, "transposed inputs"}, std::pair{&sliced, "sliced inputs"}}) {
            const std::string problem = compareResults(runCase(row, *inputs), expected, tolerance, what);
            if (!problem.empty()) return problem + " (" + std::string(dtypeName(dtype)) + ")";
        }
    }
    return {};
}

std::string checkLayouts(const OpCase& row) {
    const std::vector<Tensor> plain = makeInputs(row, DType::F32);
    const CaseResult expected = runCase(row, plain);
    for (const auto& [layout, what] :
         {std::pair{Layout::Blocked16, "inputs in blocks of 16"}, std::pair{Layout::Blocked8, "inputs in blocks of 8"},
          std::pair{Layout::ChannelsLast, "inputs with channels last"}}) {
        std::vector<Tensor> laid;
        for (const Tensor& input : plain) {
            Tensor copy = input.detach().clone();
            if (copy.rank() == 4) copy.storage()->setLayout(layout, copy.shape(), copy.dtype());
            laid.push_back(asLeaf(copy, input));
        }
        const std::string problem = compareResults(runCase(row, laid), expected, row.tolerance, what);
        if (!problem.empty()) return problem;
    }
    return {};
}

std::string checkSavedVersions(const OpCase& row) {
    for (const int which : row.savedInputs) {
        std::vector<Tensor> leaves = makeInputs(row, DType::F32), inputs;
        for (const Tensor& leaf : leaves) inputs.push_back(leaf.requiresGrad() ? leaf * 1.0 : leaf);
        const Tensor output = row.make(inputs);
        inputs[size_t(which)].detach().fill(0.5);
        try {
            output.backward(outputGradient(row, output));
        } catch (const Error& error) {
            if (std::string(error.what()).find(row.saves) != std::string::npos && error.kind() == ErrorKind::BadInput) continue;
            return fmt::format("the sentence does not name '{}': {}", row.saves, error.what());
        }
        return fmt::format("input {} was changed in place and backward() did not notice", which);
    }
    return {};
}

std::string checkGolden(const OpCase& row, const Golden& golden, DType dtype, Device device) {
    const CaseResult result = runCase(row, makeInputs(row, dtype, device));
    const double tolerance = dtype == DType::F64 ? 1e-10 : row.tolerance;
    std::string problem = golden.compare(result.output, row.name + "/out", tolerance);
    for (size_t k = 0; k < result.gradients.size() && problem.empty(); ++k)
        if (result.gradients[k].defined()) problem = golden.compare(result.gradients[k], fmt::format("{}/grad{}", row.name, k), tolerance);
    return problem;
}

} // namespace strata::test
