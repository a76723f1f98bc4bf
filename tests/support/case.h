// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"
#include "core/layers/layer.h"
#include "core/tensor/tensor.h"

#include <functional>
#include <string>
#include <vector>

namespace strata::test {

/// Element i of the stream `seed`: a multiple of 2^-18 plus half of one, in [low, high); the same in make_golden.py, exact in
/// f32 and f64 for |value| < 16, never 0 and never an integer.
double formulaValue(uint64_t seed, uint64_t i, double low, double high);
/// Integer in [0, below) of the same stream.
int64_t formulaIndex(uint64_t seed, uint64_t i, int64_t below);
/// A tensor of formulaValue on the CPU.
Tensor formulaTensor(const Shape& shape, uint64_t seed, double low, double high, DType dtype = DType::F64);
/// FNV-1a, 32 bits: a seed from a name.
uint64_t seedOf(const std::string& name);

enum class InputKind { Real, Index, Mask };

/// What one input of a case is made of.
struct CaseInput {
    Shape shape;
    double low = -2;
    double high = 2;
    InputKind kind = InputKind::Real;
    int64_t below = 0;    ///< of an Index
    bool gradient = true; ///< checked and asked for
};
CaseInput real(const Shape& shape, double low = -2, double high = 2);
CaseInput fixed(const Shape& shape, double low = -2, double high = 2); ///< no gradient
CaseInput index(const Shape& shape, int64_t below);
CaseInput mask(const Shape& shape);

/// One row of the table: an operation on inputs.
struct OpCase {
    std::string name; ///< the key in the golden file
    std::vector<CaseInput> inputs;
    std::function<Tensor(const std::vector<Tensor>&)> make;
    std::string saves = {}; ///< if not empty: changing the inputs in `savedInputs` in place must be found and named so
    std::vector<int> savedInputs = {};
    bool twice = false;      ///< its gradient can be differentiated
    double tolerance = 3e-6; ///< f32 against f64, relative to the largest element of a tensor
    bool differentiable = true;

    OpCase&& keeps(const char* operation, std::vector<int> which) &&;
    OpCase&& differentiableTwice() &&;
    OpCase&& within(double relative) &&;
    OpCase&& withoutGradient() &&;
};

/// Inputs as the case says; reals in `dtype`, leaves of autograd where the case wants gradients.
std::vector<Tensor> makeInputs(const OpCase& row, DType dtype, Device device = cpuDevice());
/// The gradient handed to backward(): formulaTensor of the output's shape in [-1, 1).
Tensor outputGradient(const OpCase& row, const Tensor& output);
/// Output and the gradients of all inputs that want one (undefined for the others).
struct CaseResult {
    Tensor output;
    std::vector<Tensor> gradients;
};
CaseResult runCase(const OpCase& row, const std::vector<Tensor>& inputs);

/// All operations of core/ops/ops.h.
const std::vector<OpCase>& opCases();
/// A layer's example as a row: inputs with a batch of three, then its weights.
OpCase layerCase(const LayerDef& layer, const LayerExample& example, bool training);
/// Every example of every layer, in training and in evaluation mode.
const std::vector<OpCase>& layerCases();
/// A row without its function, for make_golden.py.
Json describeCase(const OpCase& row);
/// What make_golden.py reads: tests/data/golden/cases.json.
Json caseList();

void addElementwiseCases(std::vector<OpCase>& table);
void addReductionCases(std::vector<OpCase>& table);
void addShapeCases(std::vector<OpCase>& table);
void addMatrixCases(std::vector<OpCase>& table);
void addConvolutionCases(std::vector<OpCase>& table);
void addNetworkCases(std::vector<OpCase>& table);

} // namespace strata::test
