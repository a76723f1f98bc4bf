// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/train/curve_data.h"
#include "widgets/train/curve_style.h"

#include <memory>
#include <qcustomplot.h>
#include <span>
#include <vector>

namespace strata {

/// What a pixel column shows of a curve.
struct CurveColumn {
    size_t column = 0;
    double first = 0, last = 0; ///< in the order of x
    Extent extent;
};
/// Columns between neighbouring `edges` (rising x values) that hold points of `values`; its cost does not depend on the number of
/// points but by their logarithm.
std::vector<CurveColumn> curveColumns(const CurveData& data, const Pyramid& values, CurveX axis, std::span<const double> edges);

/// One curve of a QCustomPlot, drawn with one bar or point a pixel column whatever its length.
class CurveItem : public QCPAbstractPlottable {
    Q_OBJECT
public:
    CurveItem(QCPAxis* x, QCPAxis* y, std::shared_ptr<CurveData> data, const CurveStyle& style);

    std::shared_ptr<CurveData> data() const { return data_; }
    const CurveStyle& style() const { return style_; }
    void setStyle(const CurveStyle& style) { style_ = style; }
    void setXKind(CurveX kind) { kind_ = kind; }
    /// Of what is drawn (with the raw line behind a smoothed one) within a range of x; `positive`: for a log axis.
    Extent valueExtent(const QCPRange& x, bool positive) const;
    Extent xExtent() const;

    double selectTest(const QPointF& pos, bool onlySelectable, QVariant* details = nullptr) const override;
    QCPRange getKeyRange(bool& found, QCP::SignDomain domain = QCP::sdBoth) const override;
    QCPRange getValueRange(bool& found, QCP::SignDomain domain = QCP::sdBoth, const QCPRange& keys = QCPRange()) const override;

protected:
    void draw(QCPPainter* painter) override;
    void drawLegendIcon(QCPPainter* painter, const QRectF& rect) const override;

private:
    std::shared_ptr<CurveData> data_;
    CurveStyle style_;
    CurveX kind_ = CurveX::Step;
    void drawLine(QCPPainter* painter, const Pyramid& values, const QPen& pen, bool dots) const;
    void drawColumns(QCPPainter* painter, const Pyramid& values, const QPen& pen, double columnsPerPixel) const;
    QPolygonF points(const Pyramid& values, size_t begin, size_t end) const;
    double yPixel(double value) const;
};

} // namespace strata
