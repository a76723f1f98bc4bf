// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/error.h"

#include <QByteArray>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <concepts>
#include <span>
#include <string>

namespace strata::test {

/// The sentence of the Error that `body` throws, or "" when it throws none. Other exceptions pass.
template <std::invocable Body> QString sentenceOf(Body&& body) {
    try {
        body();
    } catch (const Error& error) { return QString::fromUtf8(error.what()); }
    return {};
}

inline std::span<const std::byte> bytesOf(const QByteArray& bytes) {
    return {reinterpret_cast<const std::byte*>(bytes.constData()), size_t(bytes.size())};
}
inline std::span<const std::byte> bytesOf(const std::string& bytes) {
    return {reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
}

/// Whether Debian's python3 can import these modules (the independent judge of our formats).
bool pythonHas(const QStringList& modules);
/// Runs a script there; its standard output, or "FAILED: ..." with what it wrote to standard error.
QByteArray runPython(const QString& script, const QStringList& arguments = {});

/// Makes a German locale (decimal comma) and switches the process to it while the object lives.
class GermanLocale {
public:
    GermanLocale();
    ~GermanLocale();
    GermanLocale(const GermanLocale&) = delete;
    GermanLocale& operator=(const GermanLocale&) = delete;
    bool works() const { return works_; } ///< false where localedef or its sources are missing

private:
    QTemporaryDir folder_;
    bool works_ = false;
};

} // namespace strata::test
