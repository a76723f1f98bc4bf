// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/base/json.h"
#include "core/model/model_spec.h"
#include "core/train/config.h"

#include <string>
#include <vector>

namespace strata::studio {

/// Parts of a project that change on their own; each is one member of the JSON and one payload of an undo step.
enum class Section { Name, Data, Edits, Pipeline, Model, Training, Runs };
constexpr int kSections = 7;

/// A project as a value (`.strata`, JSON with a version; unknown fields are kept and written back).
struct Project {
    std::string name = "Untitled";
    std::string data;              ///< source spec "cifar10:/data/cifar-10", "" for none
    Json edits = Json::object();   ///< EditList as JSON (core/data/edits.h): relabel, tag, exclude
    Json pipeline;                 ///< Pipeline as JSON; null: the default of the data
    ModelSpec model;               ///< input empty until data are known
    TrainConfig training;          ///< its data and model fields are filled when a run starts
    std::vector<std::string> runs; ///< run folders, oldest first; relative to the project file where below it
    Json extra = Json::object();

    Json section(Section section) const;
    void setSection(Section section, const Json& value); ///< throws Error(BadFile)
    Json toJson() const;
    /// Throws Error(BadFile) naming `where`; a file of a newer version says so.
    static Project fromJson(const Json& json, const std::string& where);
};

const char* sectionId(Section section);

} // namespace strata::studio
