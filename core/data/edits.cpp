// SPDX-License-Identifier: Apache-2.0
#include "core/data/edits.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/fs.h"

#include <algorithm>
#include <set>

namespace strata {

namespace {

constexpr int64_t kEditsVersion = 1;
constexpr uint64_t kEditsLimit = uint64_t(1) << 28;

void sortTags(std::vector<std::string>& tags) {
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
}

/// Fields of a JSON object from outside, taken out as they are read, so that the unknown ones remain.
class Fields {
public:
    Fields(const Json& json, std::string where) : rest(json), where_(std::move(where)) {
        if (!rest.is_object()) fail(ErrorKind::BadFile, "{}: not a JSON object", where_);
    }
    Json take(const char* name) {
        const auto found = rest.find(name);
        if (found == rest.end()) return {};
        Json value = *found;
        rest.erase(found);
        return value;
    }
    std::string text(const char* name) {
        const Json value = take(name);
        if (value.is_null()) return {};
        if (!value.is_string()) wrong(name, "text");
        return value.get<std::string>();
    }
    int64_t integer(const char* name, std::optional<int64_t> otherwise = {}) {
        const Json value = take(name);
        if (value.is_null() && otherwise) return *otherwise;
        if (!value.is_number_integer() || (value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX)))
            wrong(name, "a whole number");
        return value.get<int64_t>();
    }
    [[noreturn]] void wrong(const char* name, const char* wanted) const {
        fail(ErrorKind::BadFile, "{}: \"{}\" must be {}", where_, name, wanted);
    }
    Json rest;

private:
    std::string where_;
};

void readEntry(const Json& json, const std::string& where, EditList& list) {
    Fields fields(json, where);
    const SampleKey key{fields.text("split"), fields.integer("index")};
    if (key.split != "train" && key.split != "validation" && key.split != "test") fields.wrong("split", "train, validation or test");
    if (key.index < 0) fields.wrong("index", "a whole number from 0");
    SampleEdit edit;
    edit.label = fields.text("label");
    const Json exclude = fields.take("exclude");
    if (!exclude.is_null() && !exclude.is_boolean()) fields.wrong("exclude", "true or false");
    edit.exclude = exclude.is_boolean() && exclude.get<bool>();
    const Json tags = fields.take("tags");
    if (!tags.is_null() && !tags.is_array()) fields.wrong("tags", "a list of texts");
    for (const Json& tag : tags) {
        if (!tag.is_string()) fields.wrong("tags", "a list of texts");
        edit.tags.push_back(tag.get<std::string>());
    }
    edit.extra = std::move(fields.rest);
    if (list.edits.contains(key)) fail(ErrorKind::BadFile, "{}: a second edit of {} picture {}", where, key.split, key.index);
    list.set(key, std::move(edit));
}

Json entryJson(const SampleKey& key, const SampleEdit& edit) {
    Json json = {{"split", key.split}, {"index", key.index}};
    if (!edit.label.empty()) json["label"] = edit.label;
    if (!edit.tags.empty()) json["tags"] = edit.tags;
    if (edit.exclude) json["exclude"] = true;
    for (const auto& item : edit.extra.items()) json[item.key()] = item.value();
    return json;
}

} // namespace

SampleEdit EditList::of(const SampleKey& key) const {
    const auto found = edits.find(key);
    return found == edits.end() ? SampleEdit() : found->second;
}

void EditList::set(const SampleKey& key, SampleEdit edit) {
    sortTags(edit.tags);
    if (edit.empty())
        edits.erase(key);
    else
        edits[key] = std::move(edit);
}

bool EditList::changesTraining() const {
    return std::any_of(edits.begin(), edits.end(), [](const auto& item) { return item.second.exclude || !item.second.label.empty(); });
}

std::vector<std::string> EditList::tags() const {
    std::set<std::string> all;
    for (const auto& [key, edit] : edits) all.insert(edit.tags.begin(), edit.tags.end());
    return {all.begin(), all.end()};
}

Json EditList::toJson() const {
    Json list = Json::array();
    for (const auto& [key, edit] : edits) list.push_back(entryJson(key, edit));
    Json json = {{"version", kEditsVersion}, {"data", data}, {"fingerprint", fingerprint}};
    for (const auto& item : extra.items()) json[item.key()] = item.value();
    json["edits"] = std::move(list);
    return json;
}

EditList EditList::fromJson(const Json& json, const std::string& where) {
    Fields fields(json, where);
    const int64_t version = fields.integer("version", kEditsVersion);
    if (version > kEditsVersion)
        fail(ErrorKind::BadFile, "{}: written by a newer version of Strata (format {}; this one reads up to {})", where, version,
             kEditsVersion);
    EditList list;
    list.data = fields.text("data");
    list.fingerprint = fields.text("fingerprint");
    const Json entries = fields.take("edits");
    if (!entries.is_array()) fields.wrong("edits", "a list");
    for (size_t i = 0; i < entries.size(); ++i) readEntry(entries[i], fmt::format("{}: edit {}", where, i), list);
    list.extra = std::move(fields.rest);
    return list;
}

EditList readEdits(const std::string& path) {
    if (!fs().status(path).exists) fail(ErrorKind::BadFile, "{}: there is no such file", path);
    return EditList::fromJson(parseJson(readTextFile(path, kEditsLimit), path), path);
}

void writeEdits(const std::string& path, const EditList& list) { writeFileAtomically(path, toText(list.toJson(), 1) + "\n"); }

} // namespace strata
