// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace strata {

/// Published class names, in the order of the labels.
const std::vector<std::string>& cifar10ClassNames();
const std::vector<std::string>& cifar100ClassNames();
const std::vector<std::string>& fashionClassNames();
const std::vector<std::string>& digitClassNames();

} // namespace strata
