// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"

#include <string>

namespace strata::test {

/// The sentence of the strata::Error that `body` throws, or "" if it throws none. Other exceptions pass.
template <class Body> std::string sentenceOf(Body&& body) {
    try {
        body();
    } catch (const Error& error) { return error.what(); }
    return {};
}

} // namespace strata::test
