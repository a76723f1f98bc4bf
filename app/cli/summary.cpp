// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/base/text.h"
#include "core/model/model_spec.h"

namespace strata::cli {
namespace {

struct Options {
    std::string model, data, input = "3x32x32";
    std::optional<int64_t> classes, batch;
    bool json = false;
};

void showSummary(const Options& options) {
    Shape input = parseInputShape(options.input);
    int64_t classes = options.classes.value_or(10);
    if (!options.data.empty()) {
        const DataSource source = openSource(options.data);
        input = source.imageShape;
        classes = int64_t(source.classes.size());
    }
    const ModelSpec spec = resolveModel(options.model, input, classes);
    const int64_t batch = options.batch.value_or(1);
    if (options.json)
        printJson(summaryJson(spec, batch));
    else
        print(summaryText(spec, batch));
}

} // namespace

void addSummary(CLI::App& app, Outcome&) {
    auto options = std::make_shared<Options>();
    CLI::App* verb = app.add_subcommand("summary", "Table of a network's layers: shapes, parameters, FLOPs, memory");
    std::vector<std::string> names;
    for (const TemplateDef& def : modelTemplates()) names.push_back(def.id);
    verb->add_option("model", options->model, "Template (" + join(names, ", ") + ") or file (.json, .safetensors)")
        ->required()
        ->type_name("MODEL");
    CLI::Option* data = verb->add_option("--data", options->data, "Data that a template is to fit")->type_name("SPEC");
    verb->add_option("--input", options->input, "Pictures that a template is to fit (default 3x32x32)")->type_name("CxHxW")->excludes(data);
    addInteger(*verb, "--classes", options->classes, 1, 1'000'000, "Classes that a template is to fit (default 10)")->excludes(data);
    addInteger(*verb, "--batch", options->batch, 1, 1'000'000, "Pictures at once, for the memory (default 1)");
    addJson(*verb, options->json);
    verb->callback([options] { showSummary(*options); });
}

} // namespace strata::cli
