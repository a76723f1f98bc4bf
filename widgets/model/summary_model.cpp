// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/model/summary_model.h"
#include "core/base/text.h"
#include "widgets/common/theme.h"
#include "widgets/model/layer_look.h"

#include <QLocale>

namespace strata {
namespace {

QString number(int64_t value) { return value == 0 ? QString(QChar(0x2013)) : QLocale(QLocale::English).toString(qlonglong(value)); }
QString millions(double flops) {
    if (flops <= 0) return QString(QChar(0x2013));
    return QString::number(flops / 1e6, 'f', flops < 1e7 ? 2 : 1);
}
QString bytes(double value) { return value <= 0 ? QString(QChar(0x2013)) : QString::fromStdString(formatBytes(uint64_t(value))); }

} // namespace

SummaryModel::SummaryModel(QObject* parent) : QAbstractTableModel(parent) {}

void SummaryModel::setFacts(const ModelFacts& facts, int64_t batch) {
    beginResetModel();
    batch_ = batch;
    rows_.clear();
    double memory = 0;
    for (size_t i = 0; i < facts.spec.layers.size(); ++i) {
        const LayerSpec& layer = facts.spec.layers[i];
        const LayerFacts& known = facts.layers[i];
        Row row;
        row.key = QString::fromStdString(layer.id);
        row.cells[Layer] = facts.times[i] > 1 ? row.key + " " + QChar(0x00D7) + QString::number(facts.times[i]) : row.key;
        row.cells[Type] = layer.bypassed ? tr("%1, bypassed").arg(layerTitle(layer.type)) : layerTitle(layer.type);
        row.bypassed = layer.bypassed;
        row.problem = facts.problemAt(i) != nullptr;
        row.group = int(layerGroup(layer.type));
        row.cells[Output] = known.known ? shapeText(known.output) : "?";
        const double kept = known.known && !layer.bypassed ? double(batch) * double(known.output.elements()) * 4 * facts.times[i] : 0;
        memory += kept;
        row.cells[Parameters] = known.known ? number(known.parameters * facts.times[i]) : "?";
        row.cells[Flops] = known.known ? millions(known.flops * facts.times[i]) : "?";
        row.cells[Memory] = known.known ? bytes(kept) : "?";
        rows_.push_back(std::move(row));
    }
    if (!rows_.empty()) {
        Row total;
        total.cells[Layer] = tr("Total");
        total.cells[Type] = tr("%n layers", nullptr, int(facts.spec.layers.size()));
        total.cells[Output] = shapeText(facts.output);
        total.cells[Parameters] = number(int64_t(facts.parameters));
        total.cells[Flops] = millions(facts.flops);
        total.cells[Memory] = bytes(memory);
        rows_.push_back(std::move(total));
    }
    endResetModel();
}

int SummaryModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(rows_.size()); }
int SummaryModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(Columns); }

QVariant SummaryModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= int(rows_.size())) return {};
    const Row& row = rows_[size_t(index.row())];
    const bool total = row.key.isEmpty();
    switch (role) {
    case Qt::DisplayRole: return row.cells[index.column()];
    case Qt::TextAlignmentRole: return int((index.column() >= Output ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case Qt::FontRole: return total ? QVariant(font(Type::BodyMedium)) : QVariant();
    case Qt::ForegroundRole:
        if (row.problem) return color(Token::Error);
        if (row.bypassed) return color(Token::TextDisabled);
        return index.column() == Layer || total ? QVariant() : QVariant(color(Token::Text2));
    case KeyRole: return row.key;
    case TotalRole: return total;
    default: return {};
    }
}

QVariant SummaryModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= Columns) return {};
    if (role == Qt::TextAlignmentRole) return int((section >= Output ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == Memory) return tr("Outputs kept for the way back, 32 bits each, at batch %1").arg(batch_);
    if (role != Qt::DisplayRole) return {};
    switch (section) {
    case Layer: return tr("Layer");
    case Type: return tr("Type");
    case Output: return tr("Output shape");
    case Parameters: return tr("Parameters");
    case Flops: return tr("MFLOPs");
    default: return tr("Activations");
    }
}

QString SummaryModel::text() const {
    QStringList lines;
    const auto line = [](const auto& cell) {
        QStringList cells;
        for (int c = 0; c < Columns; ++c) cells << cell(c);
        return cells.join('\t');
    };
    lines << line([&](int c) { return headerData(c, Qt::Horizontal, Qt::DisplayRole).toString(); });
    for (const Row& row : rows_) lines << line([&](int c) { return row.cells[c]; });
    return lines.join('\n') + '\n';
}

} // namespace strata
