// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/evaluate_page.h"
#include "core/data/edits.h"
#include "tests/studio/page_support.h"
#include "tests/support/data_files.h"
#include "widgets/common/controls.h"
#include "widgets/evaluate/class_metrics.h"
#include "widgets/evaluate/confusion_matrix_view.h"
#include "widgets/evaluate/sample_gallery.h"

#include <QClipboard>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <algorithm>
#include <optional>

using namespace strata;
using namespace strata::studio;

namespace {

QPushButton* button(QWidget& page, const QString& text) {
    for (QPushButton* b : page.findChildren<QPushButton*>())
        if (b->text() == text && b->isVisible()) return b;
    return nullptr;
}

} // namespace

class TstEvaluatePage : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {
        qputenv("STRATA_NO_MOTION", "1");
        applyTheme(*qApp, ThemeMode::Light);
    }

    void withoutDataItSaysWhatBelongsThere() {
        PageHome home;
        EvaluatePage page(*home.context);
        page.resize(1208, 672);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        QVERIFY(button(page, "Go to Train"));
        QTest::mouseClick(button(page, "Go to Train"), Qt::LeftButton);
        QCOMPARE(home.visits.back().first, PageId::Train);
        QVERIFY(button(page, "Use included network"));
        QVERIFY(!button(page, "Evaluate")->isEnabled());
    }

    void aNetworkThatDoesNotFitTheDataIsASentence() {
        PageHome home;
        EvaluatePage page(*home.context);
        page.show();
        const QString digits = home.file("digits");
        test::writeMnist(digits.toStdString(), 120, 40, false);
        home.openData("mnist:" + digits);
        page.evaluate();
        const auto said = [&] {
            for (QLabel* label : page.findChildren<QLabel*>())
                if (label->isVisible() && label->text().contains("takes pictures of 3x32x32, but the data have 1x28x28")) return true;
            return false;
        };
        QTRY_VERIFY_WITH_TIMEOUT(said(), 20000);
        QVERIFY(button(page, "Evaluate")->isEnabled());
    }
};

/// The rest shares one page with data: ActionTable takes each action once.
class TstEvaluateStory : public QObject {
    Q_OBJECT
    PageHome home_;
    std::unique_ptr<EvaluatePage> page_;
    QString run_;

private slots:
    void initTestCase() {
        run_ = home_.addRun();
        QVERIFY(home_.waitForChoices(2));
        home_.openData("shapes:200");
        page_ = std::make_unique<EvaluatePage>(*home_.context);
        page_->resize(1208, 672);
        page_->show();
        QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
    }
    void cleanupTestCase() { page_.reset(); }

    void theEvaluateButtonMeasures() {
        QPushButton* run = button(*page_, "Evaluate");
        QVERIFY(run && run->isEnabled());
        QTest::mouseClick(run, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(home_.evaluations.find(run_ + "#best", "test") != nullptr, 20000);
        const auto result = home_.evaluations.newest("test");
        const DatasetPtr test = home_.data.data()->source.test;
        QCOMPARE(result->evaluation.count, test->size());
        QCOMPARE(int64_t(result->evaluation.samples.size()), test->size());
        QVERIFY(page_->footer().contains("test images"));
        auto* matrix = page_->findChild<ConfusionMatrixView*>();
        QVERIFY(matrix->isVisible());
        QCOMPARE(matrix->classes(), 10);
    }

    void aCellShowsItsImagesAndShowInDataPassesThemOn() {
        auto* matrix = page_->findChild<ConfusionMatrixView*>();
        const auto result = home_.evaluations.newest("test");
        std::optional<SamplePrediction> wrong;
        for (const SamplePrediction& sample : result->evaluation.samples)
            if (!sample.correct()) wrong = sample;
        QVERIFY(wrong); // two epochs of a tiny network are not perfect
        const ConfusionMatrixView::Cell cell{int(wrong->label), int(wrong->predicted)};
        QTest::mouseClick(matrix, Qt::LeftButton, {}, matrix->cellRect(cell).center().toPoint());
        SampleGallery* images = nullptr;
        for (SampleGallery* gallery : page_->findChildren<SampleGallery*>())
            if (gallery->isVisible()) images = gallery;
        QVERIFY(images);
        QCOMPARE(images->model()->rowCount(), int(matrix->count(cell)));
        for (int i = 1; i < images->model()->rowCount(); ++i)
            QVERIFY(images->samples().sample(i - 1).loss >= images->samples().sample(i).loss);
        QTest::mouseClick(button(*page_, "Show in Data"), Qt::LeftButton);
        const auto& [page, request] = home_.visits.back();
        QCOMPARE(page, PageId::Data);
        QCOMPARE(request.split, QString("test"));
        QCOMPARE(int64_t(request.samples.size()), matrix->count(cell));
        for (const int64_t index : request.samples) QCOMPARE(home_.data.data()->source.test->label(index), wrong->label);
        QVERIFY(request.text.startsWith("True "));
    }

    void theKeyboardDoesTheSame() {
        auto* matrix = page_->findChild<ConfusionMatrixView*>();
        matrix->setFocus();
        QTest::keyClick(matrix, Qt::Key_Home);
        for (int i = 0; i < 10; ++i) QTest::keyClick(matrix, Qt::Key_Up);
        QTest::keyClick(matrix, Qt::Key_Return);
        QCOMPARE(matrix->chosen(), (ConfusionMatrixView::Cell{0, 0}));
        // Tab reaches every control that is there.
        std::vector<QWidget*> reached;
        for (int i = 0; i < 40; ++i) {
            QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : page_.get(), Qt::Key_Tab);
            reached.push_back(QApplication::focusWidget());
        }
        for (QPushButton* b : page_->findChildren<QPushButton*>())
            if (b->isVisible() && b->isEnabled()) QVERIFY2(std::count(reached.begin(), reached.end(), b) > 0, qPrintable(b->text()));
        QVERIFY(std::count(reached.begin(), reached.end(), matrix) > 0);
    }

    void classesListTheirMistakes() {
        for (Segmented* segmented : page_->findChildren<Segmented*>())
            if (segmented->accessibleName() == "View") QTest::mouseClick(segmented->buttonAt(1), Qt::LeftButton);
        auto* table = page_->findChild<ClassMetricsTable*>();
        QVERIFY(table->isVisible());
        table->setFocus();
        table->setCurrentIndex(table->model()->index(3, 0));
        const int chosen = table->classAt(3);
        int64_t wrong = 0;
        for (const SamplePrediction& sample : home_.evaluations.newest("test")->evaluation.samples)
            wrong += sample.label == chosen && !sample.correct();
        int64_t shown = 0;
        for (SampleGallery* gallery : page_->findChildren<SampleGallery*>())
            if (gallery->isVisible()) shown = gallery->model()->rowCount();
        QCOMPARE(shown, wrong);
    }

    void topLossesComeLargestFirst() {
        for (Segmented* segmented : page_->findChildren<Segmented*>())
            if (segmented->accessibleName() == "View") QTest::mouseClick(segmented->buttonAt(2), Qt::LeftButton);
        for (SampleGallery* gallery : page_->findChildren<SampleGallery*>())
            if (gallery->isVisible()) {
                QVERIFY(gallery->model()->rowCount() > 1);
                QVERIFY(gallery->samples().sample(0).loss >= gallery->samples().sample(1).loss);
                QTRY_VERIFY(gallery->model()->index(0, 0).data(SampleGalleryModel::PictureRole).isValid());
            }
        for (Segmented* segmented : page_->findChildren<Segmented*>())
            if (segmented->accessibleName() == "View") QTest::mouseClick(segmented->buttonAt(0), Qt::LeftButton);
    }

    void theProjectsEditsAreObeyed() {
        const DataSource& source = home_.data.data()->source;
        const int64_t other = (source.test->label(2) + 1) % 10;
        EditList edits;
        SampleEdit exclude, relabel;
        exclude.exclude = true;
        relabel.label = source.classes[size_t(other)];
        edits.set(sampleKey(source, "test", 0), exclude);
        edits.set(sampleKey(source, "test", 2), relabel);
        home_.document.edit("Edit", Section::Edits, [&](Project& project) { project.edits = edits.toJson(); });
        QVERIFY(page_->footer().contains("measured before the last changes"));
        const auto before = home_.evaluations.newest("test");
        page_->evaluate();
        QTRY_VERIFY_WITH_TIMEOUT(home_.evaluations.newest("test") != before, 20000);
        const auto after = home_.evaluations.newest("test");
        QCOMPARE(after->evaluation.count, source.test->size() - 1);
        QVERIFY(!page_->footer().contains("measured before"));
        for (const SamplePrediction& sample : after->evaluation.samples) {
            QVERIFY(sample.index != 0);
            QCOMPARE(sample.label, sample.index == 2 ? other : source.test->label(sample.index));
        }
        QVERIFY(page_->command().contains("--edits"));
        home_.document.undoStack().undo();
        QVERIFY(!page_->command().contains("--edits"));
    }

    void theCommandMeasuresTheSame() {
        home_.actions["evaluate.copy_command"]->trigger();
        const QString line = QGuiApplication::clipboard()->text();
        QCOMPARE(line, QString("strata evaluate --run %1 --data shapes:200 --split test").arg(run_));
    }

    void theMatrixIsSavedAsCsv() {
        const auto result = home_.evaluations.newest("test");
        const QStringList lines = QString::fromStdString(EvaluatePage::matrixCsv(*result)).split("\r\n", Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 11);
        int64_t sum = 0;
        for (qsizetype i = 1; i < lines.size(); ++i)
            for (const QString& field : lines[i].split(',').mid(1)) sum += field.toLongLong();
        QCOMPARE(sum, result->evaluation.count);
    }

    void validationIsMeasuredOnItsOwn() {
        for (Segmented* segmented : page_->findChildren<Segmented*>())
            if (segmented->accessibleName() == "Images to measure on") QTest::mouseClick(segmented->buttonAt(1), Qt::LeftButton);
        QVERIFY(!page_->findChild<ConfusionMatrixView*>()->isVisible());
        page_->evaluate();
        QTRY_VERIFY_WITH_TIMEOUT(home_.evaluations.newest("validation") != nullptr, 20000);
        QCOMPARE(home_.evaluations.newest("validation")->evaluation.count, home_.data.data()->source.validation->size());
    }

    void otherDataForgetTheResults() {
        home_.openData("shapes:120");
        QVERIFY(!home_.evaluations.newest("test"));
    }

    void everyControlHasAName() {
        for (QWidget* widget : page_->findChildren<QWidget*>())
            if (widget->focusPolicy() & Qt::TabFocus && widget->isVisible())
                QVERIFY2(!widget->accessibleName().isEmpty(), widget->metaObject()->className());
    }
};

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    int failed = 0;
    {
        TstEvaluatePage empty;
        failed += QTest::qExec(&empty, argc, argv);
    }
    TstEvaluateStory story;
    failed += QTest::qExec(&story, argc, argv);
    return failed;
}
#include "tst_evaluate_page.moc"
