// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/evaluate_page.h"
#include "app/run/model_combo.h"
#include "core/base/fs.h"
#include "core/base/text.h"
#include "core/data/edits.h"
#include "widgets/common/controls.h"
#include "widgets/common/text.h"
#include "widgets/evaluate/class_metrics.h"
#include "widgets/evaluate/confusion_matrix_view.h"
#include "widgets/evaluate/sample_gallery.h"

#include <QLocale>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>

namespace strata::studio {
namespace {

constexpr int64_t kTopLosses = 200;
enum Body { NothingBody, NotYetBody, ResultBody };

} // namespace

QString EvaluatePage::split() const { return split_->current() == 0 ? "test" : "validation"; }

void EvaluatePage::enter(const Request& request) {
    if (!request.run.isEmpty()) model_->chooseRun(request.run);
    refresh();
}

void EvaluatePage::dataChanged() {
    const auto open = context_.data.data();
    if (open && open != lastData_.lock()) {
        lastData_ = open;
        stop();
        measuredWith_.clear();
        context_.evaluations.clear();
    }
    refresh();
    if (evaluateWhenOpen_ && open) {
        evaluateWhenOpen_ = false;
        evaluate();
    }
}

void EvaluatePage::evaluate() {
    const ModelChoice* choice = model_->choice();
    const auto open = context_.data.data();
    if (!choice || !open) return;
    const Project& project = context_.document.project();
    progress_ = std::make_shared<JobProgress>();
    const EvaluationTask task{*choice, open, project.edits, project.data, split(), progress_};
    problem_.clear();
    context_.messages.dismiss("evaluate");
    started_.start();
    tick_.start();
    jobs_.start(
        "evaluate", [task](std::stop_token token) { return runEvaluation(task, token); },
        [this, task](EvaluationStore::Result result) {
            tick_.stop();
            measuredWith_[result->modelId + "|" + result->split] = task.edits;
            context_.evaluations.add(result);
            refresh();
            if (view_->isVisible() && run_->hasFocus()) view_->buttonAt(view_->current())->setFocus();
        },
        [this](const QString& sentence) {
            tick_.stop();
            problem_ = sentence;
            if (shown_) context_.messages.error(sentence, "evaluate"); // the older result stays in sight
            refresh();
        });
    refresh();
}

void EvaluatePage::stop() {
    jobs_.cancelAll();
    tick_.stop();
    refresh();
}

void EvaluatePage::refresh() {
    const ModelChoice* choice = model_->choice();
    const auto open = context_.data.data();
    display(choice && open ? context_.evaluations.find(choice->id, split()) : nullptr);
    const bool running = jobs_.running("evaluate");
    if (shown_) {
        body_->setCurrentIndex(ResultBody);
    } else if (!problem_.isEmpty()) {
        notYet_->setText(problem_);
        notYetButton_->hide();
        body_->setCurrentIndex(NotYetBody);
    } else if (!choice || !open || (choice->runPath.isEmpty() && context_.runs.runs().empty() && !running)) {
        body_->setCurrentIndex(NothingBody);
    } else {
        const QString images = split_->current() == 0 ? tr("test images") : tr("validation images");
        const QString sentence = running ? tr("Measuring %1 on the %2.") : tr("%1 has not been measured on the %2 yet.");
        notYet_->setText(sentence.arg(choice->title, images));
        notYetButton_->setVisible(!running);
        body_->setCurrentIndex(NotYetBody);
    }
    run_->setEnabled(choice && open);
    refreshRunning();
    refreshFooter();
}

void EvaluatePage::display(const EvaluationStore::Result& result) {
    accuracy_->setText(result ? percentText(result->evaluation.accuracy) : QString());
    loss_->setText(result ? tr("loss %1").arg(QString::fromStdString(fmt::format("{:.2f}", result->evaluation.loss))) : QString());
    for (const char* id : {"evaluate.export_csv", "evaluate.export_png"}) context_.actions[id]->setEnabled(result != nullptr);
    if (result == shown_) return;
    shown_ = result;
    list({}, {});
    if (!result) return;
    const Evaluation& e = result->evaluation;
    matrix_->setMatrix(e.confusion, result->classes);
    classes_->metrics().setMetrics(e.classes, result->classes);
    setScale(scale_->current());
    const auto open = context_.data.data();
    losses_->samples().setSamples(splitOf(open->source, result->split), topLosses(e.samples, kTopLosses), result->classes);
}

void EvaluatePage::refreshRunning() {
    const bool running = jobs_.running("evaluate");
    run_->setText(running ? tr("Stop") : tr("Evaluate"));
    run_->setAccessibleName(run_->text());
    setButtonKind(run_, running ? ButtonKind::Normal : ButtonKind::Primary);
    for (QWidget* widget : std::initializer_list<QWidget*>{bar_, progressText_}) widget->setVisible(running);
    for (QWidget* widget : std::initializer_list<QWidget*>{accuracy_, loss_}) widget->setVisible(!running);
    if (!running) return;
    const int64_t done = progress_->done, total = progress_->total;
    bar_->setRange(0, int(std::max<int64_t>(total, 1)));
    bar_->setValue(int(done));
    const double seconds = double(started_.elapsed()) / 1000;
    if (done == 0 || seconds < 0.3) return progressText_->setText(tr("Starting"));
    const double rate = double(done) / seconds;
    const QLocale locale;
    progressText_->setText(tr("%1 of %2, %3 images/s, %4 s left")
                               .arg(locale.toString(qlonglong(done)), locale.toString(qlonglong(total)), locale.toString(qlonglong(rate)))
                               .arg(qlonglong(double(total - done) / rate) + 1));
}

/// Whether the edits, or the network behind the name, are others than those that were measured.
bool EvaluatePage::stale() const {
    const auto with = measuredWith_.find(shown_->modelId + "|" + shown_->split);
    const ModelChoice* choice = model_->choice();
    return (with != measuredWith_.end() && with->second != context_.document.project().edits) ||
           (choice && choice->title != shown_->modelTitle);
}

void EvaluatePage::refreshFooter() {
    if (!shown_) return setFooter(context_.data.data() ? QString() : tr("No dataset open"));
    const Evaluation& e = shown_->evaluation;
    const QLocale locale;
    const QString images = shown_->split == "test" ? tr("test images") : tr("validation images");
    QStringList parts{tr("%1 %2, %3 wrong")
                          .arg(locale.toString(qlonglong(e.count)), images, locale.toString(qlonglong(e.count - e.confusion.correct())))};
    parts << tr("F1 %1").arg(percentText(e.macro.f1)) << tr("top 5 %1").arg(percentText(e.top5));
    if (stale()) parts << tr("measured before the last changes");
    const auto open = context_.data.data();
    if (open && shown_->classes != open->source.classes) parts << tr("the network has other class names than the data");
    setFooter(parts.join(" · "));
}

void EvaluatePage::setView(int view) {
    left_->setCurrentIndex(view);
    matrixTools_->setVisible(view == 0);
    showPanel(view != 2 && (!narrow_ || !listed_.empty()));
    if (view == 1 && classes_->currentIndex().isValid()) listClass(classes_->classAt(classes_->currentIndex().row()));
    if (view == 0 && matrix_->chosen().valid()) listCell(matrix_->chosen().truth, matrix_->chosen().predicted);
}

void EvaluatePage::setScale(int scale) {
    matrix_->setScale(MatrixScale(scale));
    const double largest = matrix_->largestError();
    legend_->setEnds(scale == 0 ? QString("0") : QString("0 %"),
                     scale == 0 ? QLocale().toString(qlonglong(largest)) : percentText(largest));
}

void EvaluatePage::listCell(int truth, int predicted) {
    if (!shown_) return;
    std::vector<SamplePrediction> samples;
    for (const SamplePrediction& sample : shown_->evaluation.samples)
        if (sample.label == truth && sample.predicted == predicted) samples.push_back(sample);
    list(topLosses(samples, int64_t(samples.size())), tr("True %1, predicted %2").arg(matrix_->name(truth), matrix_->name(predicted)));
}

void EvaluatePage::listClass(int index) {
    if (!shown_ || index < 0) return;
    std::vector<SamplePrediction> samples;
    for (const SamplePrediction& sample : shown_->evaluation.samples)
        if (sample.label == index && !sample.correct()) samples.push_back(sample);
    list(topLosses(samples, int64_t(samples.size())), tr("True %1, predicted otherwise").arg(matrix_->name(index)));
}

void EvaluatePage::list(std::vector<SamplePrediction> samples, const QString& title) {
    listed_.clear();
    for (const SamplePrediction& sample : samples) listed_.push_back(sample.index);
    listedText_ = title;
    imagesTitle_->setText(title.isEmpty() ? tr("Images") : tr("%1 (%2)").arg(title, QLocale().toString(qlonglong(samples.size()))));
    imagesHint_->setText(title.isEmpty()   ? tr("Choose a cell to see its images.")
                         : samples.empty() ? tr("No images here.")
                                           : tr("Largest loss first"));
    showInData_->setEnabled(!samples.empty());
    images_->setVisible(!samples.empty());
    const auto open = context_.data.data();
    images_->samples().setSamples(open && shown_ ? splitOf(open->source, shown_->split) : nullptr, std::move(samples),
                                  shown_ ? shown_->classes : std::vector<std::string>());
    if (narrow_ && left_->currentIndex() != 2) showPanel(!title.isEmpty());
}

void EvaluatePage::goToData(std::vector<int64_t> samples, const QString& text) {
    if (samples.empty() || !shown_) return;
    context_.go(PageId::Data, Request{.samples = std::move(samples), .split = shown_->split, .text = text});
}

void EvaluatePage::useIncluded() {
    model_->choose("included");
    if (context_.data.data()) return evaluate();
    for (const DataCenter::Found& found : context_.data.found())
        if (found.spec.startsWith("cifar10:")) {
            evaluateWhenOpen_ = true;
            return context_.data.open(found.spec);
        }
    context_.messages.info(tr("Open CIFAR-10 first: the included network knows its ten classes."), "evaluate");
    context_.go(PageId::Data, {});
}

void EvaluatePage::setNarrow(bool narrow) {
    narrow_ = narrow;
    closePanel_->setVisible(narrow);
    showPanel(left_->currentIndex() != 2 && (!narrow || !listed_.empty()));
}

void EvaluatePage::showPanel(bool visible) { panel_->setVisible(visible); }

QString EvaluatePage::command() const {
    const ModelChoice* choice = model_->choice();
    if (!choice) return {};
    const Project& project = context_.document.project();
    QStringList words = QStringList{"strata", "evaluate"} + modelWords(*choice);
    words << "--data" << QString::fromStdString(project.data) << "--split" << split();
    if (project.edits.is_object() && !project.edits.empty()) {
        const std::string folder = (ProjectDocument::stateFolder() + "/commands").toStdString();
        makeFolders(folder);
        const std::string file = joinPath(folder, "edits.json");
        writeEdits(file, EditList::fromJson(project.edits, "the project's edits"));
        words << "--edits" << QString::fromStdString(file);
    }
    return RunCenter::shellLine(words);
}

std::string EvaluatePage::matrixCsv(const EvaluationResult& result) {
    const ConfusionMatrix& matrix = result.evaluation.confusion;
    std::vector<std::string> line{"true \\ predicted"};
    std::string csv;
    const auto end = [&] {
        csv += fmt::format("{}\r\n", join(line, ","));
        line.clear();
    };
    for (int64_t p = 0; p < matrix.classes(); ++p) line.push_back(csvField(className(result.classes, p)));
    end();
    for (int64_t t = 0; t < matrix.classes(); ++t) {
        line.push_back(csvField(className(result.classes, t)));
        for (int64_t p = 0; p < matrix.classes(); ++p) line.push_back(std::to_string(matrix.at(t, p)));
        end();
    }
    return csv;
}

Page* makeEvaluatePage(Context& context) { return new EvaluatePage(context); }

} // namespace strata::studio
