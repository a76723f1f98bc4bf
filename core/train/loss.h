// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/param.h"
#include "core/tensor/tensor.h"

#include <memory>
#include <string>
#include <vector>

namespace strata {

/// What training makes small.
class Loss {
public:
    virtual ~Loss() = default;
    /// Mean loss over the batch, one element, differentiable. outputs [N, C]; targets i64 [N] (classes), or for mse also a
    /// tensor of outputs' shape. Throws Error(BadInput) naming the loss and the shapes.
    virtual Tensor operator()(const Tensor& outputs, const Tensor& targets) const = 0;
};

struct LossDef {
    ComponentSpec spec;
    std::unique_ptr<Loss> (*make)(const ParamValues& params); ///< complete parameters
};

/// The explicit list: cross_entropy (label_smoothing), mse (outputs against one-hot targets).
const std::vector<LossDef>& losses();
const LossDef& lossDef(const std::string& id); ///< throws Error(BadInput) with the nearest name
/// Checks and completes the parameters, then makes it. Throws Error(BadInput).
std::unique_ptr<Loss> makeLoss(const std::string& id, const ParamValues& params = ParamValues::object());

/// [N, classes] of zeros with a one at each label (i64 [N]). Throws Error(BadInput) on a label out of range.
Tensor oneHot(const Tensor& labels, int64_t classes, DType dtype = DType::F32);

} // namespace strata
