// SPDX-License-Identifier: Apache-2.0
#include "core/train/process_record.h"

#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/train/events.h"

#include <unistd.h>

namespace strata {

namespace {

/// The number behind "oom_kill " in lines of "name value".
std::optional<int64_t> killCount(const std::string& text) {
    for (const std::string& line : split(text, '\n'))
        if (line.starts_with("oom_kill ")) return parseInteger(trim(line.substr(9)));
    return std::nullopt;
}

std::string controlGroup() {
    for (const std::string& line : split(readKernelText("/proc/self/cgroup"), '\n'))
        if (line.starts_with("0::")) return line.substr(3);
    return "/";
}

std::string bootId() { return trim(readKernelText("/proc/sys/kernel/random/boot_id")); }

} // namespace

std::optional<int64_t> outOfMemoryKills() {
    for (const std::string& path : {"/sys/fs/cgroup" + controlGroup() + "/memory.events", std::string("/sys/fs/cgroup/memory.events"),
                                    std::string("/sys/fs/cgroup/memory/memory.oom_control"), std::string("/proc/vmstat")})
        if (const std::optional<int64_t> count = killCount(readKernelText(path))) return count;
    return std::nullopt;
}

void writeProcessRecord(const std::string& path) {
    std::array<char, 256> host{};
    if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
    Json json = {{"version", 1}, {"pid", int64_t(::getpid())}, {"host", host.data()}, {"boot", bootId()}, {"started", secondsSince1970()}};
    if (const std::optional<int64_t> kills = outOfMemoryKills()) json["oom_kills"] = *kills;
    writeFileAtomically(path, toText(json, 2) + "\n");
}

std::string describeSuddenEnd(const std::string& path, int64_t step, int64_t batchSize) {
    const std::string smaller =
        batchSize > 1 ? fmt::format("a run with --batch {} needs less memory", batchSize / 2) : "a smaller network needs less memory";
    Json json;
    if (fs().status(path).exists) {
        try {
            json = parseJson(readTextFile(path, 1 << 16), path);
        } catch (const Error& error) { logMessage(LogLevel::Warning, error.what()); }
    }
    const bool sameBoot =
        json.is_object() && json.contains("boot") && json["boot"].is_string() && json["boot"].get<std::string>() == bootId();
    if (json.is_object() && !sameBoot)
        return fmt::format("the run was ended from outside at step {}: the machine was restarted since", step);
    const std::optional<int64_t> kills = outOfMemoryKills();
    if (sameBoot && kills && json.contains("oom_kills") && json["oom_kills"].is_number_integer() &&
        *kills > json["oom_kills"].get<int64_t>())
        return fmt::format("the run was ended by the out-of-memory killer at step {}; {}", step, smaller);
    return fmt::format("the run was ended from outside at step {} (perhaps by the out-of-memory killer; if so {})", step, smaller);
}

} // namespace strata
