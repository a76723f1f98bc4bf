// SPDX-License-Identifier: Apache-2.0
#include "core/train/communicator.h"

namespace strata {

Communicator& singleRank() {
    static Communicator single;
    return single;
}

} // namespace strata
