// SPDX-License-Identifier: Apache-2.0
#include "core/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <mutex>
#include <set>

namespace strata {

namespace {

spdlog::level::level_enum levelFromEnvironment() {
    const char* value = std::getenv("STRATA_LOG");
    const std::string_view text = value ? value : "";
    if (text == "debug") return spdlog::level::debug;
    if (text == "info") return spdlog::level::info;
    if (text == "error") return spdlog::level::err;
    return spdlog::level::warn;
}

spdlog::logger& logger() {
    // Never destroyed: threads may still log while the process ends.
    static spdlog::logger* const instance = [] {
        auto* made = new spdlog::logger("strata", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        made->set_pattern("strata [%l] %v");
        made->set_level(levelFromEnvironment());
        made->flush_on(spdlog::level::debug);
        return made;
    }();
    return *instance;
}

} // namespace

void logMessage(LogLevel level, std::string_view message) {
    constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
    logger().log(levels[size_t(level)], message);
}

void logOnce(LogLevel level, const std::string& key, std::string_view message) {
    static std::mutex mutex;
    static std::set<std::string> seen;
    {
        std::lock_guard lock(mutex);
        if (!seen.insert(key).second) return;
    }
    logMessage(level, message);
}

} // namespace strata
