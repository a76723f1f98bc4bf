// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/code_view.h"
#include "widgets/common/controls.h"

#include <QApplication>
#include <QClipboard>
#include <QFontDatabase>
#include <QLabel>
#include <QPlainTextEdit>
#include <QRegularExpression>
#include <QScrollBar>
#include <QVBoxLayout>

namespace strata {
namespace {

struct Rule {
    QRegularExpression form;
    Token token;
    bool medium;
};

/// Later rules win: a keyword in a comment is a comment.
const std::vector<Rule>& rules() {
    static const std::vector<Rule> list{
        {QRegularExpression(R"(\b[A-Z]\w*(?=\())"), Token::Success, false},
        {QRegularExpression(R"(\b\d+(\.\d+)?([eE][-+]?\d+)?\b)"), Token::Warning, false},
        {QRegularExpression(R"(\b(import|from|as|class|def|return|for|in|if|else|elif|with|True|False|None|not|and|or|lambda)\b)"),
         Token::Accent, false},
        {QRegularExpression(R"("[^"]*"|'[^']*')"), Token::Success, false},
        {QRegularExpression(R"(#.*$)"), Token::Text3, false}};
    return list;
}

} // namespace

PythonHighlighter::PythonHighlighter(QTextDocument* document) : QSyntaxHighlighter(document) {}

void PythonHighlighter::highlightBlock(const QString& text) {
    for (const Rule& rule : rules()) {
        QTextCharFormat format;
        format.setForeground(color(rule.token));
        for (auto matches = rule.form.globalMatch(text); matches.hasNext();) {
            const QRegularExpressionMatch match = matches.next();
            setFormat(int(match.capturedStart()), int(match.capturedLength()), format);
        }
    }
    // A docstring runs over lines: state 1 is inside.
    static const QString mark = "\"\"\"";
    int from = previousBlockState() == 1 ? 0 : int(text.indexOf(mark));
    setCurrentBlockState(0);
    while (from >= 0) {
        const int search = previousBlockState() == 1 && from == 0 ? 0 : from + 3;
        const int end = int(text.indexOf(mark, search));
        const int length = end < 0 ? int(text.size()) - from : end + 3 - from;
        QTextCharFormat format;
        format.setForeground(color(Token::Text3));
        setFormat(from, length, format);
        if (end < 0) {
            setCurrentBlockState(1);
            return;
        }
        from = int(text.indexOf(mark, end + 3));
    }
}

CodeView::CodeView(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, 0);
    text_ = new QPlainTextEdit;
    text_->setReadOnly(true);
    text_->setAccessibleName(tr("PyTorch source of the network"));
    text_->setLineWrapMode(QPlainTextEdit::NoWrap);
    text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    QFont mono = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    mono.setPixelSize(13);
    text_->setFont(mono);
    text_->setTabChangesFocus(true);
    text_->setProperty("role", "code");
    highlighter_ = new PythonHighlighter(text_->document());
    problem_ = makeText({});
    problem_->setProperty("role", "label");
    problem_->setAlignment(Qt::AlignCenter);
    problem_->hide();
    column->addWidget(text_, 1);
    column->addWidget(problem_, 1);
}

void CodeView::setCode(const QString& code) {
    problem_->hide();
    text_->show();
    if (text_->toPlainText() == code) return;
    const int at = text_->verticalScrollBar()->value();
    text_->setPlainText(code);
    text_->verticalScrollBar()->setValue(at);
}

void CodeView::setProblem(const QString& sentence) {
    text_->hide();
    text_->clear();
    problem_->setText(sentence);
    problem_->show();
}

QString CodeView::code() const { return text_->toPlainText(); }
void CodeView::copy() const { QApplication::clipboard()->setText(code()); }

void CodeView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::PaletteChange) highlighter_->rehighlight();
    QWidget::changeEvent(event);
}

} // namespace strata
