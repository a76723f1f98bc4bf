// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/export_dialog.h"
#include "app/run/model_combo.h"
#include "core/base/text.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/common/text.h"

#include <QButtonGroup>
#include <QClipboard>
#include <QCloseEvent>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QUrl>

namespace strata::studio {
namespace {

constexpr int kTickMs = 60;
enum ResultPage { FormPage, RowsPage };

/// "run-3-best" of "Run 3, best (epoch 18), 92.4 %".
QString fileStem(const ModelChoice& choice) {
    if (choice.runPath.isEmpty()) return "strata-cifar10";
    QString stem;
    for (const QChar c : choice.title.section(',', 0, 0).toLower()) stem += c.isLetterOrNumber() ? c : QChar('-');
    return stem + (choice.id.endsWith("#last") ? "-last" : "-best");
}

} // namespace

QString ExportDialog::path() const {
    const QString typed = path_->text().trimmed();
    return typed.startsWith("~/") ? QDir::homePath() + typed.mid(1) : typed;
}
void ExportDialog::setPath(const QString& path) { path_->setText(path); }

QString ExportDialog::format() const { return qstring(formats()[size_t(formats_->checkedId())].spec.id); }

void ExportDialog::setFormat(const QString& id) {
    for (size_t i = 0; i < formats().size(); ++i)
        if (qstring(formats()[i].spec.id) == id) formats_->button(int(i))->click();
}

QString ExportDialog::suggestedPath() const {
    QString folder = context_.settings.value("export/folder").toString();
    if (folder.isEmpty() || !QFileInfo(folder).isDir()) folder = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    if (folder.isEmpty() || !QFileInfo(folder).isDir()) folder = QDir::homePath();
    const ModelChoice* choice = model_->choice();
    return folder + "/" + (choice ? fileStem(*choice) : QString("network")) +
           qstring(formats()[size_t(formats_->checkedId())].extensions[0]);
}

void ExportDialog::formatChosen() {
    const FormatDef& format = formats()[size_t(formats_->checkedId())];
    includes_[0]->setEnabled(format.weights);
    const QString before = path_->text();
    const QFileInfo info(before);
    if (before.isEmpty())
        path_->setText(suggestedPath());
    else
        path_->setText(info.path() + "/" + info.completeBaseName() + qstring(format.extensions[0]));
    checkPath();
}

void ExportDialog::modelChosen() {
    const ModelChoice* choice = model_->choice();
    export_->setEnabled(choice != nullptr);
    if (!choice) return;
    const QFileInfo info(path_->text());
    if (!path_->isModified()) path_->setText(suggestedPath());
    jobs_.start(
        "size",
        [choice = *choice](std::stop_token) {
            int64_t count = 0;
            for (const NamedTensor& weight : ModelShelf::load(choice)->state) count += weight.tensor.elements();
            return count;
        },
        [this](int64_t count) { refreshSizes(count); },
        [this](const QString& sentence) {
            refreshSizes(0);
            pathField_->setProblem(sentence);
        });
}

void ExportDialog::refreshSizes(int64_t parameters) {
    for (size_t i = 0; i < sizes_.size(); ++i)
        sizes_[i]->setText(parameters <= 0        ? QString()
                           : formats()[i].weights ? qstring(formatBytes(uint64_t(parameters) * 4))
                                                  : tr("a few KB"));
}

void ExportDialog::checkPath() {
    const QFileInfo info(path());
    pathField_->setHint(info.isFile() ? tr("replaces the file that is there") : QString());
    QString problem;
    if (info.isDir())
        problem = tr("This is a folder: a file name is missing.");
    else if (!path().isEmpty() && !QFileInfo(info.absolutePath()).isDir())
        problem = tr("There is no folder %1.").arg(info.absolutePath());
    pathField_->setProblem(problem);
    export_->setEnabled(model_->choice() && !path().isEmpty() && problem.isEmpty());
}

void ExportDialog::browse() {
    const FormatDef& format = formats()[size_t(formats_->checkedId())];
    QStringList patterns;
    for (const std::string& extension : format.extensions) patterns << "*" + qstring(extension);
    const QString chosen = QFileDialog::getSaveFileName(this, tr("Save the network"), path(),
                                                        QString("%1 (%2)").arg(qstring(format.spec.title), patterns.join(' ')));
    if (chosen.isEmpty()) return;
    path_->setText(QFileInfo(chosen).suffix().isEmpty() ? chosen + qstring(format.extensions[0]) : chosen);
    path_->setModified(true);
    checkPath();
}

QString ExportDialog::command() const {
    const ModelChoice* choice = model_->choice();
    if (!choice) return {};
    QStringList words = QStringList{"strata", "export"} + modelWords(*choice);
    words << "--to" << QDir::cleanPath(QFileInfo(path()).absoluteFilePath());
    const FormatDef& format = formats()[size_t(formats_->checkedId())];
    const std::string extension = "." + QFileInfo(path()).suffix().toLower().toStdString();
    if (std::find(format.extensions.begin(), format.extensions.end(), extension) == format.extensions.end())
        words << "--format" << qstring(format.spec.id);
    return RunCenter::shellLine(words);
}

void ExportDialog::exportNow() {
    const ModelChoice* choice = model_->choice();
    if (!choice || path().isEmpty()) return;
    exportedPath_ = QDir::cleanPath(QFileInfo(path()).absoluteFilePath());
    command_ = command();
    context_.settings.setValue("export/folder", QFileInfo(exportedPath_).path());
    progress_ = std::make_shared<ExportProgress>();
    const ExportTask task{*choice, exportedPath_, format().toStdString(), context_.data.data(), progress_};
    resultTitle_->setText(QFileInfo(exportedPath_).fileName());
    for (QPushButton* button : {showFolder_, copy_, back_}) button->hide();
    done_->setText(tr("Stop"));
    setButtonKind(done_, ButtonKind::Normal);
    pages_->setCurrentIndex(RowsPage);
    done_->setFocus();
    refreshRows();
    tick_.start();
    jobs_.start(
        "export", [task](std::stop_token stop) { return runExport(task, stop); },
        [this](const ExportOutcome& outcome) { finished(outcome); },
        [this](const QString& sentence) {
            ExportOutcome outcome;
            outcome.failedAt = progress_->stage;
            outcome.problem = sentence;
            finished(outcome);
        });
}

void ExportDialog::refreshRows() {
    const int stage = int(progress_->stage.load());
    for (int i = 0; i < 3; ++i)
        rows_[size_t(i)]->set(i < stage ? CheckRow::State::Done : i == stage ? CheckRow::State::Working : CheckRow::State::Waiting);
}

void ExportDialog::finished(const ExportOutcome& outcome) {
    tick_.stop();
    const bool failed = outcome.failedAt != ExportStage::Done;
    const QString size = qstring(formatBytes(outcome.report.bytes));
    const QString written = outcome.report.tensors > 0 ? tr("%1, %n arrays", nullptr, int(outcome.report.tensors)).arg(size) : size;
    const QString images = outcome.testImages ? tr("test images of the open data") : tr("made-up images");
    const bool alike = outcome.same == outcome.images;
    const QString compared =
        outcome.comparable ? tr("Largest difference %1, same top-1 on %2 of %3.")
                                 .arg(qstring(fmt::format("{:.1e}", outcome.largestDifference)).replace("e-0", "e-").replace("e+00", ""))
                                 .arg(outcome.same)
                                 .arg(outcome.images)
                           : tr("This format holds no weights, so there is nothing to compare.");
    const QString details[] = {written, tr("Every value is as it was written"),
                               outcome.comparable ? compared + " " + tr("On %1.").arg(images) : compared};
    for (int i = 0; i < 3; ++i) {
        const auto stage = ExportStage(i);
        CheckRow& row = *rows_[size_t(i)];
        if (failed && stage == outcome.failedAt)
            row.set(CheckRow::State::Failed, outcome.problem);
        else if (failed && stage > outcome.failedAt)
            row.set(CheckRow::State::Waiting);
        else if (i == 2 && !outcome.comparable)
            row.set(CheckRow::State::Skipped, details[i]);
        else if (i == 2 && !alike)
            row.set(CheckRow::State::Failed, details[i]);
        else
            row.set(CheckRow::State::Done, details[i]);
    }
    showFolder_->setVisible(outcome.failedAt != ExportStage::Write);
    copy_->setVisible(outcome.failedAt != ExportStage::Write);
    back_->setVisible(failed);
    done_->setText(failed ? tr("Close") : tr("Done"));
    setButtonKind(done_, ButtonKind::Primary);
    (failed ? back_ : done_)->setFocus();
    emit exported(!failed && alike);
}

void ExportDialog::backToForm() {
    jobs_.cancel("export");
    pages_->setCurrentIndex(FormPage);
    checkPath();
    path_->setFocus();
}

void ExportDialog::closeEvent(QCloseEvent* event) {
    jobs_.cancelAll();
    QDialog::closeEvent(event);
}

void showExportDialog(Context& context, QWidget* parent, const QString& modelId) {
    auto* dialog = new ExportDialog(context, modelId, parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->show();
}

} // namespace strata::studio
