// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace strata::cli {

/// What a verb leaves behind for main().
struct Outcome {
    int code = 0;
};

// One function a verb, each in the file of its name: adds the subcommand with its options; its callback does the work and throws
// strata::Error for what goes wrong, CLI::Error for options that do not go together.
void addDevices(CLI::App& app, Outcome& outcome);
void addData(CLI::App& app, Outcome& outcome);
void addLayers(CLI::App& app, Outcome& outcome);
void addSummary(CLI::App& app, Outcome& outcome);
void addTrain(CLI::App& app, Outcome& outcome);
void addLrFind(CLI::App& app, Outcome& outcome);
void addEvaluate(CLI::App& app, Outcome& outcome);
void addPredict(CLI::App& app, Outcome& outcome);
void addExport(CLI::App& app, Outcome& outcome);
void addRuns(CLI::App& app, Outcome& outcome);
void addBench(CLI::App& app, Outcome& outcome);

} // namespace strata::cli
