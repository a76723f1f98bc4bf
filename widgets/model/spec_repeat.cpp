// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/spec_repeat.h"

#include <algorithm>

namespace strata::modeledit {
namespace {

constexpr int kMostRepeats = 1000;

std::string copyId(const std::string& id, int copy) { return copy == 1 ? id : fmt::format("{}_r{}", id, copy); }

/// End of the run of layers that belong to the same block as layer `from`.
size_t runEnd(const ModelSpec& spec, size_t from) {
    size_t end = from + 1;
    while (end < spec.layers.size() && spec.layers[end].block == spec.layers[from].block) ++end;
    return end;
}

/// Appends all copies of the body [from, end) to `full`. `last` maps the ids of the body to those of the last copy.
void appendCopies(const ModelSpec& shown, size_t from, size_t end, int times, std::map<std::string, std::string>& last,
                  std::vector<LayerSpec>& full) {
    const std::string entry = shown.inputsOf(from).front();
    std::vector<std::string> body;
    for (size_t i = from; i < end; ++i) body.push_back(shown.layers[i].id);
    const std::map<std::string, std::string> outer = last;
    for (int copy = 1; copy <= times; ++copy)
        for (size_t i = from; i < end; ++i) {
            LayerSpec layer = shown.layers[i];
            layer.id = copyId(layer.id, copy);
            for (std::string& id : layer.inputs) {
                if (std::find(body.begin(), body.end(), id) != body.end())
                    id = copyId(id, copy);
                else if (id == entry && copy > 1)
                    id = copyId(body.back(), copy - 1);
                else if (const auto found = outer.find(id); found != outer.end())
                    id = found->second;
            }
            full.push_back(std::move(layer));
        }
    for (const std::string& id : body) last[id] = copyId(id, times);
}

ModelSpec expandSome(const ModelSpec& shown, const std::string* only) {
    ModelSpec full = shown;
    full.layers.clear();
    std::map<std::string, std::string> last;
    for (size_t i = 0; i < shown.layers.size();) {
        const std::string& block = shown.layers[i].block;
        const int times = block.empty() || (only && block != *only) ? 1 : repeatsOf(shown, block);
        const size_t end = times > 1 ? runEnd(shown, i) : i + 1;
        if (times > 1)
            appendCopies(shown, i, end, times, last, full.layers);
        else {
            LayerSpec layer = shown.layers[i];
            for (std::string& id : layer.inputs)
                if (const auto found = last.find(id); found != last.end()) id = found->second;
            full.layers.push_back(std::move(layer));
        }
        i = end;
    }
    return full;
}

} // namespace

int repeatsOf(const ModelSpec& spec, const std::string& block) {
    const auto repeats = spec.extra.find("repeats");
    if (repeats == spec.extra.end() || !repeats->is_object()) return 1;
    const auto found = repeats->find(block);
    if (found == repeats->end() || !found->is_number_integer()) return 1;
    return int(std::clamp<int64_t>(found->get<int64_t>(), 1, kMostRepeats));
}

void setRepeats(ModelSpec& spec, const std::string& block, int times) {
    Json repeats = spec.extra.contains("repeats") && spec.extra["repeats"].is_object() ? spec.extra["repeats"] : Json::object();
    if (times > 1)
        repeats[block] = times;
    else
        repeats.erase(block);
    if (repeats.empty())
        spec.extra.erase("repeats");
    else
        spec.extra["repeats"] = repeats;
}

ModelSpec expandRepeats(const ModelSpec& shown) { return expandSome(shown, nullptr); }

ModelSpec materialise(const ModelSpec& shown, const std::string& block) {
    ModelSpec result = expandSome(shown, &block);
    setRepeats(result, block, 1);
    return result;
}

ModelSpec collapseRepeats(const ModelSpec& full) {
    if (!full.extra.contains("repeats")) return full;
    ModelSpec shown = full;
    shown.layers.clear();
    std::map<std::string, std::string> first; // id in the last copy -> id of the body
    for (size_t i = 0; i < full.layers.size();) {
        const int times = full.layers[i].block.empty() ? 1 : repeatsOf(full, full.layers[i].block);
        const size_t end = times > 1 ? runEnd(full, i) : i + 1, count = end - i;
        const size_t body = times > 1 && count % size_t(times) == 0 ? count / size_t(times) : count;
        for (size_t k = 0; k < body; ++k) {
            LayerSpec layer = full.layers[i + k];
            for (std::string& id : layer.inputs)
                if (const auto found = first.find(id); found != first.end()) id = found->second;
            shown.layers.push_back(std::move(layer));
        }
        if (body < count)
            for (size_t k = 0; k < body; ++k) first[full.layers[end - body + k].id] = full.layers[i + k].id;
        i = end;
    }
    if (expandRepeats(shown).toJson() == full.toJson()) return shown;
    ModelSpec plain = full; // not ours: shown as it is
    plain.extra["repeats"] = Json::object();
    return plain;
}

std::vector<std::vector<size_t>> copiesOf(const ModelSpec& shown) {
    std::vector<std::vector<size_t>> copies(shown.layers.size());
    size_t at = 0;
    for (size_t i = 0; i < shown.layers.size();) {
        const int times = shown.layers[i].block.empty() ? 1 : repeatsOf(shown, shown.layers[i].block);
        const size_t end = times > 1 ? runEnd(shown, i) : i + 1;
        for (int copy = 0; copy < times; ++copy)
            for (size_t k = i; k < end; ++k) copies[k].push_back(at++);
        i = end;
    }
    return copies;
}

} // namespace strata::modeledit
