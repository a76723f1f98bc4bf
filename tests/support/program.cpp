// SPDX-License-Identifier: Apache-2.0
#include "tests/support/program.h"

#include "core/base/philox.h"

#include <QFile>
#include <QJsonDocument>
#include <QProcess>

#include <signal.h>
#include <sys/resource.h>

namespace strata::test {
namespace {

QJsonObject parsed(const QByteArray& text) { return QJsonDocument::fromJson(text).object(); }

void setUp(QProcess& process, const ProgramOptions& options) {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("OMP_WAIT_POLICY", "passive");
    for (const auto& [name, value] : options.environment) environment.insert(name, value);
    process.setProcessEnvironment(environment);
    if (!options.workingFolder.isEmpty()) process.setWorkingDirectory(options.workingFolder);
    if (!options.outputFile.isEmpty()) process.setStandardOutputFile(options.outputFile, QIODevice::Append);
    if (options.fileSizeLimit > 0)
        process.setChildProcessModifier([limit = options.fileSizeLimit] {
            const rlimit both{limit, limit};
            setrlimit(RLIMIT_FSIZE, &both);
        });
}

} // namespace

QJsonObject ProgramResult::json() const { return parsed(out); }
QJsonObject ProgramResult::errorJson() const { return parsed(err)["error"].toObject(); }

QString strataProgram() { return STRATA_BINARY_DIR "/bin/strata"; }

ProgramResult runProgram(const QString& program, const QStringList& arguments, const ProgramOptions& options) {
    QProcess process;
    setUp(process, options);
    process.start(program, arguments);
    process.write(options.input);
    process.closeWriteChannel();
    ProgramResult result;
    if (!process.waitForFinished(options.timeoutSeconds * 1000)) {
        result.timedOut = true;
        process.kill();
        process.waitForFinished();
    }
    result.crashed = process.exitStatus() == QProcess::CrashExit;
    result.exitCode = process.exitCode();
    if (options.outputFile.isEmpty()) result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
}

ProgramResult runStrata(const QStringList& arguments, const ProgramOptions& options) {
    return runProgram(strataProgram(), arguments, options);
}

void writeBytes(const QString& path, const QByteArray& bytes) {
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size()) qFatal("cannot write %s", qPrintable(path));
}

QByteArray readBytes(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) qFatal("cannot read %s", qPrintable(path));
    return file.readAll();
}

void writeCifarStandIn(const QString& folder, int perFile) {
    constexpr int side = 32, area = side * side;
    const char* names[] = {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"};
    for (uint64_t f = 0; f < 6; ++f) {
        QByteArray records;
        for (int i = 0; i < perFile; ++i) {
            const int label = i % 10;
            Philox noise(7, Purpose::Test, uint32_t(f), uint64_t(i));
            records.append(char(label));
            for (int c = 0; c < 3; ++c)
                for (int p = 0; p < area; ++p) {
                    const int base = 40 + 60 * ((label >> c) & 1) + 10 * label;
                    const int stripe = ((label & 1 ? p % side : p / side) / (2 + label / 2)) % 2 ? 40 : 0;
                    records.append(char(uint8_t(base + stripe + int(noise.below(40)))));
                }
        }
        writeBytes(folder + "/" + names[f] + ".bin", records);
    }
    writeBytes(folder + "/batches.meta.txt", "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
}

} // namespace strata::test
