// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/base/error.h"
#include "core/base/param.h"
#include "core/base/text.h"

#include <signal.h>

#include <algorithm>
#include <new>
#include <string>
#include <vector>

namespace {

using namespace strata;
using namespace strata::cli;

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kInterrupted = 130;

void addVerbs(CLI::App& app, Outcome& outcome) {
    app.require_subcommand(1);
    app.set_version_flag("--version", "strata " STRATA_VERSION);
    app.get_formatter()->column_width(34);
    app.footer("Every verb has --help and --json. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.");
    addDevices(app, outcome);
    addData(app, outcome);
    addLayers(app, outcome);
    addSummary(app, outcome);
    addTrain(app, outcome);
    addLrFind(app, outcome);
    addEvaluate(app, outcome);
    addPredict(app, outcome);
    addExport(app, outcome);
    addRuns(app, outcome);
    addBench(app, outcome);
}

void requireKnownVerb(const CLI::App& app, const std::vector<std::string>& words) {
    if (words.empty() || words.front().starts_with("-")) return;
    std::vector<std::string> known;
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) known.push_back(verb->get_name());
    if (std::find(known.begin(), known.end(), words.front()) != known.end()) return;
    const std::string nearest = nearestName(words.front(), known);
    const std::string hint =
        nearest.empty() ? fmt::format("; there are {}", join(known, ", ")) : fmt::format("; did you mean {}?", nearest);
    throw UsageError(fmt::format("there is no verb '{}'{}", words.front(), hint));
}

/// The innermost subcommand on the line, for "see strata data info --help".
std::string verbName(const CLI::App& app) {
    std::string name = "strata";
    for (const CLI::App* at = &app; !at->get_subcommands().empty();) {
        at = at->get_subcommands().front();
        name += " " + at->get_name();
    }
    return name;
}

int usageError(const CLI::App& app, const CLI::ParseError& error, bool json) {
    printError("usage", fmt::format("{} (see {} --help)", error.what(), verbName(app)), json);
    return kUsage;
}

int run(CLI::App& app, Outcome& outcome, const std::vector<std::string>& words, bool json) {
    try {
        requireKnownVerb(app, words);
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
        flushOutput();
        return outcome.code;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == int(CLI::ExitCodes::Success)) return app.exit(error);
        return usageError(app, error, json);
    } catch (const Error& error) {
        printError(std::string(errorKindId(error.kind())), error.what(), json);
        if (error.kind() == ErrorKind::Cancelled) return kInterrupted;
    } catch (const std::bad_alloc&) {
        printError("out_of_memory", "there is not enough memory for this", json);
    } catch (const std::exception& error) { printError("internal", error.what(), json); }
    return kFailed;
}

} // namespace

int main(int argc, char** argv) {
    signal(SIGXFSZ, SIG_IGN); // a limit on file sizes is a full disk, told in a sentence
    const std::vector<std::string> words(argv + 1, argv + argc);
    const bool json = std::find(words.begin(), words.end(), "--json") != words.end();
    CLI::App app("Strata trains, evaluates and uses image classifiers.", "strata");
    Outcome outcome;
    addVerbs(app, outcome);
    return run(app, outcome, words, json);
}
