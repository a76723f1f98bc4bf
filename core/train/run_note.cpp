// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/train/json_fields.h"
#include "core/train/run_folder.h"

namespace strata {

namespace {

constexpr int64_t kNoteVersion = 1;
constexpr uint64_t kNoteLimit = uint64_t(1) << 22;

std::string notePath(const std::string& path) { return joinPath(path, "note.json"); }

} // namespace

RunNote runNote(const std::string& path) {
    const std::string file = notePath(path);
    RunNote note;
    if (!fs().status(file).exists) return note;
    const Json json = parseJson(readTextFile(file, kNoteLimit), file);
    JsonFields fields(json, file);
    checkFormatVersion(fields, kNoteVersion, file);
    note.name = fields.get<std::string>("name", "");
    note.note = fields.get<std::string>("note", "");
    note.hidden = fields.get<bool>("hidden", false);
    note.extra = fields.rest();
    return note;
}

void setRunNote(const std::string& path, const RunNote& note) {
    if (!RunFolder::holdsRun(path)) fail(ErrorKind::BadInput, "there is no run in {}", path);
    Json json = {{"version", kNoteVersion}, {"name", note.name}, {"note", note.note}, {"hidden", note.hidden}};
    for (const auto& item : note.extra.items()) json[item.key()] = item.value();
    writeFileAtomically(notePath(path), toText(json, 2) + "\n");
}

} // namespace strata
