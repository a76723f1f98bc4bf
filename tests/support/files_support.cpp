// SPDX-License-Identifier: Apache-2.0
#include "tests/support/files_support.h"

#include <QProcess>

#include <clocale>

namespace strata::test {

bool pythonHas(const QStringList& modules) {
    QProcess process;
    process.start("/usr/bin/python3", {"-c", "import " + modules.join(", ")});
    return process.waitForFinished(30000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
}

QByteArray runPython(const QString& script, const QStringList& arguments) {
    QProcess process;
    process.start("/usr/bin/python3", QStringList{"-c", script} + arguments);
    if (!process.waitForFinished(60000) || process.exitStatus() != QProcess::NormalExit || process.exitCode() != 0)
        return "FAILED: " + process.readAllStandardError();
    return process.readAllStandardOutput();
}

GermanLocale::GermanLocale() {
    if (QProcess::execute("localedef", {"-f", "UTF-8", "-i", "de_DE", folder_.filePath("de_DE.UTF-8")}) != 0) return;
    qputenv("LOCPATH", folder_.path().toUtf8());
    works_ = std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr && std::localeconv()->decimal_point[0] == ',';
}

GermanLocale::~GermanLocale() {
    std::setlocale(LC_ALL, "C");
    qunsetenv("LOCPATH");
}

} // namespace strata::test
