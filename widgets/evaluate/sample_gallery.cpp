// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/evaluate/sample_gallery.h"
#include "widgets/common/picture.h"
#include "widgets/common/text.h"
#include "widgets/common/theme.h"

#include <QPainter>
#include <QStyledItemDelegate>
#include <QTimer>
#include <algorithm>
#include <fmt/format.h>

namespace strata {
namespace {

constexpr int kCached = 2000;
constexpr int kLargestStored = 320; ///< pictures are kept at most this large

class GalleryDelegate : public QStyledItemDelegate {
public:
    GalleryDelegate(int pictureSize, int lines, QObject* parent) : QStyledItemDelegate(parent), size_(pictureSize), lines_(lines) {}
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        const int pad = 2 * measure::kSpace8;
        return {size_ + pad, size_ + pad + measure::kSpace4 + lines_ * lineHeight(Type::Caption)};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF card = QRectF(option.rect).adjusted(2, 2, -2, -2);
        const bool selected = option.state.testFlag(QStyle::State_Selected), hovered = option.state.testFlag(QStyle::State_MouseOver);
        if (selected || hovered) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(color(selected ? Token::Selection : Token::Surface3));
            painter->drawRoundedRect(card, measure::kRadiusControl, measure::kRadiusControl);
        }
        const QRectF box(option.rect.x() + measure::kSpace8, option.rect.y() + measure::kSpace8, size_, size_);
        const auto picture = index.data(SampleGalleryModel::PictureRole).value<QImage>();
        if (!picture.isNull())
            drawPicture(*painter, box, picture);
        else
            painter->fillRect(box, color(Token::Surface3));
        paintText(*painter, QRectF(box.x(), box.bottom() + measure::kSpace4, size_, lineHeight(Type::Caption)), index);
        if (option.state.testFlag(QStyle::State_HasFocus)) drawFocusRing(*painter, card, measure::kRadiusControl);
        painter->restore();
    }

private:
    void paintText(QPainter& painter, QRectF line, const QModelIndex& index) const {
        painter.setFont(strata::font(Type::Caption));
        const QString part = index.data(SampleGalleryModel::ProbabilityRole).toString();
        const double width = painter.fontMetrics().horizontalAdvance(part);
        const auto elided = [&](const QString& text, double room) {
            return painter.fontMetrics().elidedText(text, Qt::ElideRight, int(room));
        };
        painter.setPen(color(Token::Text1));
        const double room = line.width() - width - measure::kSpace8;
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, elided(index.data(SampleGalleryModel::PredictedRole).toString(), room));
        painter.setPen(color(Token::Text2));
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, part);
        if (lines_ < 2) return;
        line.translate(0, lineHeight(Type::Caption));
        painter.setPen(color(Token::Text3));
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter,
                         elided(SampleGallery::tr("is %1").arg(index.data(SampleGalleryModel::TrueRole).toString()), line.width()));
    }
    int size_, lines_;
};

} // namespace

// SampleGalleryModel

SampleGalleryModel::SampleGalleryModel(QObject* parent) : QAbstractListModel(parent), pictures_(kCached), jobs_(1) {}

void SampleGalleryModel::setSamples(DatasetPtr dataset, std::vector<SamplePrediction> samples, std::vector<std::string> classes) {
    beginResetModel();
    jobs_.cancelAll();
    pictures_.clear();
    wanted_.clear();
    underway_.clear();
    dataset_ = std::move(dataset);
    samples_ = std::move(samples);
    classes_ = std::move(classes);
    endResetModel();
}

int SampleGalleryModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(samples_.size()); }

QVariant SampleGalleryModel::data(const QModelIndex& index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const SamplePrediction& sample = samples_[size_t(index.row())];
    const auto named = [&](int64_t c) { return QString::fromStdString(className(classes_, c)); };
    switch (role) {
    case PictureRole:
        if (const QImage* picture = pictures_.object(index.row())) return *picture;
        want(index.row());
        return {};
    case TrueRole: return named(sample.label);
    case PredictedRole: return named(sample.predicted);
    case ProbabilityRole: return percentText(sample.probability);
    case IndexRole: return qlonglong(sample.index);
    case Qt::AccessibleTextRole:
        return tr("Image %1, true %2, predicted %3 with %4")
            .arg(sample.index)
            .arg(named(sample.label), named(sample.predicted), percentText(sample.probability));
    case Qt::ToolTipRole:
        return tr("Image %1: true %2, predicted %3\nProbability %4, of the true class %5, loss %6")
            .arg(sample.index)
            .arg(named(sample.label), named(sample.predicted), percentText(sample.probability), percentText(sample.labelProbability))
            .arg(QString::fromStdString(fmt::format("{:.2f}", sample.loss)));
    default: return {};
    }
}

void SampleGalleryModel::want(int row) const {
    if (!dataset_ || std::find(wanted_.begin(), wanted_.end(), row) != wanted_.end() ||
        std::find(underway_.begin(), underway_.end(), row) != underway_.end())
        return;
    if (wanted_.empty()) QTimer::singleShot(0, this, [self = const_cast<SampleGalleryModel*>(this)] { self->fetch(); });
    wanted_.push_back(row);
}

void SampleGalleryModel::fetch() {
    if (jobs_.running("pictures") || wanted_.empty()) return; // the running job calls this at its end
    // Those asked for last are on the screen now.
    constexpr size_t kAtOnce = 64;
    const size_t take = std::min(kAtOnce, wanted_.size());
    underway_.assign(wanted_.end() - std::ptrdiff_t(take), wanted_.end());
    wanted_.clear();
    using Made = std::vector<std::pair<int, QImage>>;
    std::vector<std::pair<int, int64_t>> rows;
    for (const int row : underway_) rows.emplace_back(row, samples_[size_t(row)].index);
    jobs_.start(
        "pictures",
        [dataset = dataset_, rows](std::stop_token stop) {
            Made made;
            for (const auto& [row, index] : rows) {
                if (stop.stop_requested()) break;
                QImage image;
                try {
                    image = toImage(dataset->get(index));
                } catch (const Error&) {} // a file that went away: its place stays empty
                if (std::max(image.width(), image.height()) > kLargestStored)
                    image = image.scaled(kLargestStored, kLargestStored, Qt::KeepAspectRatio, Qt::SmoothTransformation);
                made.emplace_back(row, std::move(image));
            }
            return made;
        },
        [this](Made made) {
            underway_.clear();
            for (auto& [row, image] : made) {
                pictures_.insert(row, new QImage(std::move(image)));
                emit dataChanged(index(row), index(row), {PictureRole});
            }
            if (!wanted_.empty()) QTimer::singleShot(0, this, &SampleGalleryModel::fetch);
        });
}

// SampleGallery

SampleGallery::SampleGallery(int pictureSize, int lines, const QString& accessibleName, QWidget* parent)
    : QListView(parent), model_(new SampleGalleryModel(this)) {
    setAccessibleName(accessibleName);
    setViewMode(QListView::IconMode);
    setMovement(QListView::Static);
    setResizeMode(QListView::Adjust);
    setUniformItemSizes(true);
    setFrameShape(QFrame::NoFrame);
    setMouseTracking(true);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* delegate = new GalleryDelegate(pictureSize, lines, this);
    setItemDelegate(delegate);
    setModel(model_);
    setGridSize(delegate->sizeHint({}, {}));
    connect(this, &QListView::activated, this, [this](const QModelIndex& index) { emit opened(model_->sample(index.row())); });
}

} // namespace strata
