// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/param.h"

#include <cstdint>
#include <string>

namespace strata {

/// A component chosen by id with its parameters (absent ones take their defaults).
struct ComponentChoice {
    std::string id;
    ParamValues params = ParamValues::object();
};

/// All that decides a run, but for the network (spec.json) and the preprocessing (data.json). A value; JSON with a version,
/// unknown fields are kept and written back. Defaults suit the templates on CIFAR-10.
struct TrainConfig {
    std::string data;  ///< source spec: "cifar10:FOLDER"
    std::string model; ///< as the user named it: template or file
    int64_t epochs = 10;
    int64_t batchSize = 128;
    ComponentChoice loss{"cross_entropy"};
    ComponentChoice optimizer{"sgd", {{"lr", 0.05}, {"momentum", 0.9}, {"nesterov", true}, {"weight_decay", 5e-4}}};
    ComponentChoice schedule{"one_cycle"};
    uint64_t seed = 0; ///< weights, order, augmentation, dropout
    uint64_t splitSeed = 0;
    double validationFraction = 0.1;
    std::string edits;           ///< file of an EditList, as the user named it; the run folder keeps a copy and uses that; "": none
    bool augment = true;         ///< random transforms in training
    int64_t earlyStop = 0;       ///< end after so many epochs without a better validation; 0: never
    double clipNorm = 0;         ///< longest gradient over all parameters, as torch.nn.utils.clip_grad_norm_; 0: no limit
    std::string device = "auto"; ///< "cpu", "cuda:0", "auto"
    std::string precision = "f32";
    bool exact = false; ///< direct convolution only
    int loaderThreads = 2;
    int computeThreads = 0;         ///< 0: the cores of the process
    int64_t checkpointSteps = 0;    ///< every so many steps; 0: never for this reason
    double checkpointSeconds = 300; ///< at latest after so many seconds; 0: never for this reason
    bool checkpointEpochs = true;   ///< at the end of each epoch
    Json extra = Json::object();    ///< unknown fields

    Json toJson() const;
    /// Throws Error(BadFile) naming `where` and the field.
    static TrainConfig fromJson(const Json& json, const std::string& where);
    /// Throws Error(BadInput) with a sentence on the first value that cannot be used (ranges, unknown components).
    void check() const;
};

} // namespace strata
