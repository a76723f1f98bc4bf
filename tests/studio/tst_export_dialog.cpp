// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/export_dialog.h"
#include "core/formats/formats.h"
#include "tests/studio/page_support.h"
#include "tests/support/fault_fs.h"

#include <QClipboard>
#include <QDir>
#include <QFileInfo>
#include <QLineEdit>
#include <QPushButton>
#include <QRadioButton>

using namespace strata;
using namespace strata::studio;

class TstExportDialog : public QObject {
    Q_OBJECT
    PageHome home_;
    QString run_;
    std::unique_ptr<ExportDialog> dialog_;

    QPushButton* button(const QString& text) {
        for (QPushButton* b : dialog_->findChildren<QPushButton*>())
            if (b->text() == text && b->isVisible()) return b;
        return nullptr;
    }
    CheckRow& row(int index) { return *dialog_->findChildren<CheckRow*>()[index]; }

private slots:
    void initTestCase() {
        applyTheme(*qApp, ThemeMode::Light);
        run_ = home_.addRun();
        QVERIFY(home_.waitForChoices(2));
        home_.openData("shapes:200");
    }
    void init() {
        dialog_ = std::make_unique<ExportDialog>(*home_.context, run_ + "#best");
        dialog_->show();
        QVERIFY(QTest::qWaitForWindowExposed(dialog_.get()));
    }
    void cleanup() { dialog_.reset(); }

    void everyFormatIsWrittenReadBackAndCompared_data() {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("file");
        QTest::addRow("safetensors") << "safetensors"
                                     << "net.safetensors";
        QTest::addRow("keras") << "keras"
                               << "net.h5";
        QTest::addRow("npz") << "npz"
                             << "net.npz";
    }
    void everyFormatIsWrittenReadBackAndCompared() {
        QFETCH(QString, format);
        QFETCH(QString, file);
        dialog_->setFormat(format);
        QCOMPARE(dialog_->format(), format);
        auto* path = dialog_->findChild<QLineEdit*>();
        path->setFocus();
        path->selectAll();
        QTest::keyClicks(path, home_.file(file));
        QSignalSpy exported(dialog_.get(), &ExportDialog::exported);
        QTest::mouseClick(button("Export"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(exported.size(), 1, 15000);
        QCOMPARE(exported[0][0].toBool(), true);
        for (int i = 0; i < 3; ++i) QCOMPARE(row(i).state(), CheckRow::State::Done);
        const int64_t images = home_.data.data()->source.test->size();
        const int64_t compared = std::min<int64_t>(100, images);
        QVERIFY2(row(2).detail().contains(QString("same top-1 on %1 of %1.").arg(compared)), qPrintable(row(2).detail()));
        QVERIFY(row(2).detail().startsWith("Largest difference "));
        QVERIFY(row(2).detail().contains("test images"));
        QTest::mouseClick(button("Copy command"), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), QString("strata export --run %1 --to %2").arg(run_, home_.file(file)));

        // Read by somebody else: the same numbers as the run's own checkpoint.
        const ModelFile model = RunFolder::open(run_.toStdString()).model();
        const ModelFile back = formatFor(home_.file(file).toStdString()).read(home_.file(file).toStdString());
        QCOMPARE(back.classes, model.classes);
        QVERIFY(back.spec.toJson() == model.spec.toJson());
        QVERIFY(back.pipeline.toJson() == model.pipeline.toJson());
        std::map<std::string, std::vector<float>> values;
        for (const NamedTensor& weight : back.state) values[weight.name] = weight.tensor.to(DType::F32).toVector<float>();
        QCOMPARE(values.size(), model.state.size());
        for (const NamedTensor& weight : model.state)
            QVERIFY2(values[weight.name] == weight.tensor.to(DType::F32).toVector<float>(), weight.name.c_str());
    }

    void sourceCodeHasNothingToCompare() {
        dialog_->setFormat("pytorch_source");
        dialog_->setPath(home_.file("net.py"));
        QSignalSpy exported(dialog_.get(), &ExportDialog::exported);
        QTest::mouseClick(button("Export"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(exported.size(), 1, 15000);
        QCOMPARE(row(0).state(), CheckRow::State::Done);
        QCOMPARE(row(1).state(), CheckRow::State::Done);
        QCOMPARE(row(2).state(), CheckRow::State::Skipped);
    }

    void includesDimsWhatAFormatCannotCarry() {
        QWidget* weights = nullptr;
        for (QWidget* widget : dialog_->findChildren<QWidget*>())
            if (widget->accessibleName() == "weights") weights = widget;
        QVERIFY(weights && weights->isEnabled());
        dialog_->setFormat("pytorch_source");
        QVERIFY(!weights->isEnabled());
        QVERIFY(dialog_->path().endsWith(".py"));
        dialog_->setFormat("npz");
        QVERIFY(weights->isEnabled());
        QVERIFY(dialog_->path().endsWith(".npz"));
    }

    void aMissingFolderIsSaidBeforeTheExport() {
        dialog_->setPath("/nowhere/at/all/net.safetensors");
        QVERIFY(!button("Export")->isEnabled());
        dialog_->setPath(home_.file("net2.safetensors"));
        QVERIFY(button("Export")->isEnabled());
    }

    void aFullDiskIsARowWithTheSentence() {
        test::FaultFs faults(fs());
        dialog_->setPath(home_.file("full.safetensors"));
        QSignalSpy exported(dialog_.get(), &ExportDialog::exported);
        {
            faults.fullAfter(1000);
            const FsOverride override(faults);
            QTest::mouseClick(button("Export"), Qt::LeftButton);
            QTRY_COMPARE_WITH_TIMEOUT(exported.size(), 1, 15000);
        }
        QCOMPARE(exported[0][0].toBool(), false);
        QCOMPARE(row(0).state(), CheckRow::State::Failed);
        QVERIFY2(row(0).detail().contains("No space left"), qPrintable(row(0).detail()));
        QVERIFY(!QFileInfo::exists(home_.file("full.safetensors")));
        QVERIFY(!button("Show in folder"));
        QTest::mouseClick(button("Back"), Qt::LeftButton);
        QVERIFY(button("Export"));
    }

    void everyControlHasANameAndIsReached() {
        std::vector<QWidget*> reached;
        dialog_->activateWindow();
        for (int i = 0; i < 30; ++i) {
            QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : dialog_.get(), Qt::Key_Tab);
            reached.push_back(QApplication::focusWidget());
        }
        for (QWidget* widget : dialog_->findChildren<QWidget*>()) {
            if (!(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisible() || !widget->isEnabled()) continue;
            QVERIFY2(!widget->accessibleName().isEmpty() || qobject_cast<QAbstractButton*>(widget), widget->metaObject()->className());
            auto* radio = qobject_cast<QRadioButton*>(widget);
            if (radio && !radio->isChecked()) continue; // the arrows reach these
            QVERIFY2(std::count(reached.begin(), reached.end(), widget) > 0, widget->metaObject()->className());
        }
    }
};

QTEST_MAIN(TstExportDialog)
#include "tst_export_dialog.moc"
