// SPDX-License-Identifier: Apache-2.0
#include "core/formats/python_names.h"

#include "core/base/text.h"

#include <set>

namespace strata {

namespace {

const std::set<std::string> kKeywords{"False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
                                      "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
                                      "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
                                      "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
/// Attributes of nn.Module in PyTorch 1.13 and 2.x.
const std::set<std::string> kModuleNames{"T_destination",
                                         "add_module",
                                         "apply",
                                         "bfloat16",
                                         "buffers",
                                         "call_super_init",
                                         "children",
                                         "compile",
                                         "cpu",
                                         "cuda",
                                         "double",
                                         "dump_patches",
                                         "eval",
                                         "extra_repr",
                                         "float",
                                         "forward",
                                         "get_buffer",
                                         "get_extra_state",
                                         "get_parameter",
                                         "get_submodule",
                                         "half",
                                         "ipu",
                                         "load_state_dict",
                                         "modules",
                                         "mtia",
                                         "named_buffers",
                                         "named_children",
                                         "named_modules",
                                         "named_parameters",
                                         "parameters",
                                         "register_backward_hook",
                                         "register_buffer",
                                         "register_forward_hook",
                                         "register_forward_pre_hook",
                                         "register_full_backward_hook",
                                         "register_full_backward_pre_hook",
                                         "register_load_state_dict_post_hook",
                                         "register_load_state_dict_pre_hook",
                                         "register_module",
                                         "register_parameter",
                                         "register_state_dict_post_hook",
                                         "register_state_dict_pre_hook",
                                         "requires_grad_",
                                         "set_extra_state",
                                         "set_submodule",
                                         "share_memory",
                                         "state_dict",
                                         "to",
                                         "to_empty",
                                         "train",
                                         "training",
                                         "type",
                                         "xpu",
                                         "zero_grad"};

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool digit(char c) { return c >= '0' && c <= '9'; }

} // namespace

std::string pythonClassName(const std::string& name) {
    std::string result;
    bool upper = true;
    for (const char c : name) {
        if (!letter(c) && !(digit(c) && !result.empty())) {
            upper = true;
            continue;
        }
        result += upper && c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
        upper = false;
    }
    const bool taken = result.size() < 2 || kKeywords.contains(result) || result == "CLASSES";
    return taken ? "Net" : result;
}

std::string pythonVariable(const std::string& id) {
    std::string name;
    for (const char c : id) name += letter(c) || digit(c) ? c : '_';
    const bool taken = kKeywords.contains(name) || name == "self" || name == "torch" || name == "nn" || name == "F" || name == "x";
    return taken || name.empty() || digit(name.front()) || name.front() == '_' ? "v_" + name : name;
}

bool pythonAttribute(const std::string& name) {
    if (name.empty() || !letter(name.front()) || kKeywords.contains(name) || kModuleNames.contains(name)) return false;
    for (const char c : name)
        if (!letter(c) && !digit(c) && c != '_') return false;
    return true;
}

std::string pythonComment(const std::string& text) {
    std::string line;
    for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    return line;
}

std::vector<std::string> splitId(const std::string& id) { return split(id, '.'); }

} // namespace strata
