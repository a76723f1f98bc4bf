// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/backend/registry.h"
#include "core/base/text.h"

namespace strata::cli {
namespace {

Json deviceJson(const DeviceStatus& status) {
    Json json{{"name", status.name}, {"available", status.available}};
    if (!status.available) {
        json["reason"] = status.reason;
        return json;
    }
    json["description"] = status.info.description;
    json["instruction_set"] = status.info.instructionSet;
    json["total_bytes"] = status.info.totalBytes;
    json["free_bytes"] = status.info.freeBytes;
    json["libraries"] = status.info.libraries.is_null() ? Json::object() : status.info.libraries;
    return json;
}

void showDevices(bool json) {
    const std::vector<DeviceStatus> devices = listDevices();
    if (json) {
        Json list = Json::array();
        for (const DeviceStatus& status : devices) list.push_back(deviceJson(status));
        return printJson({{"devices", list}});
    }
    for (const DeviceStatus& status : devices) {
        if (!status.available) {
            print(fmt::format("{:<8} not available: {}\n", status.name, status.reason));
            continue;
        }
        print(fmt::format("{:<8} {}\n", status.name, status.info.description));
        print(fmt::format("         memory {} free of {}\n", formatBytes(status.info.freeBytes), formatBytes(status.info.totalBytes)));
        for (const auto& [library, version] : status.info.libraries.items())
            print(fmt::format("         {} {}\n", library, version.is_string() ? version.get<std::string>() : toText(version)));
    }
}

} // namespace

void addDevices(CLI::App& app, Outcome&) {
    auto json = std::make_shared<bool>(false);
    CLI::App* verb = app.add_subcommand("devices", "List what can compute, and why something cannot");
    addJson(*verb, *json);
    verb->callback([json] { showDevices(*json); });
}

} // namespace strata::cli
