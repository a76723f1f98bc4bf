// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/backend/kernel_params.h"
#include "core/base/json.h"
#include "core/tensor/view.h"

#include <string>

namespace strata {

/// Raised with every change of Backend or a struct it takes; a module with another number is not loaded.
constexpr int kBackendInterfaceVersion = 1;

struct DeviceInfo {
    std::string name;        ///< "cpu", "cuda:0"
    std::string description; ///< "AMD EPYC 9B14, 2 threads, AVX-512"
    std::string instructionSet;
    uint64_t totalBytes = 0;
    uint64_t freeBytes = 0;
    Json libraries; ///< name -> version
};

/// What a device implements. Every kernel returns true when it has done the work and false when this device lacks it (for
/// these arguments): the caller then stages the arguments through the CPU, which implements all. Kernels throw Error for
/// nothing but Device and OutOfMemory; ops has checked shapes and dtypes. Views are on this device; unless a kernel says
/// otherwise inputs and outputs are plain with any strides. Called by one thread at a time.
class Backend : public DeviceMemory {
public:
    virtual DeviceInfo info() const = 0;

    // --- layouts and algorithms -----------------------------------------------------------------------------------
    /// Layouts in which convForward wants input and output (what convBackward* get too).
    virtual ConvLayouts convLayouts(const ConvParams&, const Shape& input, const Shape& weight) const;
    /// Algorithms chosen so far, the instruction set, threads and library versions; goes into plan.json.
    virtual Json exportPlan() const { return Json::object(); }
    /// Adopts a plan; from then on choices in it are used as they are. Throws Error(Unsupported) with the reason it cannot.
    virtual void importPlan(const Json&) {}
    /// Forgets choices; `exact` admits direct convolution only.
    virtual void resetPlan(bool exact) { (void)exact; }

    // --- elementwise; whole activations of one common layout too (Plain otherwise) ----------------------------------
    /// out = in, converted; any strides. Float to integer truncates, NaN to integer is 0, to bool is != 0.
    virtual bool copy(const TensorView& in, const OutView& out) { return missing(in, out); }
    virtual bool fill(double value, const OutView& out) { return missing(out, value); }
    /// in, out: same shape and dtype (f32, f64; integers for Neg, Abs, Sign, AddScalar, MulScalar, Clamp; bool for LogicalNot;
    /// IsFinite gives bool).
    virtual bool unary(UnaryOp, UnaryParams, const TensorView& in, const OutView& out) { return missing(in, out); }
    /// Gradient of an activation: gradIn = gradOut * f'. `saved` is f's output if savesOutput(op), else its input.
    virtual bool unaryBackward(UnaryOp, UnaryParams, const TensorView& saved, const TensorView& gradOut, const OutView& gradIn) {
        return missing(saved, gradOut, gradIn);
    }
    /// a, b: same shape after broadcasting (strides 0) and same dtype (any but f16, bf16); comparisons give bool.
    virtual bool binary(BinaryOp, const TensorView& a, const TensorView& b, const OutView& out) { return missing(a, b, out); }
    /// out = condition (bool) ? a : b.
    virtual bool where(const TensorView& condition, const TensorView& a, const TensorView& b, const OutView& out) {
        return missing(condition, a, b, out);
    }

    // --- reductions -------------------------------------------------------------------------------------------------
    /// out has size 1 in each reduced dimension (bit d of dims). Sum and Mean: f32 (accumulated in f64 or pairwise), f64, i64.
    /// ArgMax, ArgMin: one dimension, out i64, the first of equals. Max, Min: any dtype but f16, bf16; NaN wins.
    virtual bool reduce(ReduceOp, uint32_t dims, const TensorView& in, const OutView& out) { return missing(in, out, dims); }
    /// Number of NaN and infinite elements of in (f32, f64) into out (i64, one element).
    virtual bool countNonFinite(const TensorView& in, const OutView& out) { return missing(in, out); }

    // --- matrices ---------------------------------------------------------------------------------------------------
    /// out[b,m,n] = sum_k a[b,m,k] b[b,k,n] (+ bias[n] if given); rank 3, f32 or f64; a batch stride may be 0.
    virtual bool matmul(const TensorView& a, const TensorView& b, const TensorView& bias, const OutView& out) {
        return missing(a, b, bias, out);
    }

    // --- indexing ---------------------------------------------------------------------------------------------------
    /// out = in taken at index (i64, rank 1, checked) along dim.
    virtual bool indexSelect(int dim, const TensorView& in, const TensorView& index, const OutView& out) {
        return missing(in, index, out, dim);
    }
    /// out[..., index[i], ...] += in[..., i, ...] along dim, in order of i; f32, f64.
    virtual bool indexAdd(int dim, const TensorView& in, const TensorView& index, const OutView& out) {
        return missing(in, index, out, dim);
    }

    // --- softmax and losses; rows are the last dimension, contiguous; f32, f64 ---------------------------------------
    virtual bool softmax(bool logarithm, const TensorView& in, const OutView& out) { return missing(in, out, logarithm); }
    virtual bool softmaxBackward(bool logarithm, const TensorView& output, const TensorView& gradOut, const OutView& gradIn) {
        return missing(output, gradOut, gradIn, logarithm);
    }
    /// logits [N, C], target i64 [N]; losses [N] = -(1-s) log p[target] - s/C sum log p (PyTorch's label smoothing);
    /// probabilities [N, C] for the gradient.
    virtual bool crossEntropy(double smoothing, const TensorView& logits, const TensorView& target, const OutView& losses,
                              const OutView& probabilities) {
        return missing(logits, target, losses, probabilities, smoothing);
    }
    /// gradLogits = gradLosses[n] * (probabilities - ((1-s) onehot + s/C)).
    virtual bool crossEntropyBackward(double smoothing, const TensorView& probabilities, const TensorView& target,
                                      const TensorView& gradLosses, const OutView& gradLogits) {
        return missing(probabilities, target, gradLosses, gradLogits, smoothing);
    }

    // --- convolution; f32 in convLayouts(), f64 plain; weight [O, I/groups, kH, kW] and bias [O] plain contiguous ------
    virtual bool convForward(const ConvParams&, const TensorView& input, const TensorView& weight, const TensorView& bias,
                             const OutView& output) {
        return missing(input, weight, bias, output);
    }
    virtual bool convBackwardData(const ConvParams&, const TensorView& gradOutput, const TensorView& weight, const OutView& gradInput) {
        return missing(gradOutput, weight, gradInput);
    }
    /// gradBias may be absent.
    virtual bool convBackwardWeights(const ConvParams&, const TensorView& input, const TensorView& gradOutput, const OutView& gradWeight,
                                     const OutView& gradBias) {
        return missing(input, gradOutput, gradWeight, gradBias);
    }

    // --- pooling; input, output and indices in one common layout -----------------------------------------------------
    /// indices: position in the window (row * kernelWidth + column), U8 if the window has at most 255 cells, else I32;
    /// the first of equals; NaN wins. Absent in inference.
    virtual bool maxPool(const PoolParams&, const TensorView& input, const OutView& output, const OutView& indices) {
        return missing(input, output, indices);
    }
    virtual bool maxPoolBackward(const PoolParams&, const TensorView& gradOutput, const TensorView& indices, const OutView& gradInput) {
        return missing(gradOutput, indices, gradInput);
    }
    virtual bool avgPool(const PoolParams&, const TensorView& input, const OutView& output) { return missing(input, output); }
    virtual bool avgPoolBackward(const PoolParams&, const TensorView& gradOutput, const OutView& gradInput) {
        return missing(gradOutput, gradInput);
    }

    // --- batch normalisation of [N, C, H, W] or plain [N, C]; input, residual, output in one common layout -----------
    /// Training: mean and biased variance over N, H, W into savedMean, savedInvStd ([C], f32 or f64 as the input); running
    /// statistics move by momentum with the unbiased variance. Inference: running statistics, nothing saved.
    /// output = act(gamma * (x - mean) * invStd + beta (+ residual)); act = ReLU if params.relu. gamma, beta may be absent.
    virtual bool batchNorm(const BatchNormParams&, const TensorView& input, const TensorView& residual, const TensorView& gamma,
                           const TensorView& beta, const OutView& runningMean, const OutView& runningVar, const OutView& savedMean,
                           const OutView& savedInvStd, const OutView& output) {
        return missing(input, residual, gamma, beta, runningMean, runningVar, savedMean, savedInvStd, output);
    }
    /// `output` is needed for params.relu only. gradResidual, gradGamma, gradBeta may be absent. In inference mode
    /// (params.training false) savedMean and savedInvStd come from the running statistics (mean, 1 / sqrt(variance + eps)),
    /// which then are constants.
    virtual bool batchNormBackward(const BatchNormParams&, const TensorView& input, const TensorView& output, const TensorView& gamma,
                                   const TensorView& savedMean, const TensorView& savedInvStd, const TensorView& gradOutput,
                                   const OutView& gradInput, const OutView& gradResidual, const OutView& gradGamma,
                                   const OutView& gradBeta) {
        return missing(input, output, gamma, savedMean, savedInvStd, gradOutput, gradInput, gradResidual, gradGamma, gradBeta);
    }

    // --- random -----------------------------------------------------------------------------------------------------
    /// Keeps element i (row-major) where the 24-bit uniform of Philox(key).block(i / 4)[i % 4] >= p, scaled by 1/(1-p);
    /// mask (u8) tells which. f32, f64, contiguous.
    virtual bool dropout(double p, DropoutKey key, const TensorView& in, const OutView& mask, const OutView& out) {
        return missing(in, mask, out, p, key);
    }

    // --- optimizers: flat contiguous f32 (or f64) buffers of equal length, one pass ------------------------------------
    virtual bool sgdStep(const SgdParams&, const OutView& param, const TensorView& grad, const OutView& velocity) {
        return missing(param, grad, velocity);
    }
    virtual bool adamStep(const AdamParams&, const OutView& param, const TensorView& grad, const OutView& firstMoment,
                          const OutView& secondMoment) {
        return missing(param, grad, firstMoment, secondMoment);
    }

private:
    template <class... Ignored> static bool missing(const Ignored&...) { return false; }
};

} // namespace strata
