// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/model_combo.h"
#include "app/studio/pages/predict_page.h"
#include "tests/studio/page_support.h"
#include "widgets/common/controls.h"
#include "widgets/predict/answer_list.h"
#include "widgets/predict/photo_table.h"
#include "widgets/predict/photo_view.h"

#include <QClipboard>
#include <QDir>
#include <QDropEvent>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>
#include <cstdlib>

using namespace strata;
using namespace strata::studio;

namespace {

/// A real picture file with some structure in it.
QString writePhoto(const QString& path, QColor ground, QSize size = {200, 120}) {
    QImage photo(size, QImage::Format_RGB32);
    for (int y = 0; y < size.height(); ++y)
        for (int x = 0; x < size.width(); ++x)
            photo.setPixelColor(x, y, (x / 20 + y / 20) % 3 == 0 ? ground.darker(150) : ground.lighter(100 + x % 40));
    photo.save(path);
    return path;
}

void drop(QWidget& target, const QMimeData& mime) {
    QDragEnterEvent enter(target.rect().center(), Qt::CopyAction, &mime, Qt::LeftButton, {});
    QApplication::sendEvent(&target, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(target.rect().center(), Qt::CopyAction, &mime, Qt::LeftButton, {});
    QApplication::sendEvent(&target, &event);
    QVERIFY(event.isAccepted());
}

} // namespace

class TstPredictPage : public QObject {
    Q_OBJECT
    PageHome home_;
    std::unique_ptr<PredictPage> page_;
    AnswerList* answers_ = nullptr;
    PhotoView* view_ = nullptr;
    PhotoTable* table_ = nullptr;

    QPushButton* button(const QString& text) {
        for (QPushButton* b : page_->findChildren<QPushButton*>())
            if (b->text() == text && b->isVisible()) return b;
        return nullptr;
    }
    Segmented* show() {
        for (Segmented* segmented : page_->findChildren<Segmented*>())
            if (segmented->accessibleName() == "Show") return segmented;
        return nullptr;
    }
    QString firstAnswer() { return answers_->answers().empty() ? QString() : QString::fromStdString(answers_->answers()[0].name); }

private slots:
    void initTestCase() {
        qputenv("STRATA_NO_MOTION", "1");
        applyTheme(*qApp, ThemeMode::Light);
        QVERIFY(!ModelShelf::includedModel().isEmpty());
        page_ = std::make_unique<PredictPage>(*home_.context);
        page_->resize(1208, 672);
        page_->show();
        QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
        answers_ = page_->findChild<AnswerList*>();
        view_ = page_->findChild<PhotoView*>();
        table_ = page_->findChild<PhotoTable*>();
    }
    void cleanupTestCase() { page_.reset(); }

    void emptyItOffersSamplesThatTheNetworkKnows() {
        QVERIFY(button("Open…"));
        QVERIFY(!view_->isVisible());
        QWidget* ship = nullptr;
        for (QWidget* widget : page_->findChildren<QWidget*>())
            if (widget->accessibleName() == "Sample photo: ship") ship = widget;
        QVERIFY(ship);
        ship->setFocus();
        QTest::keyClick(ship, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(firstAnswer(), QString("ship"), 15000);
        QVERIFY(view_->isVisible());
        QCOMPARE(int(answers_->answers().size()), 5);
        QVERIFY(page_->footer().contains("ms on CPU"));
    }

    void aDroppedPngIsPredicted() {
        const QString path = writePhoto(home_.file("drop.png"), QColor(60, 120, 200));
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(path)});
        drop(*page_, mime);
        QTRY_VERIFY_WITH_TIMEOUT(page_->footer().contains("drop.png, 200 x 120"), 15000);
        QCOMPARE(view_->photoSize(), QSize(200, 120));
        QTRY_VERIFY(std::abs(view_->crop().center().x() - 100) < 3 && view_->crop().height() == 120); // the middle square
    }

    void aDroppedJpegToo() {
        const QString path = writePhoto(home_.file("drop.jpg"), QColor(200, 120, 60), {90, 160});
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(path)});
        drop(*page_, mime);
        QTRY_VERIFY_WITH_TIMEOUT(page_->footer().contains("drop.jpg, 90 x 160"), 15000);
        QVERIFY(page_->command().endsWith("drop.jpg"));
    }

    void aPastedPictureIsPredicted() {
        QImage picture(64, 48, QImage::Format_ARGB32);
        picture.fill(QColor(20, 160, 60));
        QGuiApplication::clipboard()->setImage(picture);
        home_.actions["predict.paste"]->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(page_->footer().contains("64 x 48"), 15000);
        QVERIFY(page_->command().isEmpty()); // it is in no file
    }

    void movingTheCropAsksAgain() {
        page_->openPhoto(ModelShelf::resourceFolder() + "/samples/ship.jpg");
        QTRY_COMPARE_WITH_TIMEOUT(view_->photoSize(), QSize(960, 720), 15000);
        QTRY_COMPARE_WITH_TIMEOUT(firstAnswer(), QString("ship"), 15000);
        const auto before = answers_->answers();
        const QRect crop = view_->crop();
        QTRY_VERIFY(crop.height() == 720 && std::abs(crop.width() - 720) < 10 && std::abs(crop.center().x() - 480) < 15);
        view_->setFocus();
        for (int i = 0; i < 12; ++i) QTest::keyClick(view_, Qt::Key_Left, Qt::ShiftModifier);
        QTRY_VERIFY_WITH_TIMEOUT(answers_->answers()[0].probability != before[0].probability, 15000);
        QCOMPARE(view_->crop().topLeft(), QPoint(std::max(0, crop.x() - 120), 0));
        QTRY_VERIFY(button("Reset crop")->isEnabled());
        QTest::mouseClick(button("Reset crop"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(view_->crop(), crop, 15000);
        QTRY_COMPARE(answers_->answers()[0].probability, before[0].probability);
    }

    void theMapFollowsTheClassInFocus() {
        view_->setFocus();
        const QImage plain = view_->grab().toImage();
        QTest::mouseClick(show()->buttonAt(1), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(view_->grab().toImage() != plain, 15000);
        const QImage ship = view_->grab().toImage();
        answers_->setFocus();
        QTest::keyClick(answers_, Qt::Key_Down);
        QTRY_VERIFY_WITH_TIMEOUT(view_->grab().toImage() != ship, 15000);
        QTest::mouseClick(show()->buttonAt(0), Qt::LeftButton);
        view_->setFocus();
        QTRY_VERIFY_WITH_TIMEOUT(view_->grab().toImage() == plain, 5000);
    }

    void anUnsureAnswerIsSaid() {
        const auto warned = [&] {
            for (QLabel* label : page_->findChildren<QLabel*>())
                if (label->isVisible() && label->text() == "The network is unsure. It only knows these 10 classes.") return true;
            return false;
        };
        const bool before = warned();
        QVERIFY(!before);
        // Noise of one grey: nothing that the network was taught.
        bool seen = false;
        for (int i = 0; i < 12 && !seen; ++i) {
            const QString path = writePhoto(home_.file(QString("odd%1.png").arg(i)), QColor::fromHsv(i * 30, 60 + i * 10, 120), {96, 96});
            page_->openPhoto(path);
            QTRY_VERIFY_WITH_TIMEOUT(page_->footer().contains(QFileInfo(path).fileName()), 15000);
            QCOMPARE(warned(), answers_->answers()[0].probability < 0.5);
            seen = warned();
        }
    }

    void aFolderIsATableWithBrokenPicturesAsSentences() {
        QDir(home_.folder.path()).mkpath("holiday");
        for (int i = 0; i < 6; ++i) writePhoto(home_.file(QString("holiday/p%1.png").arg(i)), QColor::fromHsv(i * 60, 180, 180), {64, 64});
        QFile broken(home_.file("holiday/q.jpg"));
        QVERIFY(broken.open(QIODevice::WriteOnly));
        broken.write("\xff\xd8\xff\xe0 not a picture");
        broken.close();
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(home_.file("holiday"))});
        drop(*page_, mime);
        QTRY_COMPARE_WITH_TIMEOUT(table_->photos().doneCount(), 7, 20000);
        QVERIFY(table_->isVisible());
        QCOMPARE(table_->photos().problemCount(), 1);
        const QModelIndex answer = table_->photos().index(6, PhotoTableModel::AnswerColumn);
        QVERIFY(!answer.data().toString().isEmpty());
        QVERIFY(answer.data(PhotoTableModel::kProblemRole).toString().contains("q.jpg"));
        QVERIFY(page_->footer().contains("1 could not be read"));
        QVERIFY(page_->command().endsWith("holiday"));
        // Stepping through it answers at the right.
        table_->setFocus();
        table_->selectPhoto(0);
        QTest::keyClick(table_, Qt::Key_Right);
        QCOMPARE(table_->currentPhoto(), 1);
        QTRY_VERIFY_WITH_TIMEOUT(view_->photoSize() == QSize(64, 64), 15000);
        QTest::keyClick(table_, Qt::Key_Return);
        QVERIFY(view_->isVisible());
        QVERIFY(button("All photos"));
        QTest::keyClick(page_.get(), Qt::Key_PageDown);
        QCOMPARE(table_->currentPhoto(), 2);
        QTest::keyClick(page_.get(), Qt::Key_Escape);
        QVERIFY(table_->isVisible());
    }

    void anotherNetworkAnswersAgain() {
        const QString run = home_.addRun();
        QVERIFY(home_.waitForChoices(2));
        const auto before = table_->photos().results();
        auto* combo = page_->findChild<ModelCombo*>();
        QVERIFY(combo->chooseRun(run));
        QTRY_VERIFY_WITH_TIMEOUT(table_->photos().doneCount() == 7 &&
                                     table_->photos().results()[0].prediction.top[0].probability != before[0].prediction.top[0].probability,
                                 20000);
        QVERIFY(page_->command().contains("--run"));
        combo->choose("included");
    }

    void aBrokenPhotoIsASentence() {
        home_.said.clear();
        page_->openPhoto(home_.file("holiday/q.jpg"));
        QTRY_VERIFY_WITH_TIMEOUT(!home_.said.empty(), 15000);
        QVERIFY(home_.said.back().sentence.contains("q.jpg"));
        QVERIFY(!answers_->isVisible());
        page_->openPhoto(home_.file("drop.png"));
        QTRY_VERIFY_WITH_TIMEOUT(answers_->isVisible(), 15000);
    }

    void tabReachesEveryControlAndAllHaveNames() {
        std::vector<QWidget*> reached;
        for (int i = 0; i < 40; ++i) {
            QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : page_.get(), Qt::Key_Tab);
            reached.push_back(QApplication::focusWidget());
        }
        for (QWidget* widget : page_->findChildren<QWidget*>()) {
            if (!(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisible() || !widget->isEnabled()) continue;
            QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
            if (qobject_cast<QAbstractButton*>(widget) || widget == view_ || widget == answers_)
                QVERIFY2(std::count(reached.begin(), reached.end(), widget) > 0, qPrintable(widget->accessibleName()));
        }
    }
};

QTEST_MAIN(TstPredictPage)
#include "tst_predict_page.moc"
