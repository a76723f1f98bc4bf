// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tests/support/case.h"
#include "tests/support/golden.h"

namespace strata::test {

// Each check takes a row of the table and returns "" or one sentence that says what is wrong.

/// backward() against central differences in f64 (step 1e-6): along a random direction of all inputs together and for up to
/// `elements` single elements of each input.
std::string checkFiniteDifferences(const OpCase& row, int elements = 12);
/// The same for the gradient of a projection of the gradient.
std::string checkSecondDifferences(const OpCase& row, int elements = 6);
/// f32 against f64, output and gradients.
std::string checkSinglePrecision(const OpCase& row);
/// Transposed, sliced and, for rank 4, blocked and channels-last inputs give what plain ones give.
std::string checkStrides(const OpCase& row);
std::string checkLayouts(const OpCase& row);
/// Changing an input that the gradient needs, in place, is found by backward() and named.
std::string checkSavedVersions(const OpCase& row);
/// Output and gradients against PyTorch (f64).
std::string checkGolden(const OpCase& row, const Golden& golden, DType dtype, Device device = cpuDevice());

} // namespace strata::test
