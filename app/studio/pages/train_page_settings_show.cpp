// SPDX-License-Identifier: GPL-3.0-or-later
// What the form of the training settings shows.
#include "app/studio/pages/train_page_params.h"
#include "app/studio/pages/train_page_settings.h"
#include "core/base/error.h"
#include "core/train/loss.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/common/param_form.h"
#include "widgets/common/text.h"
#include "widgets/train/schedule_sketch.h"

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>
#include <algorithm>
#include <climits>

namespace strata::studio {
namespace {

void choose(QComboBox* box, const std::string& id) {
    const int index = box->findData(qstring(id));
    if (index != box->currentIndex()) box->setCurrentIndex(index);
}

void setSpin(QSpinBox* spin, int64_t value) {
    if (spin->value() != value) spin->setValue(int(std::min<int64_t>(value, INT_MAX)));
}

double rateOf(const TrainConfig& config) {
    return completeParams(optimizerDef(config.optimizer.id).spec.params, config.optimizer.params, "optimizer").at("lr").get<double>();
}

} // namespace

const TrainConfig& TrainSettings::shown() const { return readOnly_ && runConfig_ ? *runConfig_ : context_.document.project().training; }

int64_t TrainSettings::stepsPerEpoch(const TrainConfig& config) const {
    const auto open = context_.data.data();
    if (!open || !open->source.train || config.batchSize < 1) return 0;
    return (open->source.train->size() + config.batchSize - 1) / config.batchSize;
}

void TrainSettings::refresh() {
    loading_ = true;
    display(shown());
    loading_ = false;
    refreshBottom();
}

void TrainSettings::display(const TrainConfig& config) {
    choose(loss_, config.loss.id);
    choose(optimizer_, config.optimizer.id);
    choose(schedule_, config.schedule.id);
    setSpin(batch_, config.batchSize);
    setSpin(epochs_, config.epochs);
    double rate = 0;
    try {
        rate = rateOf(config);
        const auto form = [](ParamForm* target, const ComponentSpec& spec, const ComponentChoice& choice, bool withoutRate) {
            std::vector<ParamDef> defs;
            for (const ParamDef& def : spec.params)
                if (!withoutRate || def.id != "lr") defs.push_back(def);
            target->setParams(defs, completeParams(spec.params, choice.params, spec.id));
            return !defs.empty();
        };
        optimizerPart_->setVisible(form(optimizerForm_, optimizerDef(config.optimizer.id).spec, config.optimizer, true));
        lossPart_->setVisible(form(lossForm_, lossDef(config.loss.id).spec, config.loss, false));
        form(scheduleForm_, scheduleDef(config.schedule.id).spec, config.schedule, false);
    } catch (const Error& error) { rateField_->setProblem(QString::fromUtf8(error.what())); } // a component of another version
    otherForm_->setParams(otherParams(), config.toJson());
    double typed = 0;
    if (rate > 0 && !(parseNumber(rate_->text(), typed) && typed == rate) && !(rate_->hasFocus() && !rateField_->problem().isEmpty()))
        rate_->setText(numberText(rate));
    sketch_->setPlan(config.schedule, rate, config.epochs, stepsPerEpoch(config));
    const int differ = advancedDifferences(config);
    const QString title = differ == 0 ? tr("Advanced") : tr("Advanced (%1 changed)").arg(differ);
    advanced_->setText(title);
    advanced_->setAccessibleName(title);
    advanced_->setIcon(icon(advancedShown() ? "chevron-down" : "chevron-right", Token::Accent));
    const auto pipeline = context_.data.pipeline();
    const auto open = context_.data.data();
    const int steps = pipeline ? int(pipeline->steps().size()) : 0;
    const QString count = steps == 1 ? tr("1 transform") : tr("%1 transforms").arg(steps);
    dataLink_->setText(open                      ? tr("%1: %2").arg(qstring(open->source.title), count)
                       : context_.data.opening() ? tr("Data: opening...")
                                                 : tr("Data: none open"));
    dataLink_->setAccessibleName(dataLink_->text());
    const QString device = config.device == "auto" ? tr("Auto") : config.device == "cpu" ? tr("CPU") : qstring(config.device);
    deviceText_->setText(tr("Device: %1, chosen in the top bar").arg(device));
}

/// Whose settings are shown, and whether they can be changed.
void TrainSettings::refreshRun() {
    const RunView* run = context_.runs.active();
    const QString path = run ? run->path : QString();
    if (path.isEmpty()) editedBeside_.clear();
    const bool readOnly = run && path != editedBeside_;
    if (path != shownRun_) {
        shownRun_ = path;
        runConfig_.reset();
        sketch_->setProgress(-1);
    }
    if (readOnly && !runConfig_ && !jobs_.running(path) && !run->starting)
        jobs_.start(
            path, [folder = path.toStdString()](std::stop_token) { return RunFolder::open(folder).config(); },
            [this, path](TrainConfig config) {
                if (path != shownRun_) return;
                runConfig_ = std::move(config);
                refresh();
            });
    const bool changed = readOnly != readOnly_;
    readOnly_ = readOnly;
    if (run) bannerText_->setText(tr("These settings belong to %1.").arg(run->name));
    banner_->setVisible(readOnly_);
    if (changed) {
        if (!readOnly_) sketch_->setProgress(-1);
        for (QWidget* field : std::initializer_list<QWidget*>{loss_, optimizer_, schedule_, rate_, find_, batch_, epochs_})
            field->setEnabled(!readOnly_);
        for (ParamForm* form : {optimizerForm_, lossForm_, scheduleForm_, otherForm_}) form->setReadOnly(readOnly_);
        refresh();
    }
    refreshBottom();
}

void TrainSettings::refreshBottom() {
    const RunView* run = context_.runs.active();
    bottom_->setCurrentIndex(run ? 1 : 0);
    if (run) {
        pause_->setText(run->paused ? tr("Resume") : tr("Pause"));
        pause_->setAccessibleName(pause_->text());
        note_->setVisible(true);
        note_->setText(run->starting ? tr("%1 is starting.").arg(run->name)
                       : run->paused ? tr("%1 is paused.").arg(run->name)
                                     : tr("%1 is training. The next run can start when it ends.").arg(run->name));
        return;
    }
    const QString blocked = context_.runs.blocked();
    const int problems = context_.runs.problemCount();
    const Project& project = context_.document.project();
    QString title = project.training.epochs == 1 ? tr("Start run: 1 epoch") : tr("Start run: %1 epochs").arg(project.training.epochs);
    const auto open = context_.data.data();
    if (open && open->source.train)
        if (const auto seconds = estimateSeconds(context_.runs, project, open->source.train->size()))
            title += tr(", about %1").arg(roughDuration(*seconds));
    if (problems > 0)
        title = problems == 1 ? tr("1 problem in the network") : tr("%1 problems in the network").arg(problems);
    else if (!blocked.isEmpty() && !open && !context_.data.opening())
        title = tr("Open data first");
    start_->setText(title);
    start_->setAccessibleName(title);
    setButtonKind(start_, problems > 0 ? ButtonKind::Warning : ButtonKind::Primary);
    start_->setEnabled(!context_.data.opening());
    start_->setToolTip(blocked.isEmpty() ? tr("Ctrl+Return") : blocked);
    note_->setText(blocked);
    note_->setVisible(!blocked.isEmpty());
}

void TrainSettings::startRun() {
    if (context_.runs.problemCount() > 0) return context_.go(PageId::Model, Request{.problem = "first"});
    if (!context_.data.data() && !context_.data.opening()) return context_.go(PageId::Data, {});
    attempt([this] {
        context_.runs.start();
        context_.messages.dismiss("run");
    });
}

void TrainSettings::attempt(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) { context_.messages.error(QString::fromUtf8(error.what()), "run"); }
}

} // namespace strata::studio
