// SPDX-License-Identifier: Apache-2.0
// Reads the sources of the project and fails on what the architecture forbids.
#include <QtTest>

#include <QDir>
#include <QDirIterator>
#include <QProcess>
#include <QRegularExpression>

namespace {

struct SourceFile {
    QString path; ///< from the root, "core/base/error.h"
    QStringList lines;
};

/// The folders of core/, each of which may include only itself and those before it.
const QStringList kCoreOrder{"base", "tensor", "backend", "cpu",   "autograd", "ops",     "files",
                             "data", "layers", "model",   "train", "evaluate", "predict", "formats"};

QVector<SourceFile> readTree(const QStringList& tops, const QStringList& patterns) {
    QVector<SourceFile> files;
    const QDir root(STRATA_SOURCE_DIR);
    for (const QString& top : tops) {
        QDirIterator it(root.filePath(top), patterns, QDir::Files, QDirIterator::Subdirectories);
        while (it.hasNext()) {
            QFile file(it.next());
            if (!file.open(QIODevice::ReadOnly)) qFatal("cannot read %s", qPrintable(file.fileName()));
            files.append({root.relativeFilePath(file.fileName()), QString::fromUtf8(file.readAll()).split('\n')});
        }
    }
    std::sort(files.begin(), files.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return files;
}

QVector<SourceFile> code() { return readTree({"core", "gpu", "widgets", "app", "tests"}, {"*.h", "*.cpp", "*.cu", "*.cuh"}); }

QString included(const QString& line) {
    static const QRegularExpression form("^\\s*#\\s*include\\s*[<\\x22]([^>\\x22]+)[>\\x22]");
    return form.match(line).captured(1);
}

/// "" when a file may include another, else why not.
QString includeProblem(const QString& from, const QString& to) {
    const QString top = from.section('/', 0, 0), folder = from.section('/', 1, 1);
    const QString toTop = to.section('/', 0, 0), toFolder = to.section('/', 1, 1);
    const bool qt = to.startsWith("Qt") || (to.startsWith('Q') && to.size() > 1 && to.at(1).isUpper());
    const bool cuda = to.startsWith("cuda") || to.startsWith("cudnn") || to.startsWith("cublas");
    if (top == "core") {
        if (qt || cuda) return "core is without Qt and CUDA";
        if (QStringList{"gpu", "widgets", "app", "tests"}.contains(toTop)) return "core stands below " + toTop;
        if (toTop != "core") return {};
        if (toFolder == "cpu" && folder != "cpu") return "core/cpu is seen by nobody else";
        if (kCoreOrder.indexOf(toFolder) > kCoreOrder.indexOf(folder)) return "core/" + toFolder + " stands above core/" + folder;
        return {};
    }
    if (top == "gpu" || from.startsWith("tests/support/mirror_device/")) {
        const bool device = toTop != "core" || QStringList{"base", "tensor", "backend"}.contains(toFolder);
        return device && !qt ? QString() : "a device sees core/base, core/tensor and core/backend only";
    }
    if (top == "widgets" && (toTop == "gpu" || toTop == "app")) return "widgets stand below " + toTop;
    if (top == "app" && toTop == "gpu") return "a device is reached through the registry only";
    if (from.startsWith("app/cli/") && qt) return "the command line is without Qt";
    return {};
}

} // namespace

class TstSourceRules : public QObject {
    Q_OBJECT
private slots:
    void everyFolderOfCoreIsInTheList();
    void includesFollowTheHouse();
    void theIncludeRuleCanFail_data();
    void theIncludeRuleCanFail();
    void everyFileNamesItsLicence();
    void forbiddenWordsAreNotUsed_data();
    void forbiddenWordsAreNotUsed();
    void everyFolderOfCoreHasAShortReadme();
    void sizesAreWithinTwiceTheUsual();
    void theReadmeNamesOnlyFilesThatExist();
};

void TstSourceRules::everyFolderOfCoreIsInTheList() {
    for (const QString& folder : QDir(STRATA_SOURCE_DIR "/core").entryList(QDir::Dirs | QDir::NoDotAndDotDot))
        QVERIFY2(kCoreOrder.contains(folder), qPrintable("core/" + folder + " has no place in the order"));
}

void TstSourceRules::includesFollowTheHouse() {
    QStringList problems;
    const QDir root(STRATA_SOURCE_DIR);
    const QVector<SourceFile> files = code();
    QVERIFY(files.size() > 100);
    for (const SourceFile& file : files)
        for (const QString& line : file.lines) {
            const QString to = included(line);
            if (to.isEmpty()) continue;
            const QString problem = includeProblem(file.path, to);
            if (!problem.isEmpty()) problems << file.path + " includes " + to + ": " + problem;
            const bool ours = QStringList{"core", "gpu", "widgets", "app"}.contains(to.section('/', 0, 0));
            if (ours && to.contains('/') && !root.exists(to)) problems << file.path + " includes " + to + ", which is not there";
        }
    QVERIFY2(problems.isEmpty(), qPrintable(problems.join('\n')));
}

void TstSourceRules::theIncludeRuleCanFail_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<bool>("allowed");
    QTest::newRow("upwards in core") << "core/base/error.h"
                                     << "core/tensor/tensor.h" << false;
    QTest::newRow("downwards in core") << "core/train/trainer.h"
                                       << "core/model/network.h" << true;
    QTest::newRow("the CPU's own files") << "core/ops/conv.cpp"
                                         << "core/cpu/kernels.h" << false;
    QTest::newRow("Qt in core") << "core/base/text.cpp"
                                << "QString" << false;
    QTest::newRow("standard header") << "core/base/text.cpp"
                                     << "string" << true;
    QTest::newRow("a device sees ops") << "gpu/runtime/device.cpp"
                                       << "core/ops/ops.h" << false;
    QTest::newRow("app sees gpu") << "app/cli/devices.cpp"
                                  << "gpu/runtime/device.h" << false;
    QTest::newRow("Qt in the command line") << "app/cli/main.cpp"
                                            << "QCoreApplication" << false;
}

void TstSourceRules::theIncludeRuleCanFail() {
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(bool, allowed);
    QCOMPARE(includeProblem(from, to).isEmpty(), allowed);
}

void TstSourceRules::everyFileNamesItsLicence() {
    QStringList problems;
    QVector<SourceFile> files = code();
    files += readTree({"core", "app", "tests", "packaging", "gpu", "widgets"}, {"CMakeLists.txt", "*.cmake", "*.py", "*.sh"});
    files += readTree({"packaging"}, {"build", "run", "test", "dependencies"});
    for (const SourceFile& file : files) {
        static const QRegularExpression window("^(widgets|app/studio|app/document|app/run|tests/widgets|tests/studio)/|/tst_window_rules");
        const bool gpl = window.match(file.path).hasMatch(); // what links QCustomPlot, and its tests
        const QString licence = gpl ? "GPL-3.0-or-later" : "Apache-2.0";
        const bool script = !file.lines.isEmpty() && file.lines.first().startsWith("#!");
        const QString line = file.lines.value(script ? 1 : 0);
        if (!line.endsWith("SPDX-License-Identifier: " + licence))
            problems << file.path + " does not begin with its SPDX line (" + licence + ")";
    }
    for (const char* text : {"Apache-2.0.txt", "GPL-3.0-or-later.txt"})
        if (!QFile::exists(QString(STRATA_SOURCE_DIR "/packaging/licenses/") + text))
            problems << QString(text) + " is missing in packaging/licenses";
    QVERIFY2(problems.isEmpty(), qPrintable(problems.join('\n')));
}

void TstSourceRules::forbiddenWordsAreNotUsed_data() {
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("where");  ///< tops, comma-separated
    QTest::addColumn<QString>("except"); ///< files
    QTest::addColumn<QString>("reason");
    const QString product = "core,gpu,widgets,app", all = product + ",tests";
    const QString todo = QString("TO") + "DO", fixme = QString("FIX") + "ME";
    QTest::newRow("left for later") << "\\b(" + todo + "|" + fixme + "|XXX|HACK)\\b" << all << ""
                                    << "finish it, or write an issue";
    QTest::newRow("QSaveFile") << QString("QSave") + "File" << all << ""
                               << "it destroys files on a full disk in Qt 6.4: use AtomicFile";
    QTest::newRow("streams that write") << "std::ofstream|\\bfopen\\s*\\(|QIODevice::WriteOnly" << product << ""
                                        << "use AtomicFile or AppendLog";
    QTest::newRow("swallowed errors") << "catch\\s*\\(\\s*\\.\\.\\.\\s*\\)\\s*\\{\\s*\\}" << all << ""
                                      << "say what went wrong";
    QTest::newRow("numbers by locale") << "\\b(std::sto[dfil]|strto[dfl]d?|atof|atoi|sscanf|std::setlocale)\\b" << product << ""
                                       << "use parseInteger and parseReal";
    QTest::newRow("system()") << "\\b(std::system|popen)\\s*\\(|[^:.>\\w]system\\s*\\(" << product << ""
                              << "start programs with their arguments, without a shell";
}

void TstSourceRules::forbiddenWordsAreNotUsed() {
    QFETCH(QString, pattern);
    QFETCH(QString, where);
    QFETCH(QString, except);
    QFETCH(QString, reason);
    const QRegularExpression form(pattern);
    QVERIFY(form.isValid());
    QStringList problems;
    for (const SourceFile& file : code()) {
        if (!where.split(',').contains(file.path.section('/', 0, 0)) || except.split(',').contains(file.path)) continue;
        if (file.path == "tests/checks/tst_source_rules.cpp") continue;
        for (int i = 0; i < file.lines.size(); ++i)
            if (form.match(file.lines[i]).hasMatch())
                problems << QString("%1:%2: %3 (%4)").arg(file.path).arg(i + 1).arg(file.lines[i].trimmed(), reason);
    }
    QVERIFY2(problems.isEmpty(), qPrintable(problems.join('\n')));
}

void TstSourceRules::everyFolderOfCoreHasAShortReadme() {
    for (const QString& folder : kCoreOrder) {
        QFile file(STRATA_SOURCE_DIR "/core/" + folder + "/README.md");
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.fileName() + " is missing"));
        const auto lines = QString::fromUtf8(file.readAll()).split('\n').size() - 1;
        QVERIFY2(lines <= 20, qPrintable(QString("%1 has %2 lines, at most 20 are read").arg(file.fileName()).arg(lines)));
    }
}

void TstSourceRules::sizesAreWithinTwiceTheUsual() {
    QStringList problems;
    for (const SourceFile& file : code()) {
        const auto lines = file.lines.size();
        const int limit = file.path.endsWith(".h") ? 240 : 700;
        if (lines > limit) problems << QString("%1 has %2 lines (limit %3): split it by meaning").arg(file.path).arg(lines).arg(limit);
        if (file.path.startsWith("tests/")) continue;
        // A function ends at the first brace in column 0 after the line that opens it.
        int begin = -1;
        for (int i = 0; i < lines; ++i) {
            const QString& line = file.lines[i];
            if (begin < 0 && line.endsWith('{') && !line.isEmpty() && !line.at(0).isSpace() && line.contains('(') &&
                !line.startsWith("namespace"))
                begin = i;
            if (begin >= 0 && line.startsWith('}')) {
                if (i - begin > 120)
                    problems << QString("%1:%2: a function of %3 lines (limit 120): split it by meaning")
                                    .arg(file.path)
                                    .arg(begin + 1)
                                    .arg(i - begin);
                begin = -1;
            }
        }
    }
    QVERIFY2(problems.isEmpty(), qPrintable(problems.join('\n')));
}

void TstSourceRules::theReadmeNamesOnlyFilesThatExist() {
    QFile file(STRATA_SOURCE_DIR "/README.md");
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(file.readAll());
    QStringList problems;
    static const QRegularExpression form("`((?:core|app|tests|packaging|resources)/[\\w./-]*)`");
    auto matches = form.globalMatch(text);
    int found = 0;
    while (matches.hasNext()) {
        const QString path = matches.next().captured(1);
        ++found;
        if (!QFileInfo::exists(QString(STRATA_SOURCE_DIR "/") + path)) problems << path;
    }
    QVERIFY(found > 10);
    QVERIFY2(problems.isEmpty(), qPrintable("README.md names what is not there: " + problems.join(", ")));
}

QTEST_GUILESS_MAIN(TstSourceRules)
#include "tst_source_rules.moc"
