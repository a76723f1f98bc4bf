// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/base/text.h"

namespace strata::cli {
namespace {

struct Options {
    std::string folder = "runs";
    std::optional<std::string> name, note;
    bool hide = false, show = false, all = false, json = false;
};

/// Name, note and whether it is hidden, of the one run that `folder` is.
void editNote(const Options& options) {
    RunNote note = runNote(options.folder);
    if (options.name) note.name = *options.name;
    if (options.note) note.note = *options.note;
    if (options.hide || options.show) note.hidden = options.hide;
    setRunNote(options.folder, note);
}

void showTable(const std::vector<RunInfo>& runs) {
    std::vector<std::vector<std::string>> rows;
    for (const RunInfo& run : runs)
        rows.push_back({run.name, std::string(runStateId(run.state)), fmt::format("{}/{}", run.epoch, run.epochs), grouped(run.step),
                        run.bestAccuracy ? percent(*run.bestAccuracy) : "-", run.seconds > 0 ? formatDuration(run.seconds) : "-",
                        run.device, run.model, run.data});
    print(table({"run", "state", "epoch", "step", "best", "trained", "device", "model", "data"}, rows, {2, 3, 4, 5}));
    for (const RunInfo& run : runs) {
        if (run.displayName != run.name) print(fmt::format("{} is called {}\n", run.name, run.displayName));
        if (!run.note.empty()) print(fmt::format("{}: {}\n", run.name, run.note));
        if (!run.problem.empty()) print(fmt::format("{}: {}\n", run.name, run.problem));
    }
}

void showRuns(const Options& options) {
    if (options.name || options.note || options.hide || options.show) editNote(options);
    const bool one = RunFolder::holdsRun(options.folder);
    std::vector<RunInfo> runs = listRuns(options.folder);
    const size_t before = runs.size();
    if (!options.all && !one) std::erase_if(runs, [](const RunInfo& run) { return run.hidden; });
    if (options.json) {
        Json list = Json::array();
        for (const RunInfo& run : runs) list.push_back(run.toJson());
        return printJson({{"runs", list}});
    }
    if (before == 0) return print(fmt::format("There are no runs in {}\n", options.folder));
    if (!runs.empty()) showTable(runs);
    if (before > runs.size()) print(fmt::format("{} hidden (--all lists them too)\n", before - runs.size()));
}

} // namespace

void addRuns(CLI::App& app, Outcome&) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("runs", "List the runs in a folder; name, describe or hide one");
    verb->add_option("folder", options->folder, "Folder of runs (default runs), or a run")->type_name("DIR");
    verb->add_option("--name", options->name, "Show the run DIR under this name")->type_name("TEXT");
    verb->add_option("--note", options->note, "A note on the run DIR")->type_name("TEXT");
    CLI::Option* hide = verb->add_flag("--hide", options->hide, "Leave the run DIR out of lists");
    verb->add_flag("--unhide", options->show, "Take it back into lists")->excludes(hide);
    verb->add_flag("--all", options->all, "List hidden ones too");
    addJson(*verb, options->json);
    verb->callback([options] { showRuns(*options); });
}

} // namespace strata::cli
