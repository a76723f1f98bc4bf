// SPDX-License-Identifier: Apache-2.0
// What the Linux desktop reads (packaging/linux), each judged by its own checker.
#include "tests/support/program.h"

#include <QDir>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

using namespace strata::test;

namespace {

const QString kFolder = STRATA_SOURCE_DIR "/packaging/linux/";
const QString kId = "org.strata.Studio";
const QString kMimeType = "application/x-strata-project";

/// "" when the checker is content, else what it says; "-" where it is not installed.
QString verdict(const QString& program, const QStringList& arguments) {
    const QString path = QStandardPaths::findExecutable(program);
    if (path.isEmpty()) return "-";
    const ProgramResult result = runProgram(path, arguments);
    return result.exitCode == 0 ? QString() : QString::fromUtf8(result.out + result.err) + " (exit code not 0)";
}

QString text(const QString& name) { return QString::fromUtf8(readBytes(kFolder + name)); }

} // namespace

class TstLinuxFiles : public QObject {
    Q_OBJECT
private slots:
    void eachFilePassesItsChecker_data();
    void eachFilePassesItsChecker();
    void theCheckersCanFail_data();
    void theCheckersCanFail();
    void theMimeTypeKnowsTheEnding();
    void theFilesAgreeWithEachOther();
    void theIconsAreWhereTheyAreNamed();

private:
    void check(const QString& program, const QStringList& arguments, const QString& file, bool passes);
};

void TstLinuxFiles::check(const QString& program, const QStringList& arguments, const QString& file, bool passes) {
    const QString said = verdict(program, arguments + QStringList{file});
    if (said == "-") QSKIP(qPrintable(program + " is not installed (packaging/dependencies installs it)"));
    QVERIFY2(said.isEmpty() == passes, qPrintable(file + ": " + said));
}

void TstLinuxFiles::eachFilePassesItsChecker_data() {
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("file");
    QTest::newRow("desktop entry") << "desktop-file-validate" << QStringList{} << kId + ".desktop";
    QTest::newRow("metainfo") << "appstreamcli" << QStringList{"validate", "--no-net"} << kId + ".metainfo.xml";
    for (const char* file : {"org.strata.Studio.metainfo.xml", "org.strata.Studio.mime.xml", "icons/org.strata.Studio.svg",
                             "icons/application-x-strata-project.svg"})
        QTest::newRow(file) << "xmllint" << QStringList{"--noout", "--nonet"} << file;
}

void TstLinuxFiles::eachFilePassesItsChecker() {
    QFETCH(QString, program);
    QFETCH(QStringList, arguments);
    QFETCH(QString, file);
    check(program, arguments, kFolder + file, true);
}

void TstLinuxFiles::theCheckersCanFail_data() {
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::newRow("desktop entry") << "desktop-file-validate" << QStringList{} << kId + ".desktop"
                                   << "Categories=Science"
                                   << "Categories=Nothing";
    QTest::newRow("metainfo") << "appstreamcli" << QStringList{"validate", "--no-net"} << kId + ".metainfo.xml"
                              << "CC0-1.0"
                              << "mine";
    QTest::newRow("xml") << "xmllint" << QStringList{"--noout"} << kId + ".mime.xml"
                         << "</mime-info>"
                         << "";
}

void TstLinuxFiles::theCheckersCanFail() {
    QFETCH(QString, program);
    QFETCH(QStringList, arguments);
    QFETCH(QString, file);
    QFETCH(QString, from);
    QFETCH(QString, to);
    const QTemporaryDir folder;
    QVERIFY(text(file).contains(from));
    writeBytes(folder.filePath(file), text(file).replace(from, to).toUtf8());
    check(program, arguments, folder.filePath(file), false);
}

void TstLinuxFiles::theMimeTypeKnowsTheEnding() {
    const QTemporaryDir folder;
    QVERIFY(QDir(folder.path()).mkpath("mime/packages"));
    QVERIFY(QFile::copy(kFolder + kId + ".mime.xml", folder.filePath("mime/packages/" + kId + ".xml")));
    const QString said = verdict("update-mime-database", {folder.filePath("mime")});
    if (said == "-") QSKIP("update-mime-database is not installed (packaging/dependencies installs it)");
    QCOMPARE(said, QString());
    QVERIFY(readBytes(folder.filePath("mime/globs2")).contains(":" + kMimeType.toUtf8() + ":*.strata\n"));
    QVERIFY(QFile::exists(folder.filePath("mime/application/x-strata-project.xml")));
}

void TstLinuxFiles::theFilesAgreeWithEachOther() {
    const QString entry = text(kId + ".desktop"), info = text(kId + ".metainfo.xml"), mime = text(kId + ".mime.xml");
    QVERIFY(entry.contains("\nMimeType=" + kMimeType + ";\n"));
    QVERIFY(entry.contains("\nIcon=" + kId + "\n"));
    QVERIFY(info.contains("<id>" + kId + "</id>"));
    QVERIFY(info.contains("<launchable type=\"desktop-id\">" + kId + ".desktop</launchable>"));
    QVERIFY(info.contains("<mediatype>" + kMimeType + "</mediatype>"));
    QVERIFY(mime.contains("<mime-type type=\"" + kMimeType + "\">"));
    static const QRegularExpression comment("\nComment=(.*)\n"), summary("<summary>(.*)</summary>");
    QCOMPARE(summary.match(info).captured(1), comment.match(entry).captured(1));
    QVERIFY2(info.contains("<release version=\"" STRATA_VERSION "\""), "the metainfo does not name this version");
}

void TstLinuxFiles::theIconsAreWhereTheyAreNamed() {
    for (const QString& icon : {kId, QString("application-x-strata-project")}) {
        const QString svg = text("icons/" + icon + ".svg");
        QVERIFY2(svg.contains("width=\"128\" height=\"128\" viewBox=\"0 0 128 128\""), qPrintable(icon));
        QVERIFY2(!svg.contains("<image") && !svg.contains("http://www.w3.org/1999/xlink"), qPrintable(icon + " is not drawn but borrowed"));
    }
    QVERIFY(text(kId + ".mime.xml").contains("<icon name=\"application-x-strata-project\"/>"));
}

QTEST_GUILESS_MAIN(TstLinuxFiles)
#include "tst_linux_files.moc"
