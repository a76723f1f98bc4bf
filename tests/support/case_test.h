// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tests/support/gradcheck.h"
#include "tests/support/sentence.h"

#include <QtTest>

#include <set>

namespace strata::test {

/// Fills a Qt Test data table with the rows of a case table that `wanted` admits.
template <class Wanted> void addRows(const std::vector<OpCase>& table, Wanted&& wanted) {
    QTest::addColumn<int>("at");
    for (size_t i = 0; i < table.size(); ++i)
        if (wanted(table[i])) QTest::newRow(table[i].name.c_str()) << int(i);
}
inline void addRows(const std::vector<OpCase>& table) {
    addRows(table, [](const OpCase&) { return true; });
}

/// The row of the table that this data row stands for.
inline const OpCase& currentCase(const std::vector<OpCase>& table) {
    QFETCH(int, at);
    return table[size_t(at)];
}

/// Fails the test with the sentence unless it is empty.
#define STRATA_VERIFY(expression)                                                                                                          \
    do {                                                                                                                                   \
        std::string problem_;                                                                                                              \
        try {                                                                                                                              \
            problem_ = (expression);                                                                                                       \
        } catch (const strata::Error& error) { problem_ = std::string("threw: ") + error.what(); }                                         \
        QVERIFY2(problem_.empty(), problem_.c_str());                                                                                      \
    } while (false)

/// Compares the sentence of an error exactly.
#define STRATA_FAILS(expression, sentence)                                                                                                 \
    QCOMPARE(QString::fromStdString(strata::test::sentenceOf([&] { (void)(expression); })), QString::fromUtf8(sentence))

} // namespace strata::test
