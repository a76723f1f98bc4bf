// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/predict/photos.h"

#include <QAbstractTableModel>
#include <QImage>
#include <QTableView>
#include <vector>

class QSortFilterProxyModel;

namespace strata {

/// A result and the photo as a small picture.
struct PhotoRow {
    PhotoResult result;
    QImage thumbnail;
    bool done = false;
};

/// What a network says about the photos of a folder. Rows stand from the beginning and are filled as the answers come.
class PhotoTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { FileColumn, AnswerColumn, ProbabilityColumn, SecondColumn, TimeColumn, Columns };
    static constexpr int kSortRole = Qt::UserRole + 1;
    static constexpr int kProblemRole = Qt::UserRole + 2; ///< the sentence of a photo that could not be read
    using QAbstractTableModel::QAbstractTableModel;

    void setPaths(const std::vector<std::string>& paths);
    /// The first of `rows` belongs to row `first`.
    void setRows(int first, std::vector<PhotoRow> rows);
    const PhotoRow& row(int index) const { return rows_[size_t(index)]; }
    int doneCount() const { return done_; }
    int problemCount() const { return problems_; }
    std::vector<PhotoResult> results() const; ///< those that are there

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<PhotoRow> rows_;
    int done_ = 0, problems_ = 0;
    QVariant shown(const PhotoRow& row, int column) const;
    QVariant sortKey(const PhotoRow& row, int column) const;
};

/// The table, sortable; Left and Right (as Up and Down) step from photo to photo, Enter opens one.
class PhotoTable : public QTableView {
    Q_OBJECT
public:
    explicit PhotoTable(QWidget* parent = nullptr);
    PhotoTableModel& photos() { return *model_; }
    /// Row of the model in focus, -1 if none.
    int currentPhoto() const;
    void selectPhoto(int row);
    /// To the next photo in the order on the screen; false at the end.
    bool step(int by);

signals:
    void photoSelected(int row);
    void photoOpened(int row);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    PhotoTableModel* model_;
    QSortFilterProxyModel* sorted_;
};

} // namespace strata
