// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/dataset.h"

#include <string>
#include <vector>

namespace strata {

// One opener for each kind of source: `place` is what follows "kind:" in the specification (may be empty). They fill all of
// DataSource but `spec`. Errors as openSource promises.
DataSource openCifar10(const std::string& place, const SourceOptions& options);
DataSource openCifar100(const std::string& place, const SourceOptions& options);
DataSource openFashionMnist(const std::string& place, const SourceOptions& options);
DataSource openMnist(const std::string& place, const SourceOptions& options);
DataSource openImageFolder(const std::string& place, const SourceOptions& options);
DataSource openArrays(const std::string& place, const SourceOptions& options);
DataSource openShapes(const std::string& place, const SourceOptions& options);

/// Throws Error(BadFile) "PATH does not exist" / Error(BadInput) where a kind needs a place and has none.
void requirePlace(const std::string& place, const std::string& kind, const std::string& what);

} // namespace strata
