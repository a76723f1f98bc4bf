// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/data/dataset.h"

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace strata {

/// Names a picture for good: its place in the data's own set ("train", "test", or "validation" where the data brings one)
/// before any part of it is taken for validation or testing, so that another split or an exclusion does not move it. Where one
/// set is divided into all three, the set is called "train".
struct SampleKey {
    std::string split;
    int64_t index = 0;
    auto operator<=>(const SampleKey&) const = default;
};

/// What a person changed about one picture.
struct SampleEdit {
    std::string label = {};             ///< name of another class; "" keeps the data's own
    std::vector<std::string> tags = {}; ///< sorted, each once; training does not look at them
    bool exclude = false;               ///< left out of training, validation and testing
    Json extra = Json::object();        ///< unknown fields

    bool empty() const { return label.empty() && tags.empty() && !exclude && extra.empty(); }
    bool operator==(const SampleEdit&) const = default;
};

/// Relabelled, tagged and excluded pictures: a value, kept beside the data and never written into it.
/// JSON: {"version": 1, "data": "cifar10:...", "fingerprint": "...", "edits": [{"split": "train", "index": 7, "label": "cat",
/// "tags": ["blurred"], "exclude": true}, ...]}, sorted by split and index; unknown fields are kept.
struct EditList {
    std::string data;        ///< source spec it was made for (for people)
    std::string fingerprint; ///< of those data, unedited; "": not said
    std::map<SampleKey, SampleEdit> edits;
    Json extra = Json::object();

    SampleEdit of(const SampleKey& key) const;       ///< empty if there is none
    void set(const SampleKey& key, SampleEdit edit); ///< sorts the tags; an empty edit removes the entry
    bool changesTraining() const;                    ///< a label or an exclusion is among them
    std::vector<std::string> tags() const;           ///< all in use, sorted
    bool operator==(const EditList&) const = default;

    Json toJson() const;
    static EditList fromJson(const Json& json, const std::string& where); ///< throws Error(BadFile)
};

EditList readEdits(const std::string& path);                    ///< throws Error(BadFile)
void writeEdits(const std::string& path, const EditList& list); ///< AtomicFile

/// The key of picture `index` of source.train ("train"), source.validation ("validation") or source.test ("test"); works on
/// edited sources too.
SampleKey sampleKey(const DataSource& source, const std::string& split, int64_t index);

/// The same data with the edits applied: other labels, excluded pictures left out. Train, validation and test are divided as
/// they were: what was not touched stays where it was. The fingerprint changes with labels and exclusions (not with tags).
/// Throws Error(BadInput) naming an edit whose picture or class the data do not have, a set that nothing is left of, or a list
/// that was made for other data.
DataSource applyEdits(const DataSource& source, const EditList& list);

} // namespace strata
