// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/train_page_finder.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "widgets/common/controls.h"
#include "widgets/train/curve_style.h"
#include "widgets/train/rate_finder_view.h"

#include <QBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

namespace strata::studio {
namespace {

constexpr double kLowest = 1e-6, kHighest = 10;
constexpr int kSteps = 100, kKillMs = 2000;

double number(const Json& json, const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_number() ? found->get<double>() : std::nan("");
}

} // namespace

RateFinder::RateFinder(Context& context, QWidget* parent)
    : QWidget(parent), context_(context), view_(new RateFinderView), status_(makeLabel({})), bar_(new QProgressBar),
      again_(makeButton(tr("Run again"))), apply_(makeButton(tr("Use this rate"), ButtonKind::Primary)), close_(makeButton(tr("Close"))) {
    setSurface(this, "card");
    auto* column = makeColumn(this, measure::kSpace12, measure::kSpace16);
    column->addWidget(makeTitle(tr("Find a learning rate")));
    column->addWidget(
        makeCaption(tr("A network of its own is trained for %1 batches while the rate grows. A good rate lies where the loss falls "
                       "fastest, well before it rises. Click the curve or use the arrow keys.")
                        .arg(kSteps)));
    column->addWidget(view_, 1);
    auto* row = makeRow(nullptr);
    bar_->setRange(0, kSteps);
    bar_->setTextVisible(false);
    bar_->setFixedWidth(96);
    bar_->setAccessibleName(tr("Progress of the search"));
    status_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    row->addWidget(bar_);
    row->addWidget(status_, 1);
    row->addWidget(close_);
    row->addWidget(again_);
    row->addWidget(apply_);
    column->addLayout(row);
    view_->setSpan(kLowest, kHighest);
    connect(view_, &RateFinderView::pickedChanged, this, &RateFinder::refresh);
    connect(view_, &RateFinderView::accepted, this, &RateFinder::apply);
    connect(apply_, &QPushButton::clicked, this, &RateFinder::apply);
    connect(again_, &QPushButton::clicked, this, [this] { running() ? cancel() : start(); });
    connect(close_, &QPushButton::clicked, this, [this] {
        cancel();
        emit closed();
    });
    connect(&process_, &QProcess::readyReadStandardOutput, this, &RateFinder::readLines);
    connect(&process_, &QProcess::finished, this, &RateFinder::ended);
    connect(&process_, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) ended();
    });
    refresh();
}

RateFinder::~RateFinder() {
    process_.disconnect(this);
    cancel();
    if (running()) process_.waitForFinished(kKillMs);
}

void RateFinder::start() {
    if (running()) return;
    if (const QString blocked = context_.runs.blocked(); !blocked.isEmpty()) {
        status_->setText(blocked);
        return;
    }
    view_->clear();
    rest_.clear();
    steps_ = 0;
    cancelled_ = false;
    try {
        const QStringList words = QStringList{"lr-find", "--json", "--steps", QString::number(kSteps)} + context_.runs.inputs("lr-find");
        process_.setProcessChannelMode(QProcess::SeparateChannels);
        process_.start(RunCenter::programPath(), words, QIODevice::ReadOnly);
    } catch (const Error& error) { status_->setText(QString::fromUtf8(error.what())); }
    refresh();
    view_->setFocus();
}

void RateFinder::cancel() {
    if (!running()) return;
    cancelled_ = true;
    process_.terminate();
    QTimer::singleShot(kKillMs, &process_, [this] {
        if (running() && cancelled_) process_.kill();
    });
}

void RateFinder::readLines() {
    rest_ += process_.readAllStandardOutput();
    for (qsizetype end = rest_.indexOf('\n'); end >= 0; end = rest_.indexOf('\n')) {
        takeLine(rest_.left(end));
        rest_.remove(0, end + 1);
    }
    refresh();
}

void RateFinder::takeLine(const QByteArray& line) {
    try {
        const Json json = parseJson(line.toStdString(), "lr-find");
        if (json.contains("learning_rate")) {
            ++steps_;
            view_->add({number(json, "learning_rate"), number(json, "loss"), number(json, "smoothed")});
        } else if (json.contains("result")) {
            const double suggestion = number(json["result"], "suggestion");
            if (suggestion > 0) view_->setSuggestion(suggestion);
        }
    } catch (const Error&) { return; } // a line of something else
}

void RateFinder::ended() {
    readLines();
    const QString errors = QString::fromUtf8(process_.readAllStandardError()).trimmed();
    refresh();
    if (cancelled_) return status_->setText(tr("Stopped."));
    if (process_.error() == QProcess::FailedToStart)
        return status_->setText(tr("The program %1 is missing.").arg(RunCenter::programPath()));
    if (process_.exitCode() == 0 && process_.exitStatus() == QProcess::NormalExit) return;
    QString sentence = errors.section('\n', -1);
    try {
        const Json json = parseJson(sentence.toStdString(), "lr-find");
        sentence = QString::fromStdString(json.at("error").at("message").get<std::string>());
    } catch (const std::exception&) { // a plain sentence
        if (sentence.startsWith("strata: ")) sentence.remove(0, 8);
    }
    status_->setText(sentence.isEmpty() ? tr("The search ended from outside.") : sentence);
    status_->setToolTip(status_->text());
}

void RateFinder::refresh() {
    const bool busy = running();
    bar_->setVisible(busy);
    bar_->setValue(steps_);
    again_->setText(busy ? tr("Stop") : tr("Run again"));
    again_->setAccessibleName(again_->text());
    const std::optional<double> picked = view_->picked();
    apply_->setEnabled(picked.has_value());
    apply_->setText(picked ? tr("Use %1").arg(curveValueText(*picked, CurveUnit::Rate)) : tr("Use this rate"));
    apply_->setAccessibleName(apply_->text());
    if (busy)
        status_->setText(steps_ == 0 ? tr("Opening the data...") : tr("Step %1 of %2").arg(steps_).arg(kSteps));
    else if (!view_->points().empty())
        status_->setText(picked ? tr("Picked %1").arg(curveValueText(*picked, CurveUnit::Rate)) : QString());
}

void RateFinder::apply() {
    const std::optional<double> picked = view_->picked();
    if (!picked) return;
    cancel();
    emit applied(*picked);
    emit closed();
}

void RateFinder::keyPressEvent(QKeyEvent* event) {
    if (event->key() != Qt::Key_Escape) return QWidget::keyPressEvent(event);
    cancel();
    emit closed();
}

} // namespace strata::studio
