// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/train_page_settings.h"
#include "app/studio/pages/train_page_params.h"
#include "core/base/error.h"
#include "core/train/loss.h"
#include "core/train/optimizer.h"
#include "core/train/schedule.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/common/param_form.h"
#include "widgets/common/text.h"
#include "widgets/train/schedule_sketch.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSpinBox>
#include <QStackedWidget>
#include <algorithm>

namespace strata::studio {
namespace {

template <class Def> void fill(QComboBox* box, const std::vector<Def>& defs) {
    for (const Def& def : defs) {
        box->addItem(qstring(def.spec.title), qstring(def.spec.id));
        box->setItemData(box->count() - 1, qstring(def.spec.help), Qt::ToolTipRole);
    }
}

QSpinBox* makeSpin(int most) {
    auto* spin = new QSpinBox;
    spin->setRange(1, most);
    spin->setAccelerated(true);
    return spin;
}

} // namespace

TrainSettings::TrainSettings(Context& context, QWidget* parent)
    : QWidget(parent), context_(context), jobs_(1), loss_(new QComboBox), optimizer_(new QComboBox), schedule_(new QComboBox),
      rate_(new QLineEdit), find_(makeButton(tr("Find"))), start_(makeButton(tr("Start run"), ButtonKind::Primary)),
      pause_(makeButton(tr("Pause"))), stop_(makeButton(tr("Stop"))), advanced_(makeButton({}, ButtonKind::Link)),
      editNext_(makeButton(tr("Edit for next run"))), dataLink_(makeButton({}, ButtonKind::Link)), batch_(makeSpin(1 << 20)),
      epochs_(makeSpin(1'000'000)), sketch_(new ScheduleSketch), optimizerForm_(new ParamForm), lossForm_(new ParamForm),
      scheduleForm_(new ParamForm), otherForm_(new ParamForm), advancedBox_(new QWidget), banner_(new QWidget), bannerText_(makeText({})),
      deviceText_(makeCaption({})), note_(makeCaption({})), bottom_(new QStackedWidget) {
    build();
    connectEdits();
    connect(&context_.document, &ProjectDocument::changed, this, [this](Section section) {
        if (section == Section::Training || section == Section::Data || section == Section::Pipeline || section == Section::Model)
            refresh();
    });
    connect(&context_.data, &DataCenter::changed, this, &TrainSettings::refresh);
    connect(&context_.runs, &RunCenter::runsChanged, this, &TrainSettings::refreshRun);
    connect(&context_.runs, &RunCenter::curvesChanged, this, [this](const QString& path) {
        const RunView* run = context_.runs.find(path);
        if (run && readOnly_ && path == shownRun_) sketch_->setProgress(run->epochProgress);
    });
    refreshRun();
    refresh();
}

void TrainSettings::build() {
    setSurface(this, "2");
    auto* column = makeColumn(this, 0);
    setSurface(banner_, "banner");
    auto* bannerColumn = makeColumn(banner_, measure::kSpace8);
    bannerColumn->setContentsMargins(measure::kSpace16, measure::kSpace12, measure::kSpace16, measure::kSpace12);
    bannerColumn->addWidget(bannerText_);
    bannerColumn->addWidget(editNext_, 0, Qt::AlignLeft);
    banner_->hide();
    column->addWidget(banner_);
    auto* content = new QWidget;
    auto* fields = makeColumn(content, measure::kSpace12, measure::kSpace16);
    fields->addWidget(makeBasics());
    advanced_->setIconSize(QSize(measure::kIconRow, measure::kIconRow));
    advanced_->setProperty("flush", true);
    fields->addWidget(advanced_, 0, Qt::AlignLeft);
    fields->addWidget(makeAdvanced());
    fields->addSpacing(measure::kSpace4);
    dataLink_->setProperty("flush", true);
    fields->addWidget(dataLink_, 0, Qt::AlignLeft | Qt::AlignAbsolute);
    fields->addWidget(deviceText_);
    fields->addStretch();
    dataLink_->setIcon(icon("chevron-right", Token::Accent));
    dataLink_->setLayoutDirection(layoutDirection() == Qt::LeftToRight ? Qt::RightToLeft : Qt::LeftToRight); // the chevron behind the text
    scroll_ = makeScroll(content);
    // The bar takes its room from the margin, so that the fields stay as wide as they are.
    connect(scroll_->verticalScrollBar(), &QScrollBar::rangeChanged, fields, [fields](int, int most) {
        fields->setContentsMargins(measure::kSpace16, measure::kSpace16, most > 0 ? measure::kSpace4 : measure::kSpace16,
                                   measure::kSpace16);
    });
    column->addWidget(scroll_, 1);
    column->addWidget(makeBottom());
}

QWidget* TrainSettings::makeBasics() {
    auto* box = new QWidget;
    auto* column = makeColumn(box, measure::kSpace12);
    fill(loss_, losses());
    fill(optimizer_, optimizers());
    fill(schedule_, schedules());
    loss_->setObjectName("train.loss");
    optimizer_->setObjectName("train.optimizer");
    schedule_->setObjectName("train.schedule");
    rate_->setObjectName("train.lr");
    batch_->setObjectName("train.batch");
    epochs_->setObjectName("train.epochs");
    column->addWidget(new Field(tr("Loss"), loss_));
    column->addWidget(new Field(tr("Optimizer"), optimizer_));
    auto* rateRow = new QWidget;
    auto* row = makeRow(rateRow);
    row->addWidget(rate_, 1);
    row->addWidget(find_);
    find_->setToolTip(tr("Try growing rates on the data and pick one from the curve"));
    find_->setAccessibleName(tr("Find a learning rate"));
    rateRow->setFocusProxy(rate_);
    rate_->setAccessibleName(tr("Learning rate"));
    rateField_ = new Field(tr("Learning rate"), rateRow);
    column->addWidget(rateField_);
    column->addWidget(new Field(tr("Schedule"), schedule_));
    column->addWidget(sketch_);
    auto* pair = makeRow(nullptr, measure::kSpace12);
    pair->addWidget(new Field(tr("Batch size"), batch_), 1);
    pair->addWidget(new Field(tr("Epochs"), epochs_), 1);
    column->addLayout(pair);
    return box;
}

QWidget* TrainSettings::makeAdvanced() {
    auto* column = makeColumn(advancedBox_, measure::kSpace24);
    const auto part = [&](const QString& heading, ParamForm* form) {
        auto* box = new QWidget;
        auto* inner = makeColumn(box, measure::kSpace12);
        inner->addWidget(makeHeading(heading));
        inner->addWidget(form);
        column->addWidget(box);
        return box;
    };
    optimizerPart_ = part(tr("Optimizer"), optimizerForm_);
    lossPart_ = part(tr("Loss"), lossForm_);
    part(tr("Schedule"), scheduleForm_);
    part(tr("Run"), otherForm_);
    advancedBox_->hide();
    return advancedBox_;
}

QWidget* TrainSettings::makeBottom() {
    auto* box = new QWidget;
    auto* column = makeColumn(box, measure::kSpace8);
    column->setContentsMargins(measure::kSpace16, measure::kSpace12, measure::kSpace16, measure::kSpace16);
    note_->setWordWrap(true);
    column->addWidget(note_);
    start_->setObjectName("train.start");
    start_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* running = new QWidget;
    auto* row = makeRow(running);
    row->addWidget(pause_, 1);
    row->addWidget(stop_, 1);
    bottom_->addWidget(start_);
    bottom_->addWidget(running);
    bottom_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    column->addWidget(bottom_);
    return box;
}

void TrainSettings::connectEdits() {
    connect(loss_, &QComboBox::activated, this, [this](int index) {
        const std::string id = loss_->itemData(index).toString().toStdString();
        edit(tr("Set loss to %1").arg(loss_->itemText(index)), {}, [&](TrainConfig& c) {
            if (c.loss.id != id) c.loss = {id};
        });
    });
    connect(optimizer_, &QComboBox::activated, this, [this](int index) {
        const std::string id = optimizer_->itemData(index).toString().toStdString();
        edit(tr("Set optimizer to %1").arg(optimizer_->itemText(index)), {}, [&](TrainConfig& c) {
            const TrainConfig usual;
            if (c.optimizer.id != id) c.optimizer = id == usual.optimizer.id ? usual.optimizer : ComponentChoice{id};
        });
    });
    connect(schedule_, &QComboBox::activated, this, [this](int index) {
        const std::string id = schedule_->itemData(index).toString().toStdString();
        edit(tr("Set schedule to %1").arg(schedule_->itemText(index)), {}, [&](TrainConfig& c) {
            if (c.schedule.id != id) c.schedule = {id};
        });
    });
    connect(rate_, &QLineEdit::textEdited, this, [this](const QString& typed) {
        double value = 0;
        if (!parseNumber(typed, value) || !(value > 0) || value > 1000)
            return rateField_->setProblem(tr("A number above 0, such as 0.05 or 5e-4"));
        rateField_->setProblem({});
        setLearningRate(value);
    });
    connect(rate_, &QLineEdit::editingFinished, this, [this] {
        rateField_->setProblem({});
        refresh();
    });
    connect(batch_, &QSpinBox::valueChanged, this, [this](int value) {
        if (!loading_) edit(tr("Set batch size to %1").arg(value), "training.batch", [&](TrainConfig& c) { c.batchSize = value; });
    });
    connect(epochs_, &QSpinBox::valueChanged, this, [this](int value) {
        if (!loading_) edit(tr("Set epochs to %1").arg(value), "training.epochs", [&](TrainConfig& c) { c.epochs = value; });
    });
    connect(optimizerForm_, &ParamForm::edited, this,
            [this](const QString& p, const Json& v) { editParam(&TrainConfig::optimizer, tr("optimizer"), p, v); });
    connect(lossForm_, &ParamForm::edited, this,
            [this](const QString& p, const Json& v) { editParam(&TrainConfig::loss, tr("loss"), p, v); });
    connect(scheduleForm_, &ParamForm::edited, this,
            [this](const QString& p, const Json& v) { editParam(&TrainConfig::schedule, tr("schedule"), p, v); });
    connect(otherForm_, &ParamForm::edited, this, &TrainSettings::editOther);
    connect(find_, &QPushButton::clicked, this, &TrainSettings::findAsked);
    connect(advanced_, &QPushButton::clicked, this, [this] { setAdvancedShown(!advancedShown()); });
    connect(dataLink_, &QPushButton::clicked, this, [this] {
        if (context_.go) context_.go(PageId::Data, Request{.text = "transforms"});
    });
    connect(start_, &QPushButton::clicked, this, &TrainSettings::startRun);
    connect(editNext_, &QPushButton::clicked, this, [this] {
        editedBeside_ = shownRun_;
        refreshRun();
        focusFirst();
    });
    connect(pause_, &QPushButton::clicked, this, [this] {
        if (const RunView* run = context_.runs.active())
            attempt([&] { run->paused ? context_.runs.resume(run->path) : context_.runs.pause(run->path); });
    });
    connect(stop_, &QPushButton::clicked, this, [this] {
        if (const RunView* run = context_.runs.active()) attempt([&] { context_.runs.stop(run->path); });
    });
}

void TrainSettings::edit(const QString& title, const QString& key, const std::function<void(TrainConfig&)>& change) {
    if (readOnly_) return;
    context_.document.edit(
        title, Section::Training, [&](Project& project) { change(project.training); }, key);
}

void TrainSettings::setLearningRate(double rate) {
    edit(tr("Set learning rate to %1").arg(numberText(rate)), "training.lr", [&](TrainConfig& c) { c.optimizer.params["lr"] = rate; });
}

void TrainSettings::editParam(ComponentChoice TrainConfig::*part, const QString& title, const QString& param, const Json& value) {
    edit(tr("Set %1 of the %2").arg(QString(param).replace('_', ' '), title), "training." + title + "." + param,
         [&](TrainConfig& c) { (c.*part).params[param.toStdString()] = value; });
}

void TrainSettings::editOther(const QString& param, const Json& value) {
    edit(tr("Set %1").arg(QString(param).replace('_', ' ')), "training." + param, [&](TrainConfig& c) {
        Json json = c.toJson();
        json[param.toStdString()] = value;
        c = TrainConfig::fromJson(json, "settings");
    });
}

bool TrainSettings::advancedShown() const { return !advancedBox_->isHidden(); }

void TrainSettings::setAdvancedShown(bool shown) {
    if (shown == advancedShown()) return;
    advancedBox_->setVisible(shown);
    advanced_->setIcon(icon(shown ? "chevron-down" : "chevron-right", Token::Accent));
    emit advancedToggled(shown);
}

void TrainSettings::focusFirst() { loss_->setFocus(Qt::OtherFocusReason); }

} // namespace strata::studio
