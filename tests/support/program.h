// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QByteArray>
#include <QJsonObject>
#include <QStringList>

#include <cstdint>
#include <map>

namespace strata::test {

/// How a program ended and what it said.
struct ProgramResult {
    int exitCode = -1;
    bool crashed = false;
    bool timedOut = false;
    QByteArray out, err;
    /// Standard output (or `text`) as one JSON object; fails the test's comparison as an empty one when it is none.
    QJsonObject json() const;
    QJsonObject errorJson() const;
};

struct ProgramOptions {
    std::map<QString, QString> environment = {};
    QString workingFolder = {};
    QByteArray input = {};
    uint64_t fileSizeLimit = 0; ///< RLIMIT_FSIZE, bytes; 0: none
    QString outputFile = {};    ///< standard output goes there instead
    int timeoutSeconds = 120;
};

/// build/<preset>/bin/strata
QString strataProgram();
ProgramResult runProgram(const QString& program, const QStringList& arguments, const ProgramOptions& options = {});
ProgramResult runStrata(const QStringList& arguments, const ProgramOptions& options = {});

/// CIFAR-10 in its binary layout with `perFile` pictures a file (five for training, one for testing), into an existing folder:
/// each class has a colour and a stripe pattern of its own under noise, so that a network can learn it.
void writeCifarStandIn(const QString& folder, int perFile);
/// A file with these bytes; fails the program when it cannot be written.
void writeBytes(const QString& path, const QByteArray& bytes);
QByteArray readBytes(const QString& path);

} // namespace strata::test
