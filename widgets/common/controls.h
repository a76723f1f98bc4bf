// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/common/theme.h"

#include <QString>
#include <QWidget>

class QBoxLayout;
class QLabel;
class QPushButton;
class QScrollArea;
class QTableView;
class QToolButton;

namespace strata {

/// The small parts every page is made of, so that gaps, sizes and names are set in one place. All widgets get an accessible
/// name (the text, unless said otherwise) and take the theme through properties that style.qss reads.

enum class ButtonKind { Normal, Primary, Warning, Danger, Link };
QPushButton* makeButton(const QString& text, ButtonKind kind = ButtonKind::Normal, const QString& iconName = {});
/// An icon button, 32x32, with tool tip and accessible name `text`.
QToolButton* makeIconButton(const QString& iconName, const QString& text, const QString& shortcutHint = {});
void setButtonKind(QPushButton* button, ButtonKind kind);

QLabel* makeTitle(const QString& text);   ///< 20/28
QLabel* makeHeading(const QString& text); ///< 13 Medium: starts a section
QLabel* makeLabel(const QString& text);   ///< 13 text-2: above a field
QLabel* makeCaption(const QString& text); ///< 12 text-3, wraps
QLabel* makeText(const QString& text);    ///< 13 text-1, wraps

/// "1", "2", "0", "card", "well" or "none": the tone behind a panel.
void setSurface(QWidget* widget, const QString& surface);

/// Layouts with the design's gaps and no margin.
QBoxLayout* makeColumn(QWidget* parent, int spacing = measure::kSpace12, int margin = 0);
QBoxLayout* makeRow(QWidget* parent, int spacing = measure::kSpace8, int margin = 0);

/// A field with its label above (4 px) and room for a problem below. The label is the field's buddy and accessible name.
class Field : public QWidget {
    Q_OBJECT
public:
    Field(const QString& label, QWidget* editor, QWidget* parent = nullptr);
    QWidget* editor() const { return editor_; }
    /// A sentence in error colour below the editor; empty: none.
    void setProblem(const QString& sentence);
    QString problem() const;
    /// A caption at the right of the label (unit, "default 0.9").
    void setHint(const QString& text);

private:
    QWidget* editor_;
    QLabel* label_;
    QLabel* hint_;
    QLabel* problem_;
};

/// A label that elides its text (in the middle or at the right) and shows the whole as a tool tip.
class ElidedLabel : public QWidget {
    Q_OBJECT
public:
    explicit ElidedLabel(const QString& text = {}, Qt::TextElideMode mode = Qt::ElideRight, QWidget* parent = nullptr);
    void setText(const QString& text);
    const QString& text() const { return text_; }
    void setType(Type type, Token token);
    void setAlignment(Qt::Alignment alignment);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString text_;
    Qt::TextElideMode mode_;
    Type type_ = Type::Body;
    Token token_ = Token::Text1;
    Qt::Alignment alignment_ = Qt::AlignLeft | Qt::AlignVCenter;
};

/// An icon of the theme, drawn when it is painted, so that a theme switch reaches it. Decoration: no name, no focus.
class IconView : public QWidget {
    Q_OBJECT
public:
    IconView(const QString& iconName, int size, Token token, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString iconName_;
    Token token_;
};

/// A few exclusive choices side by side ("Train | Test | All"); arrows move, accessible as radio buttons.
class Segmented : public QWidget {
    Q_OBJECT
public:
    explicit Segmented(const QStringList& texts, const QString& accessibleName, QWidget* parent = nullptr);
    int current() const;
    void setCurrent(int index); ///< emits nothing
    void setEnabledAt(int index, bool enabled, const QString& why = {});
    QToolButton* buttonAt(int index) const { return buttons_[size_t(index)]; }
signals:
    void chosen(int index);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<QToolButton*> buttons_;
};

/// What an empty place says: icon, one or two sentences, up to two actions.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    EmptyState(const QString& iconName, const QString& text, QWidget* parent = nullptr);
    QPushButton* addAction(const QString& text, bool primary);
    void setText(const QString& text);

private:
    QLabel* text_;
    QWidget* actions_;
};

/// A scroll area for a panel of controls: no frame, transparent, vertical only, focus follows into view.
QScrollArea* makeScroll(QWidget* content);

/// Removes frame, grid and row numbers; 32 px rows; last or `stretch` column stretches; numbers stay right-aligned by the model.
void polishTable(QTableView* view, int stretchColumn = 0);

} // namespace strata
