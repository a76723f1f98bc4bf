// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/data_center.h"

#include <QDir>
#include <QFileInfo>

namespace strata::studio {
namespace {

constexpr auto kFashion = "/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz";

std::shared_ptr<const OpenData> openData(const std::string& spec, const SourceOptions& options) {
    auto data = std::make_shared<OpenData>();
    data->source = openSource(spec, options);
    data->statistics = dataStatistics(data->source);
    data->defaultPipeline = defaultPipeline(data->source, data->statistics, true);
    return data;
}

} // namespace

DataCenter::DataCenter(ProjectDocument& document, QObject* parent) : QObject(parent), document_(document), jobs_(1) {
    connect(&document_, &ProjectDocument::changed, this, [this](Section section) {
        if (section == Section::Data || section == Section::Training)
            refresh(false);
        else if (section == Section::Pipeline)
            emit changed();
    });
}

void DataCenter::refresh(bool force) {
    const Project& project = document_.project();
    // The validation split belongs to the data as they are opened.
    SourceOptions options;
    options.splitSeed = project.training.splitSeed;
    options.validationFraction = project.training.validationFraction;
    const QString key = QString::fromStdString(project.data) + QString("|%1|%2").arg(options.splitSeed).arg(options.validationFraction);
    if (key == spec_ && !force) return;
    spec_ = key;
    data_.reset();
    problem_.clear();
    opening_ = !project.data.empty();
    if (!opening_) {
        jobs_.cancelAll();
        return emit changed();
    }
    jobs_.start(
        "open", [spec = project.data, options](std::stop_token) { return openData(spec, options); },
        [this](std::shared_ptr<const OpenData> data) {
            data_ = std::move(data);
            opening_ = false;
            emit changed();
        },
        [this](const QString& sentence) {
            opening_ = false;
            problem_ = sentence;
            emit changed();
        });
    emit changed();
}

std::optional<Pipeline> DataCenter::pipeline() const {
    const Json& own = document_.project().pipeline;
    if (!own.is_null()) {
        try {
            return Pipeline::fromJson(own);
        } catch (const Error&) { return std::nullopt; } // a step of a newer version: the Data page shows it
    }
    if (data_) return data_->defaultPipeline;
    return std::nullopt;
}

Shape DataCenter::networkInput() const {
    const auto steps = pipeline();
    if (!steps || !data_) return {};
    try {
        return steps->outputShape(data_->source.imageShape);
    } catch (const Error&) { return {}; } // a step that does not fit: the Data page shows it
}

std::vector<std::string> DataCenter::classes() const { return data_ ? data_->source.classes : std::vector<std::string>(); }

void DataCenter::open(const QString& spec) {
    const std::string text = spec.toStdString();
    const QString title = QFileInfo(spec.section(':', 1)).fileName();
    document_.edit(title.isEmpty() ? tr("Open %1").arg(spec) : tr("Open %1").arg(title), [&](Project& p) {
        if (p.data == text) return;
        p.data = text;
        p.edits = Json::object(); // they are keyed by the samples of the old data
        p.pipeline = nullptr;     // the new data's own default
    });
}

void DataCenter::reload() { refresh(true); }

std::vector<DataCenter::Found> DataCenter::found() const {
    std::vector<Found> list;
    QStringList folders{qEnvironmentVariable("STRATA_CIFAR10"), QDir::homePath() + "/.cache/strata/cifar-10",
                        QDir::homePath() + "/cifar-10-batches-bin", QDir::homePath() + "/Downloads/cifar-10-batches-bin", "/tmp/cifar-10"};
    for (const QString& folder : folders)
        if (!folder.isEmpty() &&
            (QFileInfo::exists(folder + "/data_batch_1.bin") || QFileInfo::exists(folder + "/cifar-10-batches-bin/data_batch_1.bin"))) {
            list.push_back({"cifar10:" + folder, tr("CIFAR-10"), folder});
            break;
        }
    if (QFileInfo::exists(kFashion))
        list.push_back({"fashion-mnist", tr("Fashion-MNIST"), tr("70,000 grey pictures of clothing, installed")});
    list.push_back({"shapes", tr("Shapes"), tr("Drawn by the program, needs no download")});
    for (const Found& item : recent_) list.push_back(item);
    return list;
}

void DataCenter::addFound(const QString& spec, const QString& title) {
    for (const Found& item : found())
        if (item.spec == spec) return;
    recent_.push_back({spec, title, spec.section(':', 1)});
}

} // namespace strata::studio
