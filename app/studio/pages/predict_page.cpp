// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/predict_page.h"
#include "app/run/evaluation_job.h"
#include "app/run/model_combo.h"
#include "app/studio/frame/drop_overlay.h"
#include "app/studio/pages/predict_empty.h"
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/predict/photos.h"
#include "widgets/common/controls.h"
#include "widgets/predict/answer_list.h"
#include "widgets/predict/photo_table.h"
#include "widgets/predict/photo_view.h"

#include <QClipboard>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QSlider>
#include <QStackedWidget>
#include <QToolButton>

namespace strata::studio {
namespace {

constexpr double kSure = 0.5; ///< below: "The network is unsure."
constexpr int kMapDelayMs = 40;
enum Left { PhotoLeft, TableLeft };

QRect toRect(const CropRect& crop) { return QRect(int(crop.x), int(crop.y), int(crop.width), int(crop.height)); }
CropRect toCrop(const QRect& rect) { return {rect.x(), rect.y(), rect.width(), rect.height()}; }

} // namespace

void PredictPage::connectServices() {
    mapDelay_.setSingleShot(true);
    mapDelay_.setInterval(kMapDelayMs);
    connect(&mapDelay_, &QTimer::timeout, this, &PredictPage::requestMap);
    connect(model_, &ModelCombo::chosen, this, &PredictPage::modelChosen);
    connect(&photo_, &PhotoPredictor::opened, this, &PredictPage::photoOpened);
    connect(&photo_, &PhotoPredictor::answered, this, &PredictPage::answered);
    connect(&photo_, &PhotoPredictor::failed, this, &PredictPage::failed);
    connect(&photo_, &PhotoPredictor::mapReady, this, [this](qint64 classIndex, const QImage& map) {
        if (show_->current() != 1 || classIndex != answers_->focusClass()) return;
        mapClass_ = classIndex;
        view_->setHeatMap(map);
        mapHint_->setText({});
        for (const ClassProbability& answer : answers_->answers())
            if (answer.index == classIndex) mapHint_->setText(tr("Where %1 shows").arg(QString::fromStdString(answer.name)));
    });
    connect(&photo_, &PhotoPredictor::mapFailed, this, [this](const QString& sentence) {
        view_->setHeatMap({});
        mapHint_->setText(sentence);
    });
    connect(&folder_, &FolderPredictor::listed, this, [this] { table_->photos().setPaths(folder_.paths()); });
    connect(&folder_, &FolderPredictor::rowsReady, this, [this](int first, const std::vector<PhotoRow>& rows) {
        table_->photos().setRows(first, rows);
        if (table_->currentPhoto() < 0) table_->selectPhoto(0);
        refreshFolder();
    });
    connect(&folder_, &FolderPredictor::finished, this, &PredictPage::refreshFolder);
    connect(&folder_, &FolderPredictor::failed, this, [this](const QString& sentence) {
        context_.messages.error(sentence, "predict");
        refreshFolder();
    });
    connect(view_, &PhotoView::cropMoved, this, [this](const QRect& crop) { photo_.setCrop(toCrop(crop)); });
    connect(view_, &PhotoView::cropReset, this, [this] { photo_.setCrop(std::nullopt); });
    connect(answers_, &AnswerList::focusClassChanged, this, &PredictPage::focusChanged);
    connect(table_, &PhotoTable::photoSelected, this,
            [this](int row) { photo_.open(QString::fromStdString(folder_.paths()[size_t(row)])); });
    connect(table_, &PhotoTable::photoOpened, this, &PredictPage::openRow);
    modelChosen();
}

void PredictPage::enter(const Request& request) {
    if (!request.run.isEmpty()) model_->chooseRun(request.run);
    if (!request.paths.isEmpty()) openPaths(request.paths);
}

void PredictPage::modelChosen() {
    const ModelChoice* choice = model_->choice();
    if (!choice) return;
    context_.messages.dismiss("predict");
    view_->setHeatMap({});
    photo_.setModel(*choice);
    folder_.setModel(*choice);
}

void PredictPage::openPaths(const QStringList& paths) {
    if (paths.size() == 1) return QFileInfo(paths[0]).isDir() ? openFolder(paths[0]) : openPhoto(paths[0]);
    const ModelChoice* choice = model_->choice();
    if (paths.isEmpty() || !choice) return;
    folderName_ = tr("%n photos", nullptr, int(paths.size()));
    folder_.openPaths(paths, *choice);
    showTable();
}

void PredictPage::openPhoto(const QString& path) {
    folder_.stop();
    table_->photos().setPaths({});
    folderName_.clear();
    context_.messages.dismiss("predict");
    photo_.open(path);
}

void PredictPage::openFolder(const QString& folder) {
    const ModelChoice* choice = model_->choice();
    if (!choice) return;
    context_.messages.dismiss("predict");
    folderName_ = QFileInfo(folder).fileName();
    table_->photos().setPaths({});
    folder_.openFolder(folder, *choice);
    showTable();
}

void PredictPage::paste() {
    if (!take(*QGuiApplication::clipboard()->mimeData())) context_.messages.info(tr("There is no photo in the clipboard."), "predict");
}

/// A picture, or files, from the clipboard or a drop.
bool PredictPage::take(const QMimeData& mime) {
    const QStringList paths = droppedPaths(mime);
    if (!paths.isEmpty()) {
        openPaths(paths);
        return true;
    }
    const QImage picture = mime.hasImage() ? qvariant_cast<QImage>(mime.imageData()) : QImage();
    if (picture.isNull()) return false;
    folder_.stop();
    table_->photos().setPaths({});
    folderName_.clear();
    photo_.openPicture(picture, tr("Pasted photo"));
    return true;
}

void PredictPage::photoOpened() {
    const Photo& photo = *photo_.photo();
    view_->setPhoto(photo.preview, QSize(int(photo.pixels->width), int(photo.pixels->height)));
    problem_->hide();
    body_->setCurrentIndex(1);
    if (folderName_.isEmpty()) left_->setCurrentIndex(PhotoLeft);
    refreshFolder();
}

void PredictPage::answered(const PhotoAnswer& answer) {
    const Photo& photo = *photo_.photo();
    answers_->setAnswers(answer.prediction.top);
    answers_->show();
    view_->setCrop(toRect(answer.crop));
    resetCrop_->setEnabled(photo_.crop().has_value());
    receivedBox_->show();
    received_->setPicture(answer.received);
    receivedText_->setText(
        tr("%1 x %2 pixels, %3").arg(answer.input[2]).arg(answer.input[1]).arg(answer.input[0] == 1 ? tr("grey") : tr("colour")));
    const bool unsure = !answer.prediction.top.empty() && answer.prediction.top[0].probability < kSure;
    unsure_->setText(tr("The network is unsure. It only knows these %n classes.", nullptr, int(answer.classes.size())));
    unsure_->setToolTip([&] {
        QStringList names;
        for (const std::string& name : answer.classes) names << QString::fromStdString(name);
        return names.size() <= 40 ? names.join(", ") : QString();
    }());
    unsure_->setVisible(unsure);
    if (show_->current() == 1) mapDelay_.start();
    if (!folderName_.isEmpty() && left_->currentIndex() == TableLeft) return refreshFolder();
    setFooter(tr("%1 ms on CPU · %2, %3 x %4 pixels")
                  .arg(QString::number(answer.prediction.milliseconds, 'f', answer.prediction.milliseconds < 10 ? 1 : 0), photo.name)
                  .arg(photo.pixels->width)
                  .arg(photo.pixels->height));
}

void PredictPage::failed(const QString& sentence) {
    if (left_->currentIndex() == TableLeft || body_->currentIndex() == 1) {
        view_->clear();
        answers_->hide();
        unsure_->hide();
        receivedBox_->hide();
        problem_->setText(sentence);
        problem_->show();
        setFooter({});
    }
    if (folderName_.isEmpty()) context_.messages.error(sentence, "predict");
}

void PredictPage::focusChanged() {
    if (show_->current() == 1) mapDelay_.start();
}

void PredictPage::requestMap() {
    if (show_->current() != 1 || answers_->focusClass() < 0) {
        view_->setHeatMap({});
        mapHint_->setText({});
        return;
    }
    photo_.requestMap(answers_->focusClass());
}

void PredictPage::showTable() {
    body_->setCurrentIndex(1);
    left_->setCurrentIndex(TableLeft);
    refreshFolder();
    table_->setFocus();
}

void PredictPage::openRow(int row) {
    table_->selectPhoto(row);
    left_->setCurrentIndex(PhotoLeft);
    refreshFolder();
    view_->setFocus();
}

void PredictPage::step(int by) {
    if (!folderName_.isEmpty()) table_->step(by);
    refreshFolder();
}

void PredictPage::refreshFolder() {
    const bool many = !folderName_.isEmpty(), running = folder_.running();
    const bool table = many && left_->currentIndex() == TableLeft;
    tableTools_->setVisible(table);
    stepTools_->setVisible(many && !table);
    photoTools_->setVisible(!table);
    folderBar_->setVisible(running);
    stopFolder_->setVisible(running);
    folderBar_->setRange(0, std::max(1, folder_.total()));
    folderBar_->setValue(folder_.done());
    saveCsv_->setEnabled(table_->photos().doneCount() > 0);
    const QLocale locale;
    if (table) {
        const PhotoTableModel& photos = table_->photos();
        QStringList parts{running ? tr("%1 of %2 photos, %3 per second")
                                        .arg(locale.toString(photos.doneCount()), locale.toString(folder_.total()),
                                             QString::number(folder_.photosPerSecond(), 'f', 0))
                                  : tr("%1 photos").arg(locale.toString(photos.rowCount()))};
        if (photos.problemCount() > 0) parts << tr("%1 could not be read").arg(locale.toString(photos.problemCount()));
        position_->setText(folderName_);
        setFooter(parts.join(" · "));
    } else if (many) {
        position_->setText(tr("%1 of %2 in %3").arg(table_->currentIndex().row() + 1).arg(folder_.total()).arg(folderName_));
    }
}

void PredictPage::saveCsv() {
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the table as CSV"), folderName_ + ".csv", tr("CSV table (*.csv)"));
    if (path.isEmpty()) return;
    try {
        writeFileAtomically(path.toStdString(), photosCsv(table_->photos().results()));
        context_.messages.success(tr("Saved %1.").arg(QFileInfo(path).fileName()), "predict");
    } catch (const Error& error) { context_.messages.error(QString::fromUtf8(error.what()), "predict"); }
}

void PredictPage::askForPhotos() {
    const QStringList paths =
        QFileDialog::getOpenFileNames(this, tr("Open photos"), context_.settings.value("predict/folder").toString(),
                                      tr("Photos (*.jpg *.jpeg *.png *.bmp *.webp *.tif *.tiff *.pgm *.ppm *.pnm);;All files (*)"));
    if (paths.isEmpty()) return;
    context_.settings.setValue("predict/folder", QFileInfo(paths[0]).path());
    openPaths(paths);
}

void PredictPage::askForFolder() {
    const QString folder =
        QFileDialog::getExistingDirectory(this, tr("Open a folder of photos"), context_.settings.value("predict/folder").toString());
    if (folder.isEmpty()) return;
    context_.settings.setValue("predict/folder", folder);
    openFolder(folder);
}

void PredictPage::dragEnterEvent(QDragEnterEvent* event) {
    // The window says what a drop of files will do; here only what it does not know: pictures without a file.
    const bool framed = window() != this && window()->acceptDrops();
    if (event->mimeData()->hasUrls() ? framed || dropIntent(droppedPaths(*event->mimeData())).kind != DropIntent::Kind::Predict
                                     : !event->mimeData()->hasImage())
        return event->ignore();
    event->acceptProposedAction();
}

void PredictPage::dropEvent(QDropEvent* event) {
    if (take(*event->mimeData())) event->acceptProposedAction();
}

void PredictPage::keyPressEvent(QKeyEvent* event) {
    const bool stepping = !folderName_.isEmpty() && (event->key() == Qt::Key_PageUp || event->key() == Qt::Key_PageDown ||
                                                     event->key() == Qt::Key_Left || event->key() == Qt::Key_Right);
    if (event->key() == Qt::Key_Escape && !folderName_.isEmpty() && left_->currentIndex() == PhotoLeft)
        showTable();
    else if (stepping)
        step(event->key() == Qt::Key_PageUp || event->key() == Qt::Key_Left ? -1 : 1);
    else
        Page::keyPressEvent(event);
}

QString PredictPage::command() const {
    const ModelChoice* choice = model_->choice();
    QStringList files;
    if (!folderName_.isEmpty())
        for (const std::string& path : folder_.paths()) files << QString::fromStdString(path);
    else if (photo_.photo() && !photo_.photo()->path.isEmpty())
        files << photo_.photo()->path;
    if (!choice || files.isEmpty()) return {};
    // A whole folder is told as the folder.
    const QString folder = QFileInfo(files[0]).path();
    if (files.size() > 1 && folderName_ == QFileInfo(folder).fileName()) files = QStringList{folder};
    return RunCenter::shellLine(QStringList{"strata", "predict"} + modelWords(*choice) + files);
}

Page* makePredictPage(Context& context) { return new PredictPage(context); }

} // namespace strata::studio
