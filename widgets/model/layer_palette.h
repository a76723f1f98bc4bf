// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <string>

class QLineEdit;
class QListView;
class QLabel;
class QModelIndex;

namespace strata {

class PaletteModel;

/// The layers that exist, by group, with a search field. Double-click or Enter asks for one, dragging takes one to the stack
/// (kLayerMime). Escape empties the search and then asks to go back.
class LayerPalette : public QWidget {
    Q_OBJECT
public:
    explicit LayerPalette(QWidget* parent = nullptr);
    void startSearch(); ///< focus in the field, its text selected
    QLineEdit* searchField() const { return search_; }
    QListView* list() const { return list_; }

signals:
    void chosen(const std::string& type);
    void left(); ///< Escape

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void choose(const QModelIndex& index);
    void filter(const QString& text);
    QModelIndex firstLayer() const;
    QLineEdit* search_;
    QListView* list_;
    PaletteModel* model_;
    QLabel* nothing_;
};

} // namespace strata
