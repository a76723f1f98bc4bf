// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace strata {

/// "resnet_9 (mine)" -> "Resnet9Mine"; "Net" where nothing is left.
std::string pythonClassName(const std::string& name);
/// A local variable for a layer's output: its id with dots replaced, made distinct from keywords and from what the source imports.
std::string pythonVariable(const std::string& id);
/// Whether `self.NAME` may hold a module: an identifier that is no keyword and that nn.Module does not have itself.
bool pythonAttribute(const std::string& name);
/// Text of one line, safe behind a '#'.
std::string pythonComment(const std::string& text);
/// Parts of a layer's id between its dots.
std::vector<std::string> splitId(const std::string& id);

} // namespace strata
