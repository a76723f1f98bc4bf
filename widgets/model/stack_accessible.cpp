// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/stack_accessible.h"
#include "widgets/model/layer_stack.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QScrollBar>

namespace strata {

namespace {

/// One card: a list item that knows only its number, so that it outlives the cards.
class CardAccessible : public QAccessibleInterface {
public:
    CardAccessible(LayerStack* stack, int index) : stack_(stack), index_(index) {}

    bool isValid() const override { return stack_ && item(); }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return stack_ ? stack_->window()->windowHandle() : nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(stack_); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    void setText(QAccessible::Text, const QString&) override {}

    QString text(QAccessible::Text kind) const override {
        const StackItem* it = item();
        if (!it) return {};
        if (kind == QAccessible::Name) return spokenCard(stack_->facts(), *it);
        if (kind == QAccessible::Description) {
            QStringList parts;
            if (it->kind == StackKind::Layer)
                parts << QString::fromStdString(it->key) << layerParamsText(stack_->facts().spec.layers[it->first]);
            if (it->problem) parts << it->problem->sentence;
            parts.removeAll(QString());
            return parts.join(", ");
        }
        return {};
    }

    QAccessible::State state() const override {
        QAccessible::State state;
        const StackItem* it = item();
        if (!it) return state;
        state.focusable = state.selectable = true;
        state.multiSelectable = true;
        state.selected = stack_->state().isSelected(*it);
        state.focused = stack_->hasFocus() && stack_->currentKey() == it->key;
        state.expandable = it->kind == StackKind::Block;
        state.expanded = it->open;
        state.collapsed = it->kind == StackKind::Block && !it->open;
        state.invalid = it->problem != nullptr;
        return state;
    }

    QRect rect() const override {
        const StackItem* it = item();
        if (!it) return {};
        const QRect local = stack_->cardRect(it->key);
        return QRect(stack_->viewport()->mapToGlobal(local.topLeft()), local.size());
    }

private:
    const StackItem* item() const {
        if (!stack_) return nullptr;
        const auto& items = stack_->state().layout.items;
        return index_ < int(items.size()) ? &items[size_t(index_)] : nullptr;
    }
    QPointer<LayerStack> stack_;
    int index_;
};

} // namespace

/// The list. Children are made when asked for and live as long as it does.
class StackAccessible : public QAccessibleWidget {
public:
    explicit StackAccessible(LayerStack* stack) : QAccessibleWidget(stack, QAccessible::List) {}
    ~StackAccessible() override {
        for (const QAccessible::Id id : ids_) QAccessible::deleteAccessibleInterface(id);
    }

    int childCount() const override { return int(stack()->state().layout.items.size()); }
    QAccessibleInterface* child(int index) const override {
        if (index < 0 || index >= childCount()) return nullptr;
        while (int(ids_.size()) <= index)
            ids_.push_back(QAccessible::registerAccessibleInterface(new CardAccessible(stack(), int(ids_.size()))));
        return QAccessible::accessibleInterface(ids_[size_t(index)]);
    }
    int indexOfChild(const QAccessibleInterface* child) const override {
        for (size_t i = 0; i < ids_.size(); ++i)
            if (QAccessible::accessibleInterface(ids_[i]) == child) return int(i);
        return -1;
    }
    QAccessibleInterface* childAt(int x, int y) const override {
        for (int i = 0; i < childCount(); ++i)
            if (child(i)->rect().contains(x, y)) return child(i);
        return nullptr;
    }
    QAccessibleInterface* focusChild() const override { return child(stack()->currentItem()); }
    QString text(QAccessible::Text kind) const override {
        if (kind != QAccessible::Description) return QAccessibleWidget::text(kind);
        return LayerStack::tr("%n layers, %1 parameters", nullptr, int(stack()->facts().spec.layers.size()))
            .arg(countText(stack()->facts().parameters));
    }

private:
    LayerStack* stack() const { return static_cast<LayerStack*>(widget()); }
    mutable std::vector<QAccessible::Id> ids_;
};

namespace {

QAccessibleInterface* makeAccessible(const QString& name, QObject* object) {
    if (name != QLatin1String("strata::LayerStack")) return nullptr;
    auto* stack = qobject_cast<LayerStack*>(object);
    return stack ? new StackAccessible(stack) : nullptr;
}

} // namespace

void installStackAccessible() {
    static const bool once = [] {
        QAccessible::installFactory(makeAccessible);
        return true;
    }();
    (void)once;
}

} // namespace strata
