// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/common/theme.h"
#include "widgets/model/layer_inspector.h"
#include "widgets/model/layer_palette.h"
#include "widgets/model/layer_stack.h"
#include "widgets/model/model_editor.h"

#include <QLineEdit>
#include <QUndoStack>
#include <QtTest>
#include <memory>

namespace strata {

/// A ModelEditor in a window with an undo stack of whole networks, as an owner of it works.
struct ModelHarness {
    struct Step : QUndoCommand {
        Step(ModelHarness& harness, ModelSpec from, ModelSpec to, const QString& text)
            : QUndoCommand(text), h(harness), before(std::move(from)), after(std::move(to)) {}
        void undo() override { h.show(before); }
        void redo() override { h.show(after); }
        ModelHarness& h;
        ModelSpec before, after;
    };

    ModelSpec model;
    QUndoStack undo;
    ModelEditor editor;

    explicit ModelHarness(const ModelSpec& start = {}, QSize size = {1208, 720}) {
        editor.setData({{3, 32, 32}, 10});
        QObject::connect(&editor, &ModelEditor::edited, &editor, [this](const QString& text, const ModelSpec& full, const QString&) {
            undo.push(new Step(*this, model, full, text));
        });
        editor.resize(size);
        editor.show();
        editor.activateWindow();
        (void)QTest::qWaitForWindowActive(&editor);
        show(start);
    }
    void show(const ModelSpec& spec) {
        model = spec;
        editor.setModel(spec);
    }
    LayerStack* stack() { return editor.stack(); }
    QWidget* view() { return editor.stack()->viewport(); }
    QString json() const { return QString::fromStdString(toText(model.toJson())); }
    QString wiring() const {
        QStringList parts;
        for (size_t i = 0; i < model.layers.size(); ++i) {
            QStringList inputs;
            for (const std::string& id : model.inputsOf(i)) inputs << QString::fromStdString(id);
            parts << QString::fromStdString(model.layers[i].id) + "(" + inputs.join(",") + ")";
        }
        return parts.join(' ');
    }
    /// Insert, the name, Enter: only keys.
    void addByKeys(const char* name) {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Insert);
        QLineEdit* search = editor.palette()->searchField();
        QVERIFY(search->hasFocus());
        QTest::keyClicks(search, name);
        QTest::keyClick(search, Qt::Key_Return);
        QVERIFY(stack()->hasFocus());
    }
    void click(const std::string& key, CardPart part = CardPart::Body, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        stack()->reveal(key);
        QTest::mouseClick(view(), Qt::LeftButton, modifiers, stack()->partPoint(key, part));
    }
    /// Press, several moves, release: a real drag.
    void drag(QPoint from, QPoint to, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::mouseMove(view(), from);
        QTest::mousePress(view(), Qt::LeftButton, modifiers, from);
        for (int i = 1; i <= 8; ++i) moveTo(from + (to - from) * i / 8, modifiers);
        QTest::mouseRelease(view(), Qt::LeftButton, modifiers, to);
    }
    void moveTo(QPoint at, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QMouseEvent move(QEvent::MouseMove, at, view()->mapToGlobal(at), Qt::NoButton, Qt::LeftButton, modifiers);
        QApplication::sendEvent(view(), &move);
    }
};

} // namespace strata
