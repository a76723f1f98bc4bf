// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"

#include <QButtonGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QStyle>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace strata {
namespace {

QLabel* labelWithRole(const QString& text, const char* role, bool wrap) {
    auto* label = new QLabel(text);
    label->setProperty("role", role);
    label->setWordWrap(wrap);
    label->setTextFormat(Qt::PlainText);
    return label;
}

void repolish(QWidget* widget) {
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
    widget->update();
}

const char* kindName(ButtonKind kind) {
    switch (kind) {
    case ButtonKind::Primary: return "primary";
    case ButtonKind::Warning: return "warning";
    case ButtonKind::Danger: return "danger";
    case ButtonKind::Link: return "link";
    case ButtonKind::Normal: break;
    }
    return "normal";
}

} // namespace

QPushButton* makeButton(const QString& text, ButtonKind kind, const QString& iconName) {
    auto* button = new QPushButton(text);
    button->setProperty("kind", kindName(kind));
    button->setAccessibleName(text);
    button->setCursor(kind == ButtonKind::Link ? Qt::PointingHandCursor : Qt::ArrowCursor);
    button->setAutoDefault(false);
    if (!iconName.isEmpty()) button->setIcon(kind == ButtonKind::Primary ? icon(iconName, Token::OnAccent) : icon(iconName));
    button->setIconSize(QSize(measure::kIconRow, measure::kIconRow));
    if (kind == ButtonKind::Primary) button->setMinimumWidth(measure::kPrimaryWidth);
    return button;
}

void setButtonKind(QPushButton* button, ButtonKind kind) {
    if (button->property("kind") == QVariant(kindName(kind))) return; // polishing anew costs a layout
    button->setProperty("kind", kindName(kind));
    repolish(button);
}

QToolButton* makeIconButton(const QString& iconName, const QString& text, const QString& shortcutHint) {
    auto* button = new QToolButton;
    button->setIcon(icon(iconName));
    button->setIconSize(QSize(measure::kIcon, measure::kIcon));
    button->setFixedSize(measure::kHitTarget, measure::kHitTarget);
    button->setToolTip(shortcutHint.isEmpty() ? text : text + " (" + shortcutHint + ")");
    button->setAccessibleName(text);
    button->setFocusPolicy(Qt::StrongFocus);
    return button;
}

QLabel* makeTitle(const QString& text) { return labelWithRole(text, "title", false); }
QLabel* makeHeading(const QString& text) { return labelWithRole(text, "heading", false); }
QLabel* makeLabel(const QString& text) { return labelWithRole(text, "label", false); }
QLabel* makeCaption(const QString& text) { return labelWithRole(text, "caption", true); }
QLabel* makeText(const QString& text) { return labelWithRole(text, "text", true); }

void setSurface(QWidget* widget, const QString& surface) {
    widget->setProperty("surface", surface);
    widget->setAttribute(Qt::WA_StyledBackground);
}

QBoxLayout* makeColumn(QWidget* parent, int spacing, int margin) {
    auto* layout = parent ? new QVBoxLayout(parent) : new QVBoxLayout;
    layout->setSpacing(spacing);
    layout->setContentsMargins(margin, margin, margin, margin);
    return layout;
}

QBoxLayout* makeRow(QWidget* parent, int spacing, int margin) {
    auto* layout = parent ? new QHBoxLayout(parent) : new QHBoxLayout;
    layout->setSpacing(spacing);
    layout->setContentsMargins(margin, margin, margin, margin);
    return layout;
}

// Field

Field::Field(const QString& label, QWidget* editor, QWidget* parent)
    : QWidget(parent), editor_(editor), label_(makeLabel(label)), hint_(makeCaption({})), problem_(labelWithRole({}, "error", true)) {
    auto* column = makeColumn(this, measure::kSpace4);
    auto* head = makeRow(nullptr, measure::kSpace8);
    hint_->setWordWrap(false);
    head->addWidget(label_);
    head->addStretch();
    head->addWidget(hint_);
    column->addLayout(head);
    column->addWidget(editor_);
    column->addWidget(problem_);
    problem_->hide();
    label_->setBuddy(editor_);
    if (editor_->accessibleName().isEmpty()) editor_->setAccessibleName(label);
}

void Field::setProblem(const QString& sentence) {
    if (sentence == problem_->text()) return;
    problem_->setText(sentence);
    problem_->setVisible(!sentence.isEmpty());
    editor_->setProperty("invalid", !sentence.isEmpty());
    editor_->setAccessibleDescription(sentence);
    repolish(editor_);
}
QString Field::problem() const { return problem_->text(); }
void Field::setHint(const QString& text) { hint_->setText(text); }

// ElidedLabel

ElidedLabel::ElidedLabel(const QString& text, Qt::TextElideMode mode, QWidget* parent) : QWidget(parent), mode_(mode) {
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setText(text);
}

void ElidedLabel::setText(const QString& text) {
    text_ = text;
    setAccessibleName(text);
    updateGeometry();
    update();
}
void ElidedLabel::setType(Type type, Token token) {
    type_ = type;
    token_ = token;
    updateGeometry();
    update();
}
void ElidedLabel::setAlignment(Qt::Alignment alignment) { alignment_ = alignment; }
QSize ElidedLabel::sizeHint() const { return {QFontMetrics(strata::font(type_)).horizontalAdvance(text_) + 2, lineHeight(type_)}; }
QSize ElidedLabel::minimumSizeHint() const { return {QFontMetrics(strata::font(type_)).horizontalAdvance("mmm…"), lineHeight(type_)}; }

void ElidedLabel::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setFont(strata::font(type_));
    painter.setPen(color(isEnabled() ? token_ : Token::TextDisabled));
    const QString shown = painter.fontMetrics().elidedText(text_, mode_, width());
    setToolTip(shown == text_ ? QString() : text_);
    painter.drawText(rect(), int(alignment_), shown);
}

// IconView

IconView::IconView(const QString& iconName, int size, Token token, QWidget* parent) : QWidget(parent), iconName_(iconName), token_(token) {
    setFixedSize(size, size);
}

void IconView::paintEvent(QPaintEvent*) {
    QPainter(this).drawPixmap(0, 0, iconPixmap(iconName_, width(), color(token_), devicePixelRatioF()));
}

// Segmented

Segmented::Segmented(const QStringList& texts, const QString& accessibleName, QWidget* parent) : QWidget(parent) {
    setAccessibleName(accessibleName);
    setFixedHeight(measure::kRow);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    auto* row = makeRow(this, 0);
    auto* group = new QButtonGroup(this);
    for (int i = 0; i < texts.size(); ++i) {
        auto* button = new QToolButton;
        button->setText(texts[i]);
        button->setAccessibleName(texts[i]);
        button->setCheckable(true);
        button->setProperty("text-button", true);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
        group->addButton(button, i);
        row->addWidget(button);
        buttons_.push_back(button);
    }
    if (!buttons_.empty()) buttons_[0]->setChecked(true);
    connect(group, &QButtonGroup::idClicked, this, &Segmented::chosen);
}

int Segmented::current() const {
    for (size_t i = 0; i < buttons_.size(); ++i)
        if (buttons_[i]->isChecked()) return int(i);
    return -1;
}
void Segmented::setCurrent(int index) { buttons_[size_t(index)]->setChecked(true); }
void Segmented::setEnabledAt(int index, bool enabled, const QString& why) {
    buttons_[size_t(index)]->setEnabled(enabled);
    buttons_[size_t(index)]->setToolTip(enabled ? QString() : why);
}
void Segmented::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color(Token::Surface3));
    painter.drawRoundedRect(rect(), measure::kRadiusControl, measure::kRadiusControl);
}

// EmptyState

EmptyState::EmptyState(const QString& iconName, const QString& text, QWidget* parent)
    : QWidget(parent), text_(makeText(text)), actions_(new QWidget) {
    auto* column = makeColumn(this, measure::kSpace16, measure::kSpace24);
    column->addStretch(2);
    text_->setAlignment(Qt::AlignCenter);
    text_->setMaximumWidth(440);
    text_->setProperty("role", "label");
    auto* row = makeRow(actions_, measure::kSpace8);
    row->setAlignment(Qt::AlignCenter);
    column->addWidget(new IconView(iconName, 2 * measure::kIcon, Token::LineStrong), 0, Qt::AlignHCenter);
    auto* center = makeRow(nullptr, 0);
    center->addStretch();
    center->addWidget(text_, 100);
    center->addStretch();
    column->addLayout(center);
    column->addWidget(actions_, 0, Qt::AlignHCenter);
    column->addStretch(3);
    actions_->hide();
}

QPushButton* EmptyState::addAction(const QString& text, bool primary) {
    auto* button = makeButton(text, primary ? ButtonKind::Primary : ButtonKind::Normal);
    actions_->layout()->addWidget(button);
    actions_->show();
    return button;
}
void EmptyState::setText(const QString& text) { text_->setText(text); }

// Views

QScrollArea* makeScroll(QWidget* content) {
    auto* area = new QScrollArea;
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setFocusPolicy(Qt::NoFocus);
    setSurface(content, "none");
    area->viewport()->setAutoFillBackground(false);
    area->setWidget(content);
    return area;
}

void polishTable(QTableView* view, int stretchColumn) {
    view->setFrameShape(QFrame::NoFrame);
    view->setShowGrid(false);
    view->verticalHeader()->hide();
    view->verticalHeader()->setDefaultSectionSize(measure::kRow);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setFixedHeight(measure::kRow);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setTabKeyNavigation(false);
    view->setWordWrap(false);
    if (!view->model()) return;
    view->horizontalHeader()->setSectionResizeMode(QHeaderView::Interactive);
    view->horizontalHeader()->setSectionResizeMode(stretchColumn, QHeaderView::Stretch);
}

} // namespace strata
