// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTranslator>

namespace strata::studio {

/// A locale of our own for tests and screenshots: every text 40 % longer, as German is, so that what is cut off shows.
class PseudoTranslator : public QTranslator {
public:
    using QTranslator::QTranslator;
    bool isEmpty() const override { return false; }
    QString translate(const char*, const char* source, const char*, int n) const override {
        QString text = QString::fromUtf8(source);
        if (n >= 0) text.replace("%n", QString::number(n));
        qsizetype letters = 0;
        for (const QChar c : text) letters += c.isLetter();
        static const QString filler = QStringLiteral("äöü ßenlang ");
        const qsizetype more = (letters * 2 + 4) / 5;
        QString tail;
        while (tail.size() < more) tail += filler;
        return letters == 0 ? text : text + tail.left(more).trimmed();
    }
};

} // namespace strata::studio
