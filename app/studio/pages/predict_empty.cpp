// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/predict_empty.h"
#include "app/run/prediction_service.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"

#include <QDir>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QVBoxLayout>

namespace strata::studio {
namespace {

constexpr int kSampleWidth = 160, kSampleHeight = 120;
constexpr double kDash = 4;

} // namespace

SamplePhoto::SamplePhoto(const QString& path, const QString& name, QWidget* parent) : QWidget(parent), name_(name) {
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
    setAccessibleName(tr("Sample photo: %1").arg(name));
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    picture_ = QImage(path).scaled(3 * kSampleWidth, 3 * kSampleHeight, Qt::KeepAspectRatioByExpanding, Qt::SmoothTransformation);
}

QSize SamplePhoto::sizeHint() const { return {kSampleWidth + 8, kSampleHeight + 8 + measure::kSpace4 + lineHeight(Type::Caption)}; }

void SamplePhoto::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    const QRectF box(4, 4, kSampleWidth, kSampleHeight);
    QPainterPath shape;
    shape.addRoundedRect(box, measure::kRadiusControl, measure::kRadiusControl);
    painter.save();
    painter.setClipPath(shape);
    painter.drawImage(box, picture_);
    painter.restore();
    painter.setFont(strata::font(Type::Caption));
    painter.setPen(color(underMouse() ? Token::Text1 : Token::Text2));
    painter.drawText(QRectF(4, box.bottom() + measure::kSpace4, kSampleWidth, lineHeight(Type::Caption)), Qt::AlignCenter,
                     painter.fontMetrics().elidedText(name_, Qt::ElideRight, kSampleWidth));
    if (hasFocus() || underMouse()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color(hasFocus() ? Token::Accent : Token::LineStrong), measure::kFocusRing));
        painter.drawRoundedRect(box.adjusted(-2, -2, 2, 2), measure::kRadiusCard, measure::kRadiusCard);
    }
}

void SamplePhoto::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint())) emit pressed();
}
void SamplePhoto::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter || event->key() == Qt::Key_Space)
        emit pressed();
    else
        QWidget::keyPressEvent(event);
}
void SamplePhoto::enterEvent(QEnterEvent*) { update(); }
void SamplePhoto::leaveEvent(QEvent*) { update(); }
void SamplePhoto::focusInEvent(QFocusEvent*) { update(); }
void SamplePhoto::focusOutEvent(QFocusEvent*) { update(); }

PredictEmpty::PredictEmpty(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, measure::kSpace16, measure::kSpace32);
    auto* state = new EmptyState("photo", tr("Drop a photo here, paste one, or open a file."));
    state->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    connect(state->addAction(tr("Open…"), true), &QPushButton::clicked, this, &PredictEmpty::openAsked);
    column->addStretch(2);
    column->addWidget(state);
    auto* samples = makeRow(nullptr, measure::kSpace16);
    samples->addStretch();
    int count = 0;
    const QDir folder(ModelShelf::resourceFolder() + "/samples");
    for (const QFileInfo& file : folder.entryInfoList({"*.jpg", "*.png"}, QDir::Files, QDir::Name)) {
        auto* sample = new SamplePhoto(file.filePath(), file.completeBaseName().replace('-', ' '));
        connect(sample, &SamplePhoto::pressed, this, [this, path = file.filePath()] { emit photoChosen(path); });
        samples->addWidget(sample);
        ++count;
    }
    samples->addStretch();
    if (count > 0) {
        auto* hint = makeCaption(tr("Or try one of these"));
        hint->setAlignment(Qt::AlignCenter);
        column->addWidget(hint);
        column->addLayout(samples);
    }
    column->addStretch(3);
}

void PredictEmpty::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QPen pen(color(Token::LineStrong), 1);
    pen.setDashPattern({kDash, kDash});
    painter.setPen(pen);
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(16.5, 0.5, -16.5, -16.5), measure::kRadiusCard, measure::kRadiusCard);
}

} // namespace strata::studio
