// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "widgets/common/theme.h"
#include "widgets/train/curve_panel.h"

#include <QBuffer>
#include <QFileInfo>
#include <QPdfWriter>
#include <QSvgGenerator>
#include <fmt/format.h>

namespace strata {
namespace {

constexpr int kMargin = 16, kTitle = 24, kLegendRow = 24, kSample = 24;
constexpr int kResolution = 96;
constexpr double kPngRatio = 2;

constexpr std::array<const char*, size_t(Series::Count)> kSeriesNames = {"batch_loss",          "validation_loss", "train_accuracy",
                                                                         "validation_accuracy", "learning_rate",   "images_per_second"};

std::string quoted(const QString& text) {
    QString copy = text;
    return ("\"" + copy.replace('"', "\"\"") + "\"").toStdString();
}

} // namespace

/// Legend above, the four plots with their titles below, as they are on the screen.
void CurvePanel::paintAll(QCPPainter& painter, const QSize& size) const {
    painter.fillRect(QRect(QPoint(0, 0), size), color(Token::Surface2));
    double x = kMargin;
    painter.setFont(strata::font(Type::Caption));
    for (const CurveRun& run : runs_) {
        if (!run.shown) continue;
        drawLineSample(painter, QRectF(x, kMargin, kSample, kLegendRow), run.number);
        painter.setPen(color(Token::Text2));
        const int width = painter.fontMetrics().horizontalAdvance(run.name);
        painter.drawText(QRectF(x + kSample + 6, kMargin, width + 4, kLegendRow), Qt::AlignVCenter | Qt::AlignLeft, run.name);
        x += kSample + 6 + width + kMargin;
    }
    const QPoint origin = plots_[0]->parentWidget()->pos();
    for (CurvePlot* plot : plots_) {
        const QPoint place = plot->parentWidget()->pos() - origin + QPoint(kMargin, kMargin + kLegendRow);
        painter.setFont(strata::font(Type::BodyMedium));
        painter.setPen(color(Token::Text1));
        painter.drawText(QRectF(place.x(), place.y(), plot->width(), kTitle), Qt::AlignVCenter | Qt::AlignLeft, plot->title());
        plot->drawInto(painter, QRectF(place + plot->pos(), plot->size()));
    }
}

QByteArray CurvePanel::picture(const QString& suffix) const {
    const QWidget* first = plots_[0]->parentWidget();
    const QWidget* last = plots_[3]->parentWidget();
    const QPoint corner = last->geometry().bottomRight() - first->pos();
    const QSize size(corner.x() + 2 * kMargin, corner.y() + 2 * kMargin + kLegendRow);
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::ReadWrite);
    if (suffix == "svg") {
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setSize(size);
        generator.setViewBox(QRect(QPoint(0, 0), size));
        generator.setResolution(kResolution);
        generator.setTitle(tr("Training curves"));
        QCPPainter painter(&generator);
        painter.setMode(QCPPainter::pmVectorized);
        paintAll(painter, size);
        painter.end();
    } else if (suffix == "pdf") {
        QPdfWriter writer(&buffer);
        writer.setResolution(kResolution);
        writer.setPageMargins(QMarginsF(0, 0, 0, 0));
        writer.setPageSize(QPageSize(QSizeF(size) * 25.4 / kResolution, QPageSize::Millimeter, {}, QPageSize::ExactMatch));
        writer.setTitle(tr("Training curves"));
        QCPPainter painter(&writer);
        painter.setMode(QCPPainter::pmVectorized);
        paintAll(painter, size);
        painter.end();
    } else {
        QImage image((QSizeF(size) * kPngRatio).toSize(), QImage::Format_ARGB32_Premultiplied);
        image.setDevicePixelRatio(kPngRatio);
        QCPPainter painter(&image);
        paintAll(painter, size);
        painter.end();
        image.save(&buffer, "PNG");
    }
    for (CurvePlot* plot : plots_) plot->refresh(); // the layout of the screen
    return bytes;
}

/// A function for another thread: a line for each point, of a copy of what there is now.
std::function<std::string()> CurvePanel::csv() const {
    struct Part {
        std::string run, series;
        CurveData points;
    };
    auto parts = std::make_shared<std::vector<Part>>();
    for (const CurveRun& run : runs_) {
        const auto found = curves_.find(run.id);
        if (!run.shown || found == curves_.end()) continue;
        for (size_t i = 0; i < kSeriesNames.size(); ++i) parts->push_back({quoted(run.name), kSeriesNames[i], *found->second.series[i]});
    }
    return [parts] {
        std::string text = "run,series,step,epoch,seconds,value\n";
        for (const Part& part : *parts)
            for (size_t i = 0; i < part.points.size(); ++i)
                text += fmt::format("{},{},{:.0f},{:.6g},{:.3f},{}\n", part.run, part.series, part.points.step(i),
                                    part.points.x(i, CurveX::Epoch), part.points.seconds(i), part.points.y(i));
        return text;
    };
}

void CurvePanel::exportTo(const QString& path) {
    const QString suffix = QFileInfo(path).suffix().toLower();
    if (suffix != "svg" && suffix != "pdf" && suffix != "png" && suffix != "csv") {
        emit failed(tr("Plots are written as .svg, .pdf, .png or .csv, not as %1.").arg(QFileInfo(path).fileName()));
        return;
    }
    std::function<std::string()> make;
    if (suffix == "csv")
        make = csv();
    else
        make = [bytes = picture(suffix).toStdString()] { return bytes; };
    jobs_.start(
        "export " + path, [make, file = path.toStdString()](std::stop_token) { writeFileAtomically(file, make()); },
        [this, path] { emit exported(path); }, [this](const QString& sentence) { emit failed(sentence); });
}

} // namespace strata
