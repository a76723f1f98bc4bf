// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/folder_predictor.h"
#include "app/run/photo_predictor.h"
#include "app/studio/page.h"

#include <QTimer>

class QLabel;
class QMimeData;
class QProgressBar;
class QPushButton;
class QSlider;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace strata {
class AnswerList;
class ElidedLabel;
class PhotoTable;
class PhotoView;
class ReceivedView;
class Segmented;
} // namespace strata

namespace strata::studio {

class ModelCombo;
class PredictEmpty;

/// A photo, or a folder of them, to the most probable classes. Photos are dropped anywhere on the page, pasted or opened.
class PredictPage : public Page {
    Q_OBJECT
public:
    explicit PredictPage(Context& context);
    void enter(const Request& request) override;

    void openPaths(const QStringList& paths);
    void openPhoto(const QString& path);
    void openFolder(const QString& folder);
    void paste();
    /// `strata predict ...` that says the same, "" where there is nothing on a disk.
    QString command() const;

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    PhotoPredictor photo_;
    FolderPredictor folder_;
    QString folderName_;
    QTimer mapDelay_;
    qint64 mapClass_ = -1;

    ModelCombo* model_;
    QStackedWidget* body_; ///< empty, or left and right
    QStackedWidget* left_; ///< photo, or table
    PredictEmpty* empty_;
    QSplitter* splitter_;
    PhotoView* view_;
    Segmented* show_;
    QSlider* opacity_;
    QLabel* mapHint_;
    QPushButton *resetCrop_, *back_, *saveCsv_, *stopFolder_;
    QToolButton *previous_, *next_, *more_;
    ElidedLabel* position_;
    PhotoTable* table_;
    QProgressBar* folderBar_;
    QWidget *photoTools_, *stepTools_, *tableTools_, *right_, *receivedBox_;
    AnswerList* answers_;
    QLabel *unsure_, *problem_, *receivedText_;
    ReceivedView* received_;

    QWidget* makeToolbar();
    QWidget* makeLeft();
    QWidget* makeRight();
    void addActions();
    void connectServices();
    void modelChosen();
    void photoOpened();
    void answered(const PhotoAnswer& answer);
    void failed(const QString& sentence);
    void focusChanged();
    void requestMap();
    void showTable();
    void openRow(int row);
    void step(int by);
    void refreshFolder();
    void saveCsv();
    void askForPhotos();
    void askForFolder();
    bool take(const QMimeData& mime);
};

} // namespace strata::studio
