// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <QWidget>
#include <vector>

namespace strata {

/// A run as plots and legends know it.
struct CurveRun {
    QString id, name;
    int number = 1; ///< colour and dashes
    bool shown = true;
    bool operator==(const CurveRun&) const = default;
};

/// One row of runs: line sample and name; a click (or arrows and Space) shows or hides one. Names share the room there is.
class CurveLegend : public QWidget {
    Q_OBJECT
public:
    explicit CurveLegend(QWidget* parent = nullptr);
    void setRuns(const std::vector<CurveRun>& runs);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    QRect entryRect(size_t i) const;

signals:
    void toggled(const QString& id, bool shown);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    std::vector<CurveRun> runs_;
    int current_ = 0, hovered_ = -1;
    std::vector<int> widths() const;
    int entryAt(const QPoint& place) const;
    void toggle(int index);
    void describe();
};

} // namespace strata
