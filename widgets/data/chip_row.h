// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLayout>
#include <QStringList>
#include <QWidget>
#include <vector>

class QToolButton;

namespace strata {

/// Puts widgets side by side and goes on below where the width ends.
class FlowLayout : public QLayout {
public:
    explicit FlowLayout(QWidget* parent, int spacing);
    ~FlowLayout() override;
    void addItem(QLayoutItem* item) override { items_.append(item); }
    int count() const override { return int(items_.size()); }
    QLayoutItem* itemAt(int index) const override { return items_.value(index); }
    QLayoutItem* takeAt(int index) override { return index >= 0 && index < items_.size() ? items_.takeAt(index) : nullptr; }
    Qt::Orientations expandingDirections() const override { return {}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return place(QRect(0, 0, width, 0), false); }
    void setGeometry(const QRect& rect) override;
    QSize sizeHint() const override { return minimumSize(); }
    QSize minimumSize() const override;

private:
    int place(const QRect& rect, bool apply) const;
    QList<QLayoutItem*> items_;
};

/// A line of chips that are taken away by a click: active filters, tags. Long texts are elided, whole in the tool tip.
class ChipRow : public QWidget {
    Q_OBJECT
public:
    /// `removeText`: "Remove filter %1", the accessible name of each chip.
    ChipRow(const QString& accessibleName, const QString& removeText, QWidget* parent = nullptr);
    void setChips(const QStringList& texts);
    const QStringList& chips() const { return texts_; }
    QToolButton* chip(int index) const { return buttons_[size_t(index)]; }
    /// A widget after the last chip ("Clear all", "Add tag"); the row owns it.
    void setEnd(QWidget* widget);

signals:
    void removed(int index);

private:
    QString removeText_;
    QStringList texts_;
    std::vector<QToolButton*> buttons_;
    QWidget* end_ = nullptr;
    FlowLayout* flow_;
};

} // namespace strata
