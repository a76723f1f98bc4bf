// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/param.h"
#include "core/model/network.h"

#include <memory>
#include <string>
#include <vector>

namespace strata {

/// Changes the network's flat parameters by its flat gradients: one fused kernel a step. Its moments are flat tensors of the
/// parameters' length, made at construction and never reallocated.
class Optimizer {
public:
    virtual ~Optimizer() = default;
    /// One update. Both tensors flat, contiguous, of the length given at construction, f32 or f64.
    virtual void step(const Tensor& parameters, const Tensor& gradients, double learningRate) = 0;
    /// Moments by name ("momentum", "first_moment", ...), for checkpoints.
    virtual std::vector<NamedTensor> state() const = 0;

    int64_t steps() const { return steps_; } ///< updates done so far
    /// Copies moments and the counter back. Throws Error(BadFile) naming the first missing, unexpected or misshapen one.
    void load(const std::vector<NamedTensor>& saved, int64_t steps);

protected:
    int64_t steps_ = 0;
};

/// The description and the maker of one kind of optimizer. Every one has a parameter "lr", the base learning rate.
struct OptimizerDef {
    ComponentSpec spec;
    /// Complete parameters; `like` is the flat parameter tensor (length, dtype, device).
    std::unique_ptr<Optimizer> (*make)(const ParamValues& params, const Tensor& like);
};

/// The explicit list: sgd, adam, adamw.
const std::vector<OptimizerDef>& optimizers();
const OptimizerDef& optimizerDef(const std::string& id); ///< throws Error(BadInput) with the nearest name
/// Checks and completes the parameters, then makes it. Throws Error(BadInput).
std::unique_ptr<Optimizer> makeOptimizer(const std::string& id, const ParamValues& params, const Tensor& like);

} // namespace strata
