// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/prediction_service.h"
#include "app/run/run_center.h"
#include "core/base/fs.h"
#include "core/base/text.h"
#include "widgets/common/text.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <deque>
#include <mutex>

namespace strata::studio {
namespace {

constexpr size_t kCachedModels = 3;
const QString kIncluded = QStringLiteral("included");

/// The models read last. What a run's best or last is changes while it trains, so the time of its checkpoint folder is part of the key.
class ModelCache {
public:
    std::shared_ptr<const ModelFile> get(const ModelChoice& choice) {
        const std::string key = keyOf(choice);
        {
            const std::scoped_lock lock(mutex_);
            for (const auto& [known, model] : models_)
                if (known == key) return model;
        }
        auto model = std::make_shared<const ModelFile>(read(choice));
        const std::scoped_lock lock(mutex_);
        models_.emplace_front(key, model);
        if (models_.size() > kCachedModels) models_.pop_back();
        return model;
    }

private:
    static std::string keyOf(const ModelChoice& choice) {
        const std::string file =
            choice.runPath.isEmpty() ? ModelShelf::includedModel().toStdString() : joinPath(choice.runPath.toStdString(), "checkpoints");
        return fmt::format("{}|{}|{}", choice.id.toStdString(), file, fs().status(file).modifiedNs);
    }
    static ModelFile read(const ModelChoice& choice) {
        if (!choice.runPath.isEmpty()) return RunFolder::open(choice.runPath.toStdString()).model(choice.id.endsWith("#last"));
        const QString file = ModelShelf::includedModel();
        if (file.isEmpty()) fail(ErrorKind::BadFile, "the included network is not installed: models/cifar10.safetensors is missing");
        return readModelFile(file.toStdString());
    }
    std::mutex mutex_;
    std::deque<std::pair<std::string, std::shared_ptr<const ModelFile>>> models_;
};

void addChoices(const RunView& run, std::vector<ModelChoice>& choices) {
    const QString name = run.name.isEmpty() ? ModelShelf::tr("Run %1").arg(run.number) : run.name;
    if (run.gone) return;
    const bool hasBest = run.info.bestAccuracy.has_value();
    if (hasBest)
        choices.push_back(
            {run.path + "#best",
             ModelShelf::tr("%1, best (epoch %2), %3").arg(name).arg(run.info.bestEpoch + 1).arg(percentText(*run.info.bestAccuracy)),
             run.path, false});
    const bool lastIsBest = hasBest && run.info.bestEpoch + 1 == run.info.epoch;
    if (run.info.epoch > 0 && !lastIsBest)
        choices.push_back({run.path + "#last", ModelShelf::tr("%1, last (epoch %2)").arg(name).arg(run.info.epoch), run.path, false});
}

bool same(const std::vector<ModelChoice>& a, const std::vector<ModelChoice>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const ModelChoice& x, const ModelChoice& y) { return x.id == y.id && x.title == y.title; });
}

} // namespace

ModelShelf::ModelShelf(RunCenter& runs, QObject* parent) : QObject(parent), runs_(runs), included_(!includedModel().isEmpty()) {
    connect(&runs_, &RunCenter::runsChanged, this, &ModelShelf::refresh);
    refresh();
}

std::vector<ModelChoice> ModelShelf::choices() const { return choices_; }

const ModelChoice* ModelShelf::find(const QString& id) const {
    for (const ModelChoice& choice : choices_)
        if (choice.id == id) return &choice;
    return nullptr;
}

void ModelShelf::refresh() {
    std::vector<ModelChoice> next;
    const std::vector<RunView>& runs = runs_.runs();
    for (auto run = runs.rbegin(); run != runs.rend(); ++run) addChoices(*run, next);
    if (!next.empty()) next.front().newest = true;
    if (included_) next.push_back({kIncluded, tr("Included CIFAR-10 network"), {}, false});
    if (same(next, choices_)) return;
    choices_ = std::move(next);
    emit changed();
}

std::shared_ptr<const ModelFile> ModelShelf::load(const ModelChoice& choice) {
    static ModelCache cache;
    return cache.get(choice);
}

QString ModelShelf::includedModel() {
    const QString folder = resourceFolder();
    const QString file = folder + "/models/cifar10.safetensors";
    return !folder.isEmpty() && QFileInfo::exists(file) ? file : QString();
}

QString ModelShelf::resourceFolder() {
    const QString wished = qEnvironmentVariable("STRATA_RESOURCES");
    if (!wished.isEmpty()) return QFileInfo(wished).isDir() ? wished : QString();
    const QString installed = QDir::cleanPath(QCoreApplication::applicationDirPath() + "/../share/strata");
    if (QFileInfo(installed).isDir()) return installed;
    const QString source = QStringLiteral(STRATA_SOURCE_RESOURCES);
    return QFileInfo(source).isDir() ? source : QString();
}

} // namespace strata::studio
