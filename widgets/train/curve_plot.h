// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/train/curve_item.h"
#include "widgets/train/curve_style.h"

#include <QTimer>
#include <map>
#include <memory>
#include <optional>
#include <qcustomplot.h>

namespace strata {

class RangeEditor;

/// One plot of curves over steps, epochs or time. Wheel zooms x at the mouse (over the y axis, or with Shift: y), dragging
/// pans, and both stay while points arrive; double-click, 0 or [Fit] follows the data again. L: log axis, + and - zoom, arrows
/// move the read-out, double-click on an axis types its range.
class CurvePlot : public QCustomPlot {
    Q_OBJECT
public:
    CurvePlot(const QString& title, CurveUnit unit, QWidget* parent = nullptr);

    const QString& title() const { return title_; }
    CurveUnit unit() const { return unit_; }
    /// What stands in it while it has no points.
    void setEmptyText(const QString& text);
    void setXTitleShown(bool shown);

    /// Adds or restyles a curve; `key` is its own.
    void setCurve(const QString& key, const std::shared_ptr<CurveData>& data, const CurveStyle& style);
    void removeCurve(const QString& key);
    QStringList curves() const;
    const CurveItem* curve(const QString& key) const;
    bool empty() const;
    /// After points were added: fits what is to follow the data and draws soon (several calls make one drawing).
    void refresh();

    void setXKind(CurveX kind);
    CurveX xKind() const { return xKind_; }
    QCPRange xRange() const { return xAxis->range(); }
    QCPRange yRange() const { return yAxis->range(); }
    bool xFollows() const { return xFollows_; }
    bool yFollows() const { return yFollows_; }
    void setXRange(const QCPRange& range); ///< stays until fit(); emits nothing
    void setYRange(const QCPRange& range);
    void followX();
    void fit(); ///< both axes follow the data; tells the others
    void setLog(Qt::Orientation axis, bool log);
    bool log(Qt::Orientation axis) const;
    /// The data's extent along x; empty if there are none.
    Extent xExtent() const;
    /// Where several plots share an axis, the extent of all.
    void setSharedXExtent(const Extent& extent);

    /// Read-out at x in all kinds of axis units; nullopt: none.
    void setMark(std::optional<double> x);
    std::optional<double> mark() const { return mark_; }
    struct Reading {
        CurveStyle style;
        double x = 0, value = 0;
    };
    std::vector<Reading> readings() const; ///< at the cursor

    void editRange(Qt::Orientation axis);
    void fillMenu(QMenu& menu);
    /// Draws into any painter at a place, for export.
    void drawInto(QCPPainter& painter, const QRectF& place);

signals:
    void xRangeChosen(const QCPRange& range); ///< by the person
    void fitted();
    void markMoved(const std::optional<double>& x);
    void xLogChosen(bool log);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    QString title_, emptyText_;
    CurveUnit unit_;
    CurveX xKind_ = CurveX::Step;
    std::map<QString, CurveItem*> items_; ///< owned by the plot
    bool xFollows_ = true, yFollows_ = true;
    bool xTitleShown_ = true;
    Extent shared_;
    std::optional<double> mark_;
    std::optional<QPoint> drag_;
    QCPRange dragX_, dragY_;
    bool dragged_ = false;
    QTimer describe_;
    RangeEditor* editor_ = nullptr;

    void dress();
    void tickers();
    void showEmptyAxes();
    void fitFollowing();
    void draw();
    void zoom(Qt::Orientation axis, double factor, double center);
    void moveMark(int direction, int times);
    void describe();
    void paintEmpty(QPainter& painter);
    void paintMark(QPainter& painter);
    void paintReadings(QPainter& painter);
    QRectF readingsPlace(const QSizeF& size) const;
    Qt::Orientations axisAt(const QPoint& place) const;
};

} // namespace strata
