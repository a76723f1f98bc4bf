// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/document/project.h"
#include "core/base/error.h"
#include "core/train/json_fields.h"

namespace strata::studio {
namespace {

constexpr int64_t kVersion = 1;
constexpr const char* kIds[kSections] = {"name", "data", "edits", "pipeline", "model", "training", "runs"};

std::vector<std::string> readRuns(const Json& value) {
    if (!value.is_array()) fail(ErrorKind::BadFile, "project: \"runs\" is not a list");
    std::vector<std::string> runs;
    for (const Json& item : value) {
        if (!item.is_string()) fail(ErrorKind::BadFile, "project: an entry of \"runs\" is not text");
        runs.push_back(item.get<std::string>());
    }
    return runs;
}

} // namespace

const char* sectionId(Section section) { return kIds[size_t(section)]; }

Json Project::section(Section section) const {
    switch (section) {
    case Section::Name: return name;
    case Section::Data: return data;
    case Section::Edits: return edits;
    case Section::Pipeline: return pipeline;
    case Section::Model: return model.toJson();
    case Section::Training: return training.toJson();
    case Section::Runs: return runs;
    }
    return {};
}

void Project::setSection(Section section, const Json& value) {
    const auto text = [&] {
        if (!value.is_string()) fail(ErrorKind::BadFile, "project: \"{}\" is not text", sectionId(section));
        return value.get<std::string>();
    };
    switch (section) {
    case Section::Name: name = text(); break;
    case Section::Data: data = text(); break;
    case Section::Edits: edits = value; break;
    case Section::Pipeline: pipeline = value; break;
    case Section::Model: model = ModelSpec::fromJson(value, "project"); break;
    case Section::Training: training = TrainConfig::fromJson(value, "project"); break;
    case Section::Runs: runs = readRuns(value); break;
    }
}

Json Project::toJson() const {
    Json json{{"strata", "project"}, {"version", kVersion}};
    for (int i = 0; i < kSections; ++i) json[kIds[i]] = section(Section(i));
    for (const auto& item : extra.items()) json[item.key()] = item.value();
    return json;
}

Project Project::fromJson(const Json& json, const std::string& where) {
    JsonFields fields(json, where);
    if (fields.get<std::string>("strata", "") != "project") fail(ErrorKind::BadFile, "{}: not a Strata project", where);
    checkFormatVersion(fields, kVersion, where);
    Project project;
    for (int i = 0; i < kSections; ++i) {
        const auto value = fields.maybe<Json>(kIds[i]);
        if (!value) continue;
        try {
            project.setSection(Section(i), *value);
        } catch (const Error& error) { fail(ErrorKind::BadFile, "{}: {}", where, error.what()); }
    }
    project.extra = fields.rest();
    return project;
}

} // namespace strata::studio
