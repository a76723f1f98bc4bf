// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/predict/answer_list.h"
#include "widgets/common/picture.h"
#include "widgets/common/text.h"
#include "widgets/common/theme.h"

#include <QPainter>
#include <QStyledItemDelegate>
#include <fmt/format.h>

namespace strata {
namespace {

constexpr int kRowHeight = 56, kBar = 8, kShownRows = 5, kReceived = 128;

/// "100.0 %" would be a lie for anything less.
QString answerText(double part) { return part < 1 && part > 0.9995 ? QStringLiteral("> 99.9 %") : percentText(part); }

class AnswerDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, kRowHeight}; }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF card = QRectF(option.rect).adjusted(2, 2, -2, -2);
        const bool selected = option.state.testFlag(QStyle::State_Selected);
        if (selected || option.state.testFlag(QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(color(selected ? Token::Selection : Token::Surface3));
            painter->drawRoundedRect(card, measure::kRadiusControl, measure::kRadiusControl);
        }
        const bool first = index.row() == 0;
        const QRectF inside = QRectF(option.rect).adjusted(measure::kSpace12, 6, -measure::kSpace12, -8);
        const QRectF line(inside.x(), inside.y(), inside.width(), 28);
        painter->setFont(strata::font(first ? Type::Title : Type::Body));
        painter->setPen(color(Token::Text1));
        const QString part = index.data(AnswerModel::ProbabilityRole).toString();
        const double width = painter->fontMetrics().horizontalAdvance(part);
        painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, part);
        painter->drawText(QRectF(line.topLeft(), QSizeF(line.width() - width - measure::kSpace12, line.height())),
                          Qt::AlignLeft | Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(), Qt::ElideRight,
                                                            int(line.width() - width - measure::kSpace12)));
        const QRectF track(inside.x(), inside.bottom() - kBar, inside.width(), kBar);
        painter->setPen(Qt::NoPen);
        painter->setBrush(color(selected ? Token::Surface2 : Token::Surface3));
        painter->drawRoundedRect(track, kBar / 2, kBar / 2);
        const double shown = index.data(AnswerModel::ShownRole).toDouble();
        painter->setBrush(color(first ? Token::Accent : Token::LineStrong));
        if (shown * track.width() >= 0.5)
            painter->drawRoundedRect(QRectF(track.topLeft(), QSizeF(std::max<double>(kBar, shown * track.width()), kBar)), kBar / 2,
                                     kBar / 2);
        if (option.state.testFlag(QStyle::State_HasFocus)) drawFocusRing(*painter, card, measure::kRadiusControl);
        painter->restore();
    }
};

} // namespace

AnswerModel::AnswerModel(QObject* parent) : QAbstractListModel(parent) {
    motion_.setDuration(measure::kMotionMs);
    motion_.setStartValue(0.0);
    motion_.setEndValue(1.0);
    motion_.setEasingCurve(QEasingCurve::OutCubic);
    connect(&motion_, &QVariantAnimation::valueChanged, this, [this](const QVariant& value) {
        for (size_t i = 0; i < shown_.size(); ++i) shown_[i] = from_[i] + (answers_[i].probability - from_[i]) * value.toDouble();
        if (!shown_.empty()) emit dataChanged(index(0), index(int(shown_.size()) - 1), {ShownRole});
    });
}

void AnswerModel::setAnswers(const std::vector<ClassProbability>& answers) {
    motion_.stop();
    if (answers.size() == answers_.size()) {
        answers_ = answers;
        from_ = shown_;
        if (!answers_.empty()) emit dataChanged(index(0), index(int(answers_.size()) - 1));
    } else {
        beginResetModel();
        answers_ = answers;
        from_.assign(answers.size(), 0);
        shown_ = from_;
        endResetModel();
    }
    if (motionAllowed()) return motion_.start();
    for (size_t i = 0; i < shown_.size(); ++i) shown_[i] = answers_[i].probability;
    if (!shown_.empty()) emit dataChanged(index(0), index(int(shown_.size()) - 1), {ShownRole});
}

int AnswerModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(answers_.size()); }

QVariant AnswerModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const auto row = size_t(index.row());
    const QString name = QString::fromStdString(answers_[row].name);
    switch (role) {
    case Qt::DisplayRole:
    case Qt::ToolTipRole: return name;
    case ProbabilityRole: return answerText(answers_[row].probability);
    case ShownRole: return shown_[row];
    case ClassRole: return qlonglong(answers_[row].index);
    case Qt::AccessibleTextRole: return tr("%1, %2").arg(name, answerText(answers_[row].probability));
    default: return {};
    }
}

AnswerList::AnswerList(QWidget* parent) : QListView(parent), model_(new AnswerModel(this)) {
    setAccessibleName(tr("Most probable classes"));
    setModel(model_);
    setItemDelegate(new AnswerDelegate(this));
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setUniformItemSizes(true);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Maximum);
    connect(selectionModel(), &QItemSelectionModel::currentChanged, this, [this] {
        if (!filling_ && focusClass() >= 0) emit focusClassChanged(focusClass());
    });
}

void AnswerList::setAnswers(const std::vector<ClassProbability>& answers) {
    const int64_t before = focusClass();
    filling_ = true;
    model_->setAnswers(answers);
    int row = 0;
    for (size_t i = 0; i < answers.size(); ++i)
        if (answers[i].index == before) row = int(i);
    if (!answers.empty()) setCurrentIndex(model_->index(row));
    filling_ = false;
    updateGeometry();
    if (focusClass() >= 0 && focusClass() != before) emit focusClassChanged(focusClass());
}

int64_t AnswerList::focusClass() const { return currentIndex().isValid() ? currentIndex().data(AnswerModel::ClassRole).toLongLong() : -1; }
QSize AnswerList::sizeHint() const { return {320, kRowHeight * std::max(1, std::min(kShownRows, model_->rowCount())) + 4}; }
QSize AnswerList::minimumSizeHint() const { return {200, kRowHeight * 2}; }

// ReceivedView

ReceivedView::ReceivedView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setAccessibleName(tr("Picture that the network received"));
}

void ReceivedView::setPicture(const QImage& picture) {
    picture_ = picture;
    setAccessibleDescription(picture.isNull() ? QString() : tr("%1 by %2 pixels").arg(picture.width()).arg(picture.height()));
    update();
}

QSize ReceivedView::sizeHint() const { return {kReceived, kReceived}; }

void ReceivedView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    if (picture_.isNull()) {
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(Token::Surface3));
        painter.drawRoundedRect(rect(), measure::kRadiusControl, measure::kRadiusControl);
    }
    drawPicture(painter, rect(), picture_);
}

} // namespace strata
