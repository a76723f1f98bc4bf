// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/base/text.h"
#include "core/formats/formats.h"

namespace strata::cli {
namespace {

struct Options {
    ModelChoice model;
    std::string to, format, dtype = "f32";
    bool json = false;
};

void runExport(const Options& options) {
    formatFor(options.to, options.format); // an unknown one is told before anything is read
    const OpenedModel model = openModel(options.model);
    const ExportReport report = exportModel(options.to, model.file, *dtypeFromName(options.dtype), options.format);
    if (options.json)
        return printJson({{"file", report.path},
                          {"format", report.format},
                          {"dtype", options.dtype},
                          {"bytes", report.bytes},
                          {"tensors", report.tensors},
                          {"verified", true}});
    if (report.tensors == 0)
        return print(fmt::format("{}: {}, {}, without weights; `strata export --to FILE.npz` writes those for its load_weights()\n",
                                 report.path, report.format, formatBytes(report.bytes)));
    print(fmt::format("{}: {} with {} tensors as {}, {}, read back and compared\n", report.path, report.format, report.tensors,
                      options.dtype, formatBytes(report.bytes)));
}

} // namespace

void addExport(CLI::App& app, Outcome&) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("export", "Write a trained network to a file");
    std::vector<std::string> ids;
    std::string footer = "Formats:\n";
    for (const FormatDef& format : formats()) {
        ids.push_back(format.spec.id);
        footer += fmt::format("  {:<12} {:<14} {}\n", format.spec.id, join(format.extensions, ", "), format.spec.help);
    }
    addModel(*verb, options->model);
    verb->add_option("--to", options->to, "File to write; its extension tells the format")->required()->type_name("FILE");
    verb->add_option("--format", options->format, "Format whatever the extension says: " + join(ids, ", "))->type_name("ID");
    verb->add_option("--dtype", options->dtype, "Store weights as f32 (default), f16 or bf16")
        ->check(CLI::IsMember({"f32", "f16", "bf16"}))
        ->type_name("TYPE");
    addJson(*verb, options->json);
    verb->footer(footer);
    verb->callback([options] { runExport(*options); });
}

} // namespace strata::cli
