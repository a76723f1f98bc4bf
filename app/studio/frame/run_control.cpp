// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame/run_control.h"
#include "app/studio/pages/train_page_params.h"
#include "widgets/common/controls.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <cmath>

namespace strata::studio {
namespace {
constexpr int kBarWidth = 96;
constexpr int kWidth = 480, kNarrowWidth = 352; ///< one place for every state, so that nothing beside it moves
constexpr int kSteps = 1000;

/// A label as wide as the widest text it will show, so that nothing moves between ticks.
ElidedLabel* slot(const QString& widest) {
    auto* label = new ElidedLabel;
    label->setType(Type::Body, Token::Text2);
    label->setFixedWidth(QFontMetrics(strata::font(Type::Body)).horizontalAdvance(widest) + 4);
    return label;
}
} // namespace

RunControl::RunControl(Context& context, QWidget* parent)
    : QWidget(parent), context_(context), bar_(new QProgressBar), epoch_(slot(tr("Paused, epoch %1").arg(88))),
      rate_(slot(tr("%1 images/s").arg("8,888"))), left_(slot(tr("%1 left").arg(roughDuration(88 * 60)))),
      main_(makeButton({}, ButtonKind::Primary, {})), pause_(makeButton(tr("Pause"))), stop_(makeButton(tr("Stop"))) {
    setAccessibleName(tr("Run control"));
    auto* row = makeRow(this, measure::kSpace8);
    row->addStretch();
    bar_->setMaximumWidth(kBarWidth); // gives way in a language with long words
    bar_->setMinimumWidth(kBarWidth / 3);
    bar_->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    bar_->setRange(0, kSteps);
    bar_->setTextVisible(false);
    bar_->setAccessibleName(tr("Progress of the run"));
    main_->setObjectName("run.main");
    pause_->setObjectName("run.pause");
    stop_->setObjectName("run.stop");
    for (QWidget* widget : std::initializer_list<QWidget*>{bar_, epoch_, rate_, left_, pause_, stop_, main_}) row->addWidget(widget);
    setFixedWidth(kWidth);
    connect(main_, &QPushButton::clicked, this, [this] { context_.actions["run.start"]->trigger(); });
    connect(pause_, &QPushButton::clicked, this, [this] { context_.actions["run.pause"]->trigger(); });
    connect(stop_, &QPushButton::clicked, this, [this] { context_.actions["run.stop"]->trigger(); });
    connect(&context_.runs, &RunCenter::runsChanged, this, &RunControl::refresh);
    connect(&context_.runs, &RunCenter::curvesChanged, this, &RunControl::refresh);
    connect(&context_.document, &ProjectDocument::changed, this, &RunControl::refresh);
    connect(&context_.data, &DataCenter::changed, this, &RunControl::refresh);
    refresh();
}

void RunControl::setNarrow(bool narrow) {
    narrow_ = narrow;
    setFixedWidth(narrow ? kNarrowWidth : kWidth);
    refresh();
}

void RunControl::refresh() {
    const RunView* run = context_.runs.active();
    const bool running = run != nullptr;
    for (QWidget* widget : std::initializer_list<QWidget*>{bar_, epoch_, pause_, stop_}) widget->setVisible(running);
    rate_->setVisible(running && !run->paused && !narrow_);
    left_->setVisible(running && !run->paused && !narrow_);
    main_->setVisible(!running);
    running ? showRun(*run) : showIdle();
}

void RunControl::showIdle() {
    const int problems = context_.runs.problemCount();
    const QString blocked = context_.runs.blocked();
    QString text = tr("Train");
    ButtonKind kind = ButtonKind::Primary;
    if (problems > 0) {
        text = tr("%n problem(s)", nullptr, problems);
        if (text.contains("(s)")) text = problems == 1 ? tr("1 problem") : tr("%1 problems").arg(problems); // without a translation file
        kind = ButtonKind::Warning;
    } else if (!blocked.isEmpty()) {
        text = context_.data.opening() ? tr("Opening data…") : context_.data.data() ? tr("Train") : tr("Open data first");
        kind = ButtonKind::Normal;
    }
    if (main_->text() != text) {
        main_->setText(text);
        main_->setAccessibleName(text);
    }
    setButtonKind(main_, kind);
    main_->setToolTip(blocked.isEmpty() ? tr("Start a run (Ctrl+Return)") : blocked);
    main_->setEnabled(!context_.data.opening());
}

void RunControl::showRun(const RunView& run) {
    const double epochs = double(std::max<int64_t>(1, run.info.epochs));
    bar_->setValue(int(std::clamp(run.epochProgress / epochs, 0.0, 1.0) * kSteps));
    const int64_t epoch = std::min(run.info.epochs, int64_t(run.epochProgress) + 1);
    epoch_->setText(run.paused ? tr("Paused, epoch %1").arg(epoch) : tr("Epoch %1/%2").arg(epoch).arg(run.info.epochs));
    rate_->setText(run.imagesPerSecond > 0 ? tr("%1 images/s").arg(QLocale(QLocale::English).toString(qint64(run.imagesPerSecond)))
                                           : tr("Starting…"));
    left_->setText(run.secondsLeft > 0 ? tr("%1 left").arg(roughDuration(run.secondsLeft)) : QString());
    const QString text = run.paused ? tr("Resume") : tr("Pause");
    pause_->setText(text);
    pause_->setAccessibleName(text);
}

} // namespace strata::studio
