// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QSyntaxHighlighter>
#include <QWidget>

class QPlainTextEdit;
class QLabel;

namespace strata {

/// Python in the colours of the theme: keywords, numbers, strings, comments, names of layers.
class PythonHighlighter : public QSyntaxHighlighter {
    Q_OBJECT
public:
    explicit PythonHighlighter(QTextDocument* document);

protected:
    void highlightBlock(const QString& text) override;
};

/// Source code to read and copy.
class CodeView : public QWidget {
    Q_OBJECT
public:
    explicit CodeView(QWidget* parent = nullptr);
    void setCode(const QString& code);
    /// Instead of code: why there is none.
    void setProblem(const QString& sentence);
    QString code() const;
    void copy() const;
    QPlainTextEdit* editor() const { return text_; }

protected:
    void changeEvent(QEvent* event) override;

private:
    QPlainTextEdit* text_;
    QLabel* problem_;
    PythonHighlighter* highlighter_;
};

} // namespace strata
