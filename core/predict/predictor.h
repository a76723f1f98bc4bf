// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/files/image.h"
#include "core/model/model_file.h"

#include <memory>
#include <string>
#include <vector>

namespace strata {

struct ClassProbability {
    int64_t index = 0;
    std::string name; ///< the number where the model brings no names
    double probability = 0;
};

/// What a network says about one picture.
struct Prediction {
    std::vector<ClassProbability> top; ///< most probable first; of equals the lower class first
    double milliseconds = 0;           ///< preprocessing and network, without reading the file or choosing algorithms
};

/// The same values made the shape a network takes: pictures that the pipeline does not bring to height x width are scaled
/// until they cover it (antialiased) and cut to the middle.
Image fitPicture(const Image& picture, int64_t height, int64_t width);

/// Photo to class probabilities: the model's own preprocessing, then the network folded for inference. Use from one thread.
class Predictor {
public:
    explicit Predictor(const ModelFile& model, Device device = cpuDevice()); ///< throws Error(BadInput) on a spec with problems
    ~Predictor();
    Predictor(Predictor&&) noexcept;

    const std::vector<std::string>& classes() const { return classes_; }
    /// Probability of every class, in their order.
    std::vector<double> probabilities(const Image& picture) const;
    /// The `count` most probable classes (all of them where there are fewer).
    Prediction predict(const Image& picture, int64_t count) const;
    /// Throws Error(BadFile, Unsupported) when the file is no picture.
    Prediction predictFile(const std::string& path, int64_t count) const;

private:
    Tensor input(const Image& picture) const;
    std::unique_ptr<Network> network_;
    Pipeline pipeline_;
    std::vector<std::string> classes_;
};

} // namespace strata
