// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/facts_sheet.h"
#include "widgets/common/controls.h"

#include <QBoxLayout>
#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QTableView>

namespace strata {
namespace {

constexpr int kMostRows = 20; ///< of classes before the table scrolls by itself

int64_t sizeOf(const DatasetPtr& set) { return set ? set->size() : 0; }

QString reals(const std::vector<double>& values) {
    QStringList texts;
    for (const double value : values) texts << QString::number(value, 'f', 4);
    return texts.join(' ');
}

QString valueText(const Json& value) {
    if (value.is_string()) return QString::fromStdString(value.get<std::string>());
    if (!value.is_array()) return QString::fromStdString(toText(value));
    QStringList parts;
    for (const Json& item : value) parts << valueText(item);
    return parts.join(", ");
}

/// With places where a long path or number may go on in the next line.
QString breakable(QString text) {
    for (const QChar mark : {'/', '_', ':', '-'}) text.replace(mark, QString(mark) + QChar(0x200B));
    return text;
}

/// Name and value of each fact, in the order of `strata data info`.
std::vector<std::pair<QString, QString>> factsOf(const DataSource& source, const DataStatistics& statistics) {
    const QLocale locale;
    const auto tr = [](const char* text) { return FactsSheet::tr(text); };
    QString shape = QString::fromStdString(source.imageShape.text('x'));
    if (source.mixedSizes) shape += tr(", the most frequent of several");
    std::vector<std::pair<QString, QString>> facts{
        {tr("Length"), FactsSheet::tr("%1 for training (%2 of them for validation), %3 for testing")
                           .arg(locale.toString(qlonglong(sizeOf(source.train) + sizeOf(source.validation))),
                                locale.toString(qlonglong(sizeOf(source.validation))), locale.toString(qlonglong(sizeOf(source.test))))},
        {tr("Data shape"), shape},
        {tr("Mean"), reals(statistics.mean)},
        {tr("Deviation"), reals(statistics.deviation)},
        {tr("Fingerprint"), QString::fromStdString(source.fingerprint)},
        {tr("Source"), QString::fromStdString(source.spec)}};
    for (const auto& [name, value] : source.facts.items()) {
        QString title = QString::fromStdString(name).replace('_', ' ');
        title.replace(0, 1, title.left(1).toUpper());
        facts.emplace_back(title, valueText(value));
    }
    return facts;
}

} // namespace

void ClassTable::setClasses(const DataSource& source, const DataStatistics& statistics) {
    beginResetModel();
    names_ = source.classes;
    train_ = statistics.trainCounts;
    validation_ = statistics.validationCounts;
    test_ = statistics.testCounts;
    for (std::vector<int64_t>* counts : {&train_, &validation_, &test_}) counts->resize(names_.size());
    endResetModel();
}

QVariant ClassTable::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const auto row = size_t(index.row());
    const QLocale locale;
    if (role == Qt::TextAlignmentRole) return int(Qt::AlignVCenter | (index.column() == 1 ? Qt::AlignLeft : Qt::AlignRight));
    if (role == Qt::ToolTipRole && index.column() == 1) return QString::fromStdString(names_[row]);
    if (role == Qt::ToolTipRole && index.column() == 2)
        return tr("%1, and %2 for validation").arg(locale.toString(qlonglong(train_[row])), locale.toString(qlonglong(validation_[row])));
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
    case 0: return index.row();
    case 1: return QString::fromStdString(names_[row]);
    case 2: return locale.toString(qlonglong(train_[row] + validation_[row]));
    default: return locale.toString(qlonglong(test_[row]));
    }
}

QVariant ClassTable::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole) return int(Qt::AlignVCenter | (section == 1 ? Qt::AlignLeft : Qt::AlignRight));
    if (role == Qt::ToolTipRole) return QStringList{tr("Index of the class"), tr("Class"), tr("Training and validation"), tr("Test")}[section];
    if (role != Qt::DisplayRole) return {};
    return QStringList{tr("#"), tr("Class"), tr("Train"), tr("Test")}[section];
}

FactsSheet::FactsSheet(QWidget* parent) : QWidget(parent) {
    column_ = makeColumn(this, measure::kSpace12, measure::kSpace16);
    copy_ = makeButton(tr("Copy as text"), ButtonKind::Normal, "copy");
    connect(copy_, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(text_); });
    column_->addWidget(copy_, 0, Qt::AlignLeft);
    table_ = new QTableView;
    table_->setModel(&model_);
    table_->setAccessibleName(tr("Classes"));
    polishTable(table_, 1);
    for (const int section : {0, 2, 3}) table_->horizontalHeader()->setSectionResizeMode(section, QHeaderView::ResizeToContents);
    table_->horizontalHeader()->setMinimumSectionSize(36);
    table_->setSelectionMode(QAbstractItemView::SingleSelection);
    table_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column_->addWidget(table_, 1);
}

void FactsSheet::setFacts(const DataSource& source, const DataStatistics& statistics) {
    text_ = text(source, statistics);
    if (rows_) {
        rows_->hide();
        rows_->deleteLater();
    }
    rows_ = new QWidget;
    auto* rows = makeColumn(rows_, measure::kSpace8);
    for (const auto& [name, value] : factsOf(source, statistics)) {
        auto* fact = makeColumn(nullptr, 0);
        fact->addWidget(makeCaption(name));
        QLabel* label = makeText(breakable(value));
        label->setMinimumWidth(0);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setAccessibleName(name + ": " + value);
        fact->addWidget(label);
        rows->addLayout(fact);
    }
    column_->insertWidget(0, rows_);
    model_.setClasses(source, statistics);
    table_->setMinimumHeight(measure::kRow * (std::min(model_.rowCount(), kMostRows) + 1) + measure::kSpace4);
}

QString FactsSheet::text(const DataSource& source, const DataStatistics& statistics) {
    QString text = QString::fromStdString(source.title) + "\n";
    for (const auto& [name, value] : factsOf(source, statistics)) text += name.leftJustified(12) + " " + value + "\n";
    text += "\n" + tr("class_to_idx") + "\n";
    const auto count = [](const std::vector<int64_t>& counts, size_t c) { return QString::number(c < counts.size() ? counts[c] : 0); };
    for (size_t c = 0; c < source.classes.size(); ++c)
        text += QString("%1\t%2\t%3\t%4\t%5\n")
                    .arg(QString::number(c), QString::fromStdString(source.classes[c]), count(statistics.trainCounts, c),
                         count(statistics.validationCounts, c), count(statistics.testCounts, c));
    return text;
}

} // namespace strata
