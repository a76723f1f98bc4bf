// SPDX-License-Identifier: GPL-3.0-or-later
// What the design forbids in the source of the windows (screens.md, section 4), and the icons they name.
#include <QtTest>

#include <QDir>
#include <QDirIterator>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <cmath>

namespace {

struct Line {
    QString path;
    int number;
    QString text;
};

QVector<Line> windowLines() {
    QVector<Line> lines;
    const QDir root(STRATA_SOURCE_DIR);
    for (const char* top : {"widgets", "app/studio", "app/document", "app/run"}) {
        QDirIterator it(root.filePath(top), {"*.h", "*.cpp"}, QDir::Files, QDirIterator::Subdirectories);
        while (it.hasNext()) {
            QFile file(it.next());
            if (!file.open(QIODevice::ReadOnly)) qFatal("cannot read %s", qPrintable(file.fileName()));
            const QStringList text = QString::fromUtf8(file.readAll()).split('\n');
            for (int i = 0; i < text.size(); ++i) lines.append({root.relativeFilePath(file.fileName()), i + 1, text[i]});
        }
    }
    return lines;
}

} // namespace

class TstWindowRules : public QObject {
    Q_OBJECT
    QVector<Line> lines_;

private slots:
    void initTestCase() {
        lines_ = windowLines();
        QVERIFY(lines_.size() > 2000);
    }

    void nothingForbiddenIsUsed_data() {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("except");
        const auto row = [](const char* name, const char* pattern, const char* except = "^$") {
            QTest::newRow(name) << QString(pattern) << QString(except);
        };
        row("frames", "\\bQGroupBox\\b|QFrame::(Box|Panel|StyledPanel|WinPanel)");
        row("message boxes", "\\bQMessageBox\\b", "app/studio/confirm\\.cpp");
        row("hex colours", "\"#[0-9a-fA-F]{6}\"|QColor\\(0x|QRgb\\(0x", "widgets/common/theme\\.cpp");
        row("named colours", "Qt::(red|green|blue|cyan|magenta|yellow|gray|darkRed|darkGreen|darkBlue|darkGray|lightGray|white|black)\\b");
        row("files that a full disk destroys", "\\bQSave"
                                               "File\\b|\\bQSettings\\b|std::ofstream|\\bfopen\\(");
        row("processing events by hand", "processEvents\\(");
    }
    void nothingForbiddenIsUsed() {
        QFETCH(QString, pattern);
        QFETCH(QString, except);
        const QRegularExpression form(pattern), allowed("^(" + except + ")$");
        QStringList found;
        for (const Line& line : lines_)
            if (!line.text.trimmed().startsWith("//") && form.match(line.text).hasMatch() && !allowed.match(line.path).hasMatch())
                found << QString("%1:%2: %3").arg(line.path).arg(line.number).arg(line.text.trimmed());
        QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
    }

    void everyNamedIconExists() {
        static const QRegularExpression form("\\b(?:icon|iconPixmap|makeIconButton|EmptyState)\\(\\s*\"([a-z0-9-]+)\"");
        QStringList missing;
        int named = 0;
        for (const Line& line : lines_) {
            auto matches = form.globalMatch(line.text);
            while (matches.hasNext()) {
                const QString name = matches.next().captured(1);
                ++named;
                if (!QFile::exists(QString(STRATA_SOURCE_DIR) + "/resources/icons/" + name + ".svg")) missing << line.path + ": " + name;
            }
        }
        QVERIFY(named > 20);
        QVERIFY2(missing.isEmpty(), qPrintable(missing.join('\n')));
    }

    void everyIconTakesItsColourFromTheTheme() {
        QDirIterator it(QString(STRATA_SOURCE_DIR) + "/resources/icons", {"*.svg"}, QDir::Files);
        while (it.hasNext()) {
            QFile file(it.next());
            if (QFileInfo(file.fileName()).baseName() == "app") continue; // the program's own icon is in colour
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QString text = QString::fromUtf8(file.readAll());
            QVERIFY2(text.contains("currentColor"), qPrintable(file.fileName()));
            QVERIFY2(!text.contains('#'), qPrintable(file.fileName()));
            QVERIFY2(text.contains("viewBox=\"0 0 20 20\""), qPrintable(file.fileName()));
        }
    }

    void bothThemesNameTheSameTokens() {
        QStringList keys[2];
        for (int i = 0; i < 2; ++i) {
            QFile file(QString(STRATA_SOURCE_DIR) + "/resources/themes/" + (i ? "dark" : "light") + ".json");
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QJsonObject json = QJsonDocument::fromJson(file.readAll()).object();
            keys[i] = json["colors"].toObject().keys();
            QCOMPARE(json["categorical"].toArray().size(), 8);
        }
        QCOMPARE(keys[0], keys[1]);
    }

    void textReadsOnEverySurface() {
        // WCAG 2.1 contrast; 4.5 for text, 3 for borders of fields.
        for (const char* name : {"light", "dark"}) {
            QFile file(QString(STRATA_SOURCE_DIR) + "/resources/themes/" + name + ".json");
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QJsonObject colors = QJsonDocument::fromJson(file.readAll()).object()["colors"].toObject();
            const auto luminance = [&](const QString& token) {
                const QString hex = colors[token].toString();
                const auto part = [&](int at) {
                    const double v = hex.mid(at, 2).toInt(nullptr, 16) / 255.0;
                    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
                };
                return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
            };
            const auto contrast = [&](const QString& a, const QString& b) {
                const double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
                return std::max(x, y) / std::min(x, y);
            };
            for (const char* surface : {"surface-0", "surface-1", "surface-2", "surface-3"})
                for (const char* text : {"text-1", "text-2", "text-3"})
                    QVERIFY2(contrast(text, surface) >= 4.5,
                             qPrintable(QString("%1: %2 on %3 is %4").arg(name, text, surface).arg(contrast(text, surface))));
            QVERIFY(contrast("text-1", "selection") >= 4.5);
            QVERIFY(contrast("on-accent", "accent") >= 4.5);
            for (const char* state : {"success", "warning", "error"}) QVERIFY(contrast(state, QString(state) + "-background") >= 4.5);
            QVERIFY(contrast("line-strong", "surface-2") >= 3);
        }
    }
};

QTEST_GUILESS_MAIN(TstWindowRules)
#include "tst_window_rules.moc"
