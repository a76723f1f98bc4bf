// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/model/model_facts.h"

#include <QWidget>
#include <map>

class QLabel;
class QModelIndex;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace strata {

class CodeView;
class LayerInspector;
class LayerPalette;
class LayerStack;
class Segmented;
class SummaryModel;

/// The Model page without a project: palette | stack, summary or code | inspector. Give it a network with setModel(); it asks for
/// every change by edited() and expects the answer through setModel(). Usable alone.
class ModelEditor : public QWidget {
    Q_OBJECT
public:
    explicit ModelEditor(QWidget* parent = nullptr);
    ~ModelEditor() override;

    /// `full`: as the file has it. Selection goes with it over undo and redo.
    void setModel(const ModelSpec& full);
    void setData(const DataFacts& data);
    void setBatch(int64_t batch);
    const ModelFacts& facts() const { return facts_; }
    const ModelSpec& model() const { return full_; }

    void insertLayer(const std::string& type); ///< below the selection
    void openPalette();                        ///< the search field
    void openInspector();
    void openTemplates();
    void goToProblem();     ///< the first one
    void setView(int view); ///< 0 stack, 1 summary, 2 code
    int view() const;
    void copyView() const; ///< summary or code to the clipboard
    /// Below 1200 px the inspector is a drawer over the stack.
    void setNarrow(bool narrow);

    LayerStack* stack() const { return stack_; }
    LayerPalette* palette() const { return palette_; }
    LayerInspector* inspector() const { return inspector_; }
    CodeView* codeView() const { return code_; }
    QTableView* summary() const { return table_; }
    QString hintText() const;
    QByteArray saveLayout() const;
    void restoreLayout(const QByteArray& state);

signals:
    /// One undo step; steps with the same non-empty key in a row become one.
    void edited(const QString& text, const strata::ModelSpec& full, const QString& mergeKey);
    void selectionChanged();
    void layoutChanged(); ///< a splitter was moved

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QWidget* makeMiddle();
    QWidget* makeTools();
    void wire();
    void apply(const modeledit::Edit& edit);
    void refresh();
    void refreshView();
    void selectionMoved();
    void showHint(const QString& sentence);
    void placeOverlays();
    void openDrawer(bool open);
    void dressRight(const QString& surface);
    void showTable(const QModelIndex& index);

    ModelSpec full_;
    DataFacts data_;
    ModelFacts facts_;
    int64_t batch_ = 128;
    struct Selection {
        modeledit::Ids ids;
        std::string current;
    };
    std::map<std::string, Selection> selections_; ///< by the hash of the network
    std::string hash_;
    bool applying_ = false;
    bool narrow_ = false, drawerOpen_ = false;
    QSplitter* splitter_;
    QWidget* right_;
    LayerPalette* palette_;
    LayerStack* stack_;
    LayerInspector* inspector_;
    CodeView* code_;
    QTableView* table_;
    SummaryModel* summaryModel_;
    Segmented* segments_;
    QStackedWidget* views_;
    QToolButton *copy_, *drawerButton_, *problemButton_;
    QPushButton* template_;
    QLabel* hint_;
};

} // namespace strata
