// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

namespace strata::cli {
namespace {

void showRuns(const std::string& folder, bool json) {
    const std::vector<RunInfo> runs = listRuns(folder);
    if (json) {
        Json list = Json::array();
        for (const RunInfo& run : runs) list.push_back(run.toJson());
        return printJson({{"runs", list}});
    }
    if (runs.empty()) return print(fmt::format("There are no runs in {}\n", folder));
    std::vector<std::vector<std::string>> rows;
    for (const RunInfo& run : runs)
        rows.push_back({run.name, std::string(runStateId(run.state)), fmt::format("{}/{}", run.epoch, run.epochs), grouped(run.step),
                        run.bestAccuracy ? percent(*run.bestAccuracy) : "-", run.model, run.data});
    print(table({"run", "state", "epoch", "step", "best", "model", "data"}, rows, {2, 3, 4}));
    for (const RunInfo& run : runs)
        if (!run.problem.empty()) print(fmt::format("{}: {}\n", run.name, run.problem));
}

} // namespace

void addRuns(CLI::App& app, Outcome&) {
    struct Options {
        std::string folder = "runs";
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("runs", "List the runs in a folder");
    verb->add_option("folder", options->folder, "Folder of runs (default runs)")->type_name("DIR");
    addJson(*verb, options->json);
    verb->callback([options] { showRuns(options->folder, options->json); });
}

} // namespace strata::cli
