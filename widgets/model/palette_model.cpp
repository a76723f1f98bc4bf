// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/palette_model.h"
#include "widgets/common/icons.h"
#include "widgets/common/theme.h"
#include "widgets/model/layer_look.h"
#include "widgets/model/layer_stack.h"

#include <QMimeData>
#include <QPainter>

namespace strata {
namespace {

/// Groups in the order in which a network is built.
constexpr LayerGroup kOrder[] = {LayerGroup::Convolution, LayerGroup::Normalisation, LayerGroup::Activation, LayerGroup::Pooling,
                                 LayerGroup::Linear,      LayerGroup::Dropout,       LayerGroup::Combine,    LayerGroup::Shape};

/// How well a layer fits what was typed; 0: not at all.
int rank(const LayerDef& def, const QString& text) {
    if (text.isEmpty()) return 1;
    const auto has = [&](const std::string& where) { return QString::fromStdString(where).contains(text, Qt::CaseInsensitive); };
    if (QString::fromStdString(def.spec.title).startsWith(text, Qt::CaseInsensitive)) return 4;
    if (has(def.spec.title) || has(def.spec.id)) return 3;
    if (has(def.spec.group)) return 2;
    return text.size() > 2 && has(def.spec.help) ? 1 : 0;
}

} // namespace

PaletteModel::PaletteModel(QObject* parent) : QAbstractListModel(parent) { setFilter({}); }

void PaletteModel::setFilter(const QString& text) {
    beginResetModel();
    rows_.clear();
    const QString wanted = text.trimmed();
    int best = 0;
    for (const LayerDef* def : layers()) best = std::max(best, rank(*def, wanted));
    for (const LayerGroup group : kOrder) {
        bool head = false;
        for (const LayerDef* def : layers()) {
            const int fits = rank(*def, wanted);
            // Help texts and groups are looked at only where no name fits.
            if (layerGroup(def->spec.id) != group || fits == 0 || (best >= 3 && fits < 3)) continue;
            if (!head) rows_.push_back({nullptr, groupTitle(group)});
            head = true;
            rows_.push_back({def, QString::fromStdString(def->spec.title)});
        }
    }
    endResetModel();
}

int PaletteModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(rows_.size()); }

QVariant PaletteModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= int(rows_.size())) return {};
    const Row& row = rows_[size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole: return row.text;
    case Qt::ToolTipRole:
    case Qt::AccessibleDescriptionRole: return row.layer ? QVariant(QString::fromStdString(row.layer->spec.help)) : QVariant();
    case TypeRole: return row.layer ? QVariant(QString::fromStdString(row.layer->spec.id)) : QVariant();
    case HeadRole: return row.layer == nullptr;
    default: return {};
    }
}

Qt::ItemFlags PaletteModel::flags(const QModelIndex& index) const {
    if (!index.isValid()) return Qt::NoItemFlags;
    if (!rows_[size_t(index.row())].layer) return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled;
}

QStringList PaletteModel::mimeTypes() const { return {kLayerMime}; }

QMimeData* PaletteModel::mimeData(const QModelIndexList& indexes) const {
    if (indexes.isEmpty() || data(indexes.front(), HeadRole).toBool()) return nullptr;
    auto* mime = new QMimeData;
    mime->setData(kLayerMime, data(indexes.front(), TypeRole).toString().toUtf8());
    return mime;
}

void PaletteDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRectF rect = option.rect;
    const QString text = index.data(Qt::DisplayRole).toString();
    if (index.data(PaletteModel::HeadRole).toBool()) {
        painter->setFont(font(Type::Caption));
        painter->setPen(color(Token::Text3));
        painter->drawText(rect.adjusted(measure::kSpace8, 0, 0, -measure::kSpace4), int(Qt::AlignLeft | Qt::AlignBottom), text);
        painter->restore();
        return;
    }
    const bool selected = option.state & QStyle::State_Selected, hover = option.state & QStyle::State_MouseOver;
    const QRectF row = rect.adjusted(0, 1, 0, -1);
    if (selected || hover) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(color(selected ? Token::Selection : Token::Surface3));
        painter->drawRoundedRect(row, measure::kRadiusControl, measure::kRadiusControl);
    }
    const LayerGroup group = layerGroup(index.data(PaletteModel::TypeRole).toString().toStdString());
    const double ratio = painter->device()->devicePixelRatioF();
    painter->drawPixmap(QPointF(row.left() + 8, std::round(row.center().y() - 8)),
                        iconPixmap(groupIcon(group), measure::kIconRow, groupColor(group), ratio));
    painter->setFont(font(Type::Body));
    painter->setPen(color(Token::Text1));
    const QRectF label = row.adjusted(32, 0, -8, 0);
    painter->drawText(label, int(Qt::AlignLeft | Qt::AlignVCenter),
                      painter->fontMetrics().elidedText(text, Qt::ElideRight, int(label.width())));
    if (option.state & QStyle::State_HasFocus) drawFocusRing(*painter, row, measure::kRadiusControl);
    painter->restore();
}

QSize PaletteDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
    const bool head = index.data(PaletteModel::HeadRole).toBool();
    return {120, head && index.row() > 0 ? measure::kRow : head ? measure::kSpace24 : measure::kRow};
}

} // namespace strata
