// SPDX-License-Identifier: GPL-3.0-or-later
// The download inside the Data page, against a server on loopback.
#include "core/base/fs.h"
#include "core/data/dataset.h"
#include "tests/support/data_files.h"
#include "tests/support/http_server.h"
#include "widgets/common/theme.h"
#include "widgets/data/download_panel.h"

#include <QApplication>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

using namespace strata;
using namespace strata::test;

class TstDownloadPanel : public QObject {
    Q_OBJECT
    QTemporaryDir folder_;
    std::string body_, md5_;
    std::string file(const char* name) const { return folder_.filePath(name).toStdString(); }

private slots:
    void initTestCase() {
        applyTheme(*qApp, ThemeMode::Light);
        writeCifar10(file("stand-in"), 40);
        makeArchive(file("stand-in"), "cifar-10-batches-bin", file("c.tar.gz"));
        body_ = readTextFile(file("c.tar.gz"));
        md5_ = md5OfFile(file("c.tar.gz"));
    }

    void aDownloadEndsWithDataThatOpen() {
        HttpServer server({.body = body_});
        DownloadPanel panel;
        panel.setAddress(server.url(), md5_);
        QSignalSpy finished(&panel, &DownloadPanel::finished);
        panel.show();
        panel.start(folder_.filePath("whole"));
        QVERIFY(panel.running());
        QVERIFY(panel.stopButton()->isVisible());
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 20000);
        QCOMPARE(openSource("cifar10:" + finished[0][0].toString().toStdString()).test->size(), int64_t(40));
    }

    void aStoppedDownloadGoesOnFromWhereItWas() {
        HttpServer server({.body = body_, .bytesPerSecond = int64_t(body_.size()) / 4});
        DownloadPanel panel;
        panel.setAddress(server.url(), md5_);
        QSignalSpy finished(&panel, &DownloadPanel::finished);
        panel.show();
        panel.start(folder_.filePath("stopped"));
        QTRY_VERIFY_WITH_TIMEOUT(panel.text().contains(" of "), 10000); // bytes, rate and time left
        QVERIFY(panel.text().contains("/s"));
        QVERIFY(panel.text().contains("left"));
        QTest::mouseClick(panel.stopButton(), Qt::LeftButton);
        QVERIFY(!panel.running());
        QVERIFY(panel.text().contains("kept"));
        QVERIFY(panel.resumeButton()->isVisible());
        QCOMPARE(finished.count(), 0);
        QTest::mouseClick(panel.resumeButton(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 30000);
        QVERIFY2(server.bodyBytesSent() < int64_t(body_.size()) * 2, "what had arrived was not asked for again");
    }

    void aFailureIsToldAndCanBeTriedAgain() {
        HttpServer server({.body = body_});
        DownloadPanel panel;
        panel.setAddress(server.url(), "0123456789abcdef0123456789abcdef");
        panel.show();
        panel.start(folder_.filePath("wrong"));
        QTRY_VERIFY_WITH_TIMEOUT(panel.resumeButton()->isVisible(), 20000);
        QVERIFY2(panel.text().contains("checksum", Qt::CaseInsensitive) || panel.text().contains("MD5"), qPrintable(panel.text()));
        panel.setAddress(server.url(), md5_);
        QSignalSpy finished(&panel, &DownloadPanel::finished);
        QTest::mouseClick(panel.resumeButton(), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 20000);
    }
};

QTEST_MAIN(TstDownloadPanel)
#include "tst_download_panel.moc"
