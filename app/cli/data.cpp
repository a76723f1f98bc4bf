// SPDX-License-Identifier: Apache-2.0
#include "app/cli/interrupt.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "core/base/atomic_file.h"
#include "core/base/text.h"
#include "core/data/download.h"
#include "core/files/image.h"

namespace strata::cli {
namespace {

int64_t sizeOf(const DatasetPtr& dataset) { return dataset ? dataset->size() : 0; }

Json countsJson(const std::vector<std::string>& classes, const std::vector<int64_t>& counts) {
    Json json = Json::object();
    for (size_t c = 0; c < counts.size(); ++c) json[classes[c]] = counts[c];
    return json;
}

Json infoJson(const DataSource& source, const DataStatistics& statistics) {
    Json index = Json::object();
    for (size_t c = 0; c < source.classes.size(); ++c) index[source.classes[c]] = c;
    const auto split = [&](const DatasetPtr& dataset, const std::vector<int64_t>& counts) {
        return Json{{"length", sizeOf(dataset)}, {"counts", countsJson(source.classes, counts)}};
    };
    std::vector<int64_t> counts = statistics.trainCounts;
    for (size_t c = 0; c < statistics.validationCounts.size(); ++c) counts[c] += statistics.validationCounts[c];
    return {{"spec", source.spec},
            {"title", source.title},
            {"length", sizeOf(source.train) + sizeOf(source.validation)},
            {"shape", source.imageShape.toVector()},
            {"mixed_sizes", source.mixedSizes},
            {"classes", source.classes},
            {"class_to_idx", index},
            {"counts", countsJson(source.classes, counts)},
            {"mean", statistics.mean},
            {"std", statistics.deviation},
            {"splits",
             {{"train", split(source.train, statistics.trainCounts)},
              {"validation", split(source.validation, statistics.validationCounts)},
              {"test", split(source.test, statistics.testCounts)}}},
            {"fingerprint", source.fingerprint},
            {"base_fingerprint", source.baseFingerprint},
            {"facts", source.facts}};
}

void showInfo(const std::string& spec, const std::string& edits, bool json) {
    const DataSource source = openSource(spec, {.edits = edits});
    const DataStatistics statistics = dataStatistics(source);
    if (json) return printJson(infoJson(source, statistics));
    const auto reals = [](const std::vector<double>& values) {
        std::vector<std::string> texts;
        for (double value : values) texts.push_back(fmt::format("{:.4f}", value));
        return join(texts, " ");
    };
    print(fmt::format("{} ({})\n", source.title, source.spec));
    print(fmt::format("length       {} for training ({} of them for validation), {} for testing\n",
                      grouped(sizeOf(source.train) + sizeOf(source.validation)), grouped(sizeOf(source.validation)),
                      grouped(sizeOf(source.test))));
    print(fmt::format("shape        {}{}\n", source.imageShape.text('x'), source.mixedSizes ? ", the most frequent of several" : ""));
    print(fmt::format("mean         {}\n", reals(statistics.mean)));
    print(fmt::format("deviation    {}\n", reals(statistics.deviation)));
    print(fmt::format("fingerprint  {}\n", source.fingerprint));
    for (const auto& [name, value] : source.facts.items())
        print(fmt::format("{:<12} {}\n", name, value.is_string() ? value.get<std::string>() : toText(value)));
    std::vector<std::vector<std::string>> rows;
    const auto count = [](const std::vector<int64_t>& counts, size_t c) { return c < counts.size() ? grouped(counts[c]) : "0"; };
    for (size_t c = 0; c < source.classes.size(); ++c)
        rows.push_back({std::to_string(c), source.classes[c], count(statistics.trainCounts, c), count(statistics.validationCounts, c),
                        count(statistics.testCounts, c)});
    print("\n" + table({"index", "class", "train", "validation", "test"}, rows, {0, 2, 3, 4}));
}

struct GetOptions {
    std::string what, to = "data/cifar-10", url, md5;
    bool json = false;
};

void getData(const GetOptions& options) {
    {
        const Interrupt interrupt(false);
        Progress progress("downloading", "bytes", options.json);
        const auto show = [&](const DownloadProgress& at) { progress.update(int64_t(at.received), int64_t(at.total)); };
        downloadCifar10(options.to, show, interrupt.token(), options.url, options.md5);
    }
    const std::string spec = "cifar10:" + options.to;
    if (options.json)
        printJson({{"folder", options.to}, {"spec", spec}});
    else
        print(fmt::format("CIFAR-10 is in {}; use it as {}\n", options.to, spec));
}

struct PictureOptions {
    std::string spec, split = "test", to, edits;
    std::optional<int64_t> index;
    bool json = false;
};

Image toImage(const Tensor& pixels) {
    const std::vector<uint8_t> planes = pixels.toVector<uint8_t>();
    Image image{pixels.size(2), pixels.size(1), {}};
    const auto area = size_t(image.width * image.height);
    const size_t channels = planes.size() / area;
    image.rgb.resize(3 * area);
    for (size_t i = 0; i < area; ++i)
        for (size_t c = 0; c < 3; ++c) image.rgb[3 * i + c] = planes[(channels == 3 ? c : 0) * area + i];
    return image;
}

void writePicture(const PictureOptions& options) {
    const DataSource source = openSource(options.spec);
    const DatasetPtr dataset = pickSplit(source, options.split);
    const int64_t index = options.index.value_or(0);
    if (index >= dataset->size())
        fail(ErrorKind::BadInput, "{} has {} {} pictures, there is no number {}", options.spec, dataset->size(), options.split, index);
    const Sample sample = dataset->get(index);
    writeFileAtomically(options.to, encodePng(toImage(sample.image)));
    const std::string& label = source.classes[size_t(sample.label)];
    if (options.json)
        printJson({{"file", options.to}, {"class", label}, {"origin", dataset->origin(index)}});
    else
        print(fmt::format("{}: {}, from {}\n", options.to, label, dataset->origin(index)));
}

std::string kindsText() {
    std::string text = "SPEC is one of\n";
    for (const SourceKind& kind : sourceKinds()) text += fmt::format("  {:<26} {}\n", kind.pattern, kind.help);
    return text;
}

} // namespace

void addData(CLI::App& app, Outcome&) {
    CLI::App* verb = app.add_subcommand("data", "Look at data, fetch it, write a picture of it to a file");
    verb->require_subcommand(1);
    verb->footer(kindsText());

    auto info = std::make_shared<PictureOptions>();
    CLI::App* infoVerb = verb->add_subcommand("info", "Length, shape, classes, counts, mean and deviation");
    infoVerb->add_option("spec", info->spec, "Data")->required()->type_name("SPEC");
    addEdits(*infoVerb, info->edits);
    addJson(*infoVerb, info->json);
    infoVerb->footer(kindsText());
    infoVerb->callback([info] { showInfo(info->spec, info->edits, info->json); });

    auto get = std::make_shared<GetOptions>();
    CLI::App* getVerb = verb->add_subcommand("get", "Download CIFAR-10 (163 MB): goes on where it broke off, checks the sum, unpacks");
    getVerb->add_option("what", get->what, "cifar10")->required()->check(CLI::IsMember({"cifar10"}))->type_name("WHAT");
    getVerb->add_option("--to", get->to, "Folder (default data/cifar-10)")->type_name("DIR");
    CLI::Option* url = getVerb->add_option("--url", get->url, "Another address of the archive")->type_name("URL");
    getVerb->add_option("--md5", get->md5, "MD5 of the archive at --url")->needs(url)->type_name("HEX");
    addJson(*getVerb, get->json);
    getVerb->callback([get] { getData(*get); });

    auto picture = std::make_shared<PictureOptions>();
    CLI::App* pictureVerb = verb->add_subcommand("picture", "Write one picture of a dataset as PNG");
    pictureVerb->add_option("spec", picture->spec, "Data")->required()->type_name("SPEC");
    pictureVerb->add_option("--split", picture->split, "test (default), validation or train")
        ->check(CLI::IsMember({"test", "validation", "train"}))
        ->type_name("WHICH");
    addInteger(*pictureVerb, "--index", picture->index, 0, INT64_MAX, "Its number (default 0)");
    pictureVerb->add_option("--to", picture->to, "File to write")->required()->type_name("FILE");
    addJson(*pictureVerb, picture->json);
    pictureVerb->callback([picture] { writePicture(*picture); });
}

} // namespace strata::cli
