// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/data/transform.h"

#include <QString>
#include <QWidget>
#include <vector>

class QMenu;
class QPushButton;
class QVBoxLayout;

namespace strata {

class TransformCard;

/// The steps of a preprocessing pipeline as a list of cards, like the layer stack: add, remove, duplicate, reorder (drag, Alt+Up,
/// Alt+Down), each with its form. Shows a pipeline as JSON (also steps of a newer version) and reports edits; the owner answers
/// with setPipeline(). GUI thread.
class TransformList : public QWidget {
    Q_OBJECT
public:
    explicit TransformList(QWidget* parent = nullptr);

    /// `json` as Pipeline::toJson() writes it; `input`: shape of the pictures, [C, H, W], empty if unknown; `isDefault`: nothing to
    /// take back.
    void setPipeline(const Json& json, const Shape& input, bool isDefault);
    const Json& pipeline() const { return json_; }
    int count() const { return int(cards_.size()); }
    TransformCard* card(int row) const { return cards_[size_t(row)]; }
    int selected() const { return selected_; } ///< the card that is open, -1 for none
    void select(int row);
    QPushButton* addButton() const { return add_; }
    QPushButton* resetButton() const { return reset_; }

    void add(const std::string& type);
    void remove(int row);
    void duplicate(int row);
    void move(int from, int to); ///< `to`: the row it then has

signals:
    /// `text` names the step ("Set cutout side to 8"); steps with one `mergeKey` belong together.
    void edited(const QString& text, const strata::Json& pipeline, const QString& mergeKey);
    void resetRequested();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    friend class TransformCard;
    Json json_;
    Shape input_;
    std::vector<TransformCard*> cards_;
    int selected_ = -1;
    int dropAt_ = -1; ///< while dragging: before this row
    QVBoxLayout* column_;
    QPushButton* add_;
    QPushButton* reset_;
    QMenu* menu_;
    void refresh();
    void edit(const QString& text, const Json& steps, const QString& mergeKey = {});
    void setParam(int row, const QString& param, const Json& value);
    Json steps() const;
    QString titleOf(int row) const;
    int rowOf(const TransformCard* card) const;
    int gapAt(int y) const;
    void showDrop(int row);
    void focusCard(int row);
};

} // namespace strata
