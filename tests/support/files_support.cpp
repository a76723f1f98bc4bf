// SPDX-License-Identifier: Apache-2.0
#include "tests/support/files_support.h"

#include <QProcess>

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

} // namespace strata::test
