// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/evaluate/evaluate.h"

#include <QImage>
#include <QPixmap>
#include <QPoint>
#include <QWidget>
#include <optional>
#include <string>
#include <vector>

namespace strata {

/// What the cells of a confusion matrix show: counts, parts of the true class (rows add up to 1), parts of what was predicted as
/// the class (columns add up to 1).
enum class MatrixScale { Counts, Rows, Columns };

/// The confusion matrix: a row a true class, a column a predicted one. The diagonal is neutral, the errors carry the sequential
/// scale. Up to 40 classes cells show numbers and all classes are named; beyond that only the row and the column under the mouse
/// or the cursor are. Arrows move the cursor (Ctrl to the edge), Home and End go to the first and last column, Enter chooses.
/// Accessible as a table, a cell each.
class ConfusionMatrixView : public QWidget {
    Q_OBJECT
public:
    /// A place in the matrix; truth < 0: none.
    struct Cell {
        int truth = -1, predicted = -1;
        bool valid() const { return truth >= 0; }
        bool operator==(const Cell&) const = default;
    };
    explicit ConfusionMatrixView(QWidget* parent = nullptr);

    /// Names may be fewer than classes; numbers stand in.
    void setMatrix(const ConfusionMatrix& matrix, std::vector<std::string> names);
    void setScale(MatrixScale scale);
    MatrixScale scale() const { return scale_; }
    int classes() const { return int(matrix_.classes()); }
    int64_t count(Cell cell) const { return matrix_.at(cell.truth, cell.predicted); }
    QString name(int index) const;
    /// Value of a cell in the chosen scale: a count, or a part of 1 (0 where the row or column is empty).
    double value(Cell cell) const;
    /// Largest value off the diagonal: where the sequential scale ends.
    double largestError() const { return largestError_; }
    /// "True cat, predicted dog: 86 (8.6 % of cat)".
    QString sentence(Cell cell) const;

    Cell current() const { return cursor_; }
    void setCurrent(Cell cell); ///< moves the keyboard's place; emits nothing
    Cell chosen() const { return chosen_; }
    void setChosen(Cell cell); ///< marks it; emits nothing
    QRectF cellRect(Cell cell) const;
    Cell cellAt(const QPointF& position) const;

    /// As it is on the screen, at `ratio` device pixels a pixel.
    QImage toImage(double ratio) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void cellChosen(int truth, int predicted);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Geometry {
        double left = 0, top = 0, cell = 0, gap = 0;
    };
    ConfusionMatrix matrix_;
    std::vector<std::string> names_;
    std::vector<double> rowSums_, columnSums_;
    MatrixScale scale_ = MatrixScale::Counts;
    double largestError_ = 0;
    Cell cursor_, chosen_, hover_;
    std::optional<Cell> pressed_;
    QPixmap cells_; ///< the cells without marks; made again when null
    void setHover(Cell cell);
    void measure();
    Geometry geometry(double ratio) const;
    QString text(Cell cell, double width) const;
    void paintCells(QPainter& painter, const Geometry& g) const;
    void paintNames(QPainter& painter, const Geometry& g) const;
    void paintMarks(QPainter& painter) const;
    void paintName(QPainter& painter, const Geometry& g, int index, bool row, bool strong) const;
};

/// The sequential scale with its ends named, for beside the matrix.
class ScaleLegend : public QWidget {
    Q_OBJECT
public:
    explicit ScaleLegend(QWidget* parent = nullptr);
    void setEnds(const QString& low, const QString& high);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString low_, high_;
};

/// The colour of an error: the theme's sequential scale, its low end blended into the surface so that single mistakes recede.
QColor errorColor(double part);

} // namespace strata
