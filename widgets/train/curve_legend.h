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

/// One row of runs: line sample and name; a click (or arrows and Space) shows or hides one. Where there is no room for all, the
/// oldest are left to the table: "+5".
class CurveLegend : public QWidget {
    Q_OBJECT
public:
    explicit CurveLegend(QWidget* parent = nullptr);
    void setRuns(const std::vector<CurveRun>& runs);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    QRect entryRect(size_t run) const; ///< empty where there was no room for it

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
    struct Entry {
        size_t run;
        QRect place;
    };
    std::vector<CurveRun> runs_;
    int current_ = 0, hovered_ = -1; ///< of the entries there is room for
    std::vector<Entry> entries() const;
    int entryAt(const QPoint& place) const;
    void toggle(int entry);
    void describe();
};

} // namespace strata
