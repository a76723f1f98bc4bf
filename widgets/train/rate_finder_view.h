// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QWidget>
#include <optional>
#include <vector>

namespace strata {

/// The curve of a learning-rate range test: loss over the rate (log axis), growing while it is measured. A click, or the
/// arrows (Shift: ten times as far), pick a rate; Enter or a double-click takes it.
class RateFinderView : public QWidget {
    Q_OBJECT
public:
    struct Point {
        double rate = 0, loss = 0, smoothed = 0;
    };
    explicit RateFinderView(QWidget* parent = nullptr);
    void clear();
    void setSpan(double lowest, double highest); ///< rates of the sweep
    void add(const Point& point);
    const std::vector<Point>& points() const { return points_; }
    void setSuggestion(std::optional<double> rate); ///< also picked where nothing is
    std::optional<double> picked() const { return picked_; }
    void pick(std::optional<double> rate);
    QSize sizeHint() const override;
    /// Place of a rate, for tests and labels.
    double xOf(double rate) const;

signals:
    void pickedChanged(double rate);
    void accepted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    std::vector<Point> points_;
    double lowest_ = 1e-6, highest_ = 10;
    std::optional<double> suggestion_, picked_;
    QRectF plotRect() const;
    double rateAt(double x) const;
    std::pair<double, double> lossRange() const;
    void choose(double rate);
    void drawGrid(QPainter& painter, const QRectF& plot, double low, double high) const;
};

} // namespace strata
