// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/train/curve_style.h"
#include "widgets/common/theme.h"

#include <QCoreApplication>
#include <QPainter>
#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace strata {
namespace {

constexpr double kValidationWidth = 2, kTrainingWidth = 1.25, kTrainingAlpha = 0.6, kRawAlpha = 0.28;

QString tr(const char* text) { return QCoreApplication::translate("Curves", text); }

/// Lengths in pixels, or empty for a whole line.
QList<qreal> dashes(int number) {
    switch ((std::max(number, 1) - 1) / 8 % 4) {
    case 1: return {6, 3};
    case 2: return {2, 2.5};
    case 3: return {8, 3, 2, 3};
    default: return {};
    }
}

QPen penFor(int number, double width, double alpha) {
    QColor color = theme().category(std::max(number, 1) - 1);
    color.setAlphaF(float(alpha));
    QPen pen(color, width);
    QList<qreal> pattern = dashes(number);
    for (qreal& length : pattern) length /= width;
    if (!pattern.isEmpty()) pen.setDashPattern(pattern);
    pen.setCapStyle(Qt::FlatCap);
    pen.setJoinStyle(Qt::RoundJoin);
    return pen;
}

QString clock(double seconds) {
    const auto whole = int64_t(std::llround(std::abs(seconds)));
    const std::string sign = seconds < 0 ? "-" : "";
    if (whole >= 3600) return QString::fromStdString(fmt::format("{}{}:{:02}:{:02}", sign, whole / 3600, whole / 60 % 60, whole % 60));
    return QString::fromStdString(fmt::format("{}{}:{:02}", sign, whole / 60, whole % 60));
}

/// 1,234,567, as the command line writes it.
std::string grouped(int64_t value) {
    const QString plainDigits = QString::number(value);
    QString digits;
    for (qsizetype i = 0; i < plainDigits.size(); ++i) {
        const qsizetype left = plainDigits.size() - i;
        if (i > 0 && left % 3 == 0 && plainDigits[i - 1] != '-') digits += ',';
        digits += plainDigits[i];
    }
    return digits.toStdString();
}

/// Four significant digits, no trailing zeros.
std::string plain(double value) {
    if (value != 0 && (std::abs(value) < 1e-3 || std::abs(value) >= 1e6)) {
        std::string text = fmt::format("{:.3g}", value);
        if (const size_t e = text.find("e-0"); e != std::string::npos) text.erase(e + 2, 1);
        if (const size_t e = text.find("e+0"); e != std::string::npos) text.erase(e + 1, 2);
        return text;
    }
    return fmt::format("{:.4g}", value);
}

std::string count(double value) {
    const double size = std::abs(value);
    if (size >= 1e6) return fmt::format("{:.4g} M", value / 1e6);
    if (size >= 1e4) return fmt::format("{:.4g} k", value / 1e3);
    if (size >= 100 || value == std::floor(value)) return grouped(int64_t(std::llround(value)));
    return fmt::format("{:.3g}", value);
}

} // namespace

QPen curvePen(const CurveStyle& style) {
    return style.validation ? penFor(style.number, kValidationWidth, 1) : penFor(style.number, kTrainingWidth, kTrainingAlpha);
}

QPen rawPen(const CurveStyle& style) {
    QPen pen = penFor(style.number, 1, kRawAlpha);
    pen.setStyle(Qt::SolidLine);
    return pen;
}

void drawLineSample(QPainter& painter, const QRectF& rect, int number, bool enabled) {
    QPen pen = penFor(number, kValidationWidth, 1);
    if (!enabled) pen.setColor(color(Token::TextDisabled));
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(pen);
    const double y = std::floor(rect.center().y()) + 0.5;
    painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y));
    painter.restore();
}

QString curveValueText(double value, CurveUnit unit) {
    if (!std::isfinite(value)) return tr("not a number");
    switch (unit) {
    case CurveUnit::Percent: return QString::fromStdString(fmt::format("{:.1f} %", value));
    case CurveUnit::Count: return QString::fromStdString(count(value));
    case CurveUnit::Seconds: return clock(value);
    case CurveUnit::Plain:
    case CurveUnit::Rate: break;
    }
    return QString::fromStdString(plain(value));
}

QString curveTickText(double value, CurveUnit unit, double step) {
    if (unit == CurveUnit::Count || unit == CurveUnit::Seconds) return curveValueText(value, unit);
    // Digits enough to tell neighbours apart; what is not a multiple by rounding errors reads as if it were.
    const double size = std::max(std::abs(value), std::abs(step));
    if (std::abs(value) < step * 1e-6) return "0";
    if (size < 1e-3 || size >= 1e6) return QString::fromStdString(plain(value));
    const int digits = step > 0 ? std::clamp(int(std::ceil(-std::log10(step) - 1e-9)), 0, 8) : 3;
    std::string text =
        fmt::format("{:.{}f}", value,
                    digits + (step > 0 && std::abs(step * std::pow(10, digits) - std::round(step * std::pow(10, digits))) > 1e-6 ? 1 : 0));
    return QString::fromStdString(text);
}

QString curveXTitle(CurveX axis) {
    switch (axis) {
    case CurveX::Epoch: return tr("Epoch");
    case CurveX::Time: return tr("Time, min:s");
    case CurveX::Step: break;
    }
    return tr("Step");
}

QString curveXText(double value, CurveX axis) {
    switch (axis) {
    case CurveX::Epoch: return tr("Epoch %1").arg(QString::fromStdString(fmt::format("{:.2f}", value)));
    case CurveX::Time: return clock(value);
    case CurveX::Step: break;
    }
    return tr("Step %1").arg(QString::fromStdString(grouped(int64_t(std::llround(value)))));
}

} // namespace strata
