// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/transform_list.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/common/param_form.h"
#include "widgets/data/transform_card.h"

#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

namespace strata {
namespace {

QString titleFor(const std::string& type) {
    for (const TransformDef& def : transforms())
        if (def.spec.id == type) return QString::fromStdString(def.spec.title);
    return QString::fromStdString(type);
}

std::string typeOf(const Json& step) {
    return step.is_object() && step.contains("type") && step["type"].is_string() ? step["type"].get<std::string>() : std::string("?");
}

ParamValues paramsOf(const Json& step) {
    return step.is_object() && step.contains("params") && step["params"].is_object() ? step["params"] : ParamValues::object();
}

/// What a required parameter starts with: a size that fits the picture, a mean and deviation that change nothing.
ParamValues startValues(const TransformDef& def, const Shape& shape) {
    ParamValues values = ParamValues::object();
    const int64_t channels = shape.rank() == 3 ? shape[0] : 3;
    for (const ParamDef& param : def.spec.params) {
        if (!param.defaultValue.is_null()) continue;
        if (param.type == ParamType::RealList)
            values[param.id] = Json(std::vector<double>(size_t(channels), param.id == "std" ? 0.25 : 0.5));
        else if (param.type == ParamType::IntegerPair)
            values[param.id] = shape.rank() == 3 ? Json::array({shape[1], shape[2]}) : Json::array({32, 32});
        else
            values[param.id] = shape.rank() == 3 ? std::min(shape[1], shape[2]) : 32;
    }
    return values;
}

} // namespace

TransformList::TransformList(QWidget* parent) : QWidget(parent), json_(Json::object()) {
    setAccessibleName(tr("Transforms"));
    column_ = new QVBoxLayout(this);
    column_->setContentsMargins(0, 0, 0, 0);
    column_->setSpacing(measure::kSpace4);
    auto* actions = makeRow(nullptr);
    add_ = makeButton(tr("Add transform"), ButtonKind::Normal, "add");
    menu_ = new QMenu(add_);
    QString group;
    for (const TransformDef& def : transforms()) {
        if (!group.isEmpty() && group != QString::fromStdString(def.spec.group)) menu_->addSeparator();
        group = QString::fromStdString(def.spec.group);
        const QString iconName = QString::fromStdString("transform-" + def.spec.id);
        QAction* action = menu_->addAction(icon(hasIcon(iconName) ? iconName : "image"), QString::fromStdString(def.spec.title));
        action->setToolTip(QString::fromStdString(def.spec.help));
        connect(action, &QAction::triggered, this, [this, id = def.spec.id] { add(id); });
    }
    menu_->setToolTipsVisible(true);
    add_->setMenu(menu_);
    reset_ = makeButton(tr("Reset to default"), ButtonKind::Link);
    connect(reset_, &QPushButton::clicked, this, &TransformList::resetRequested);
    actions->addWidget(add_);
    actions->addStretch();
    actions->addWidget(reset_);
    column_->addLayout(actions);
    column_->addSpacing(measure::kSpace4);
}

Json TransformList::steps() const {
    return json_.is_object() && json_.contains("steps") && json_["steps"].is_array() ? json_["steps"] : Json::array();
}

QString TransformList::titleOf(int row) const { return titleFor(typeOf(steps()[size_t(row)])); }

int TransformList::rowOf(const TransformCard* card) const { return int(std::find(cards_.begin(), cards_.end(), card) - cards_.begin()); }

void TransformList::setPipeline(const Json& json, const Shape& input, bool isDefault) {
    json_ = json;
    input_ = input;
    reset_->setEnabled(!isDefault);
    refresh();
}

void TransformList::refresh() {
    const Json list = steps();
    while (cards_.size() < list.size()) {
        auto* card = new TransformCard(this);
        column_->addWidget(card);
        card->show();
        cards_.push_back(card);
    }
    while (cards_.size() > list.size()) {
        cards_.back()->hide();
        cards_.back()->deleteLater();
        cards_.pop_back();
    }
    if (selected_ >= int(cards_.size())) selected_ = -1;
    Shape shape = input_;
    bool broken = false;
    for (size_t i = 0; i < list.size(); ++i) {
        QString problem;
        try {
            Pipeline single;
            single.add(typeOf(list[i]), paramsOf(list[i]));
            if (!broken && shape.rank() == 3) shape = single.outputShape(shape);
        } catch (const Error& error) { problem = QString::fromUtf8(error.what()); }
        broken = broken || !problem.isEmpty();
        const QString after = broken || shape.rank() != 3 ? QStringLiteral("?") : QString::fromStdString(shape.text('x'));
        cards_[i]->setStep(typeOf(list[i]), paramsOf(list[i]), after, problem);
        cards_[i]->setOpen(int(i) == selected_);
    }
}

void TransformList::select(int row) {
    selected_ = row;
    for (size_t i = 0; i < cards_.size(); ++i) cards_[i]->setOpen(int(i) == row);
}

void TransformList::focusCard(int row) {
    if (row >= 0 && row < count()) cards_[size_t(row)]->setFocus(Qt::TabFocusReason);
}

void TransformList::edit(const QString& text, const Json& list, const QString& mergeKey) {
    Json json = json_.is_object() ? json_ : Json::object();
    if (!json.contains("version")) json["version"] = 1;
    json["steps"] = list;
    emit edited(text, json, mergeKey);
}

void TransformList::add(const std::string& type) {
    Json list = steps();
    // Before the normalisation, as pictures are prepared; cutout and a second normalisation after it.
    auto place = list.end();
    if (type != "cutout" && type != "normalize")
        place = std::find_if(list.begin(), list.end(), [](const Json& step) { return typeOf(step) == "normalize"; });
    const int row = int(place - list.begin());
    Shape shape = input_;
    try {
        Pipeline before;
        for (int i = 0; i < row; ++i) before.add(typeOf(list[size_t(i)]), paramsOf(list[size_t(i)]));
        if (shape.rank() == 3) shape = before.outputShape(shape);
    } catch (const Error&) { shape = input_; } // a broken step before it: its card says so
    list.insert(place, Json{{"type", type}, {"params", startValues(transformDef(type), shape)}});
    selected_ = row;
    edit(tr("Add %1").arg(titleFor(type)), list);
    focusCard(row);
}

void TransformList::remove(int row) {
    Json list = steps();
    if (row < 0 || row >= int(list.size())) return;
    const QString text = tr("Remove %1").arg(titleOf(row));
    list.erase(size_t(row));
    selected_ = -1;
    edit(text, list);
    if (count() > 0)
        focusCard(std::min(row, count() - 1));
    else
        add_->setFocus();
}

void TransformList::duplicate(int row) {
    Json list = steps();
    if (row < 0 || row >= int(list.size())) return;
    list.insert(list.begin() + row + 1, Json(list[size_t(row)]));
    selected_ = row + 1;
    edit(tr("Duplicate %1").arg(titleOf(row)), list);
    focusCard(row + 1);
}

void TransformList::move(int from, int to) {
    Json list = steps();
    if (from < 0 || from >= int(list.size()) || to < 0 || to >= int(list.size()) || from == to) return;
    const QString text = tr("Move %1").arg(titleOf(from));
    const Json step = list[size_t(from)];
    list.erase(size_t(from));
    list.insert(list.begin() + to, step);
    if (selected_ == from)
        selected_ = to;
    else if (selected_ >= 0)
        selected_ = -1;
    edit(text, list);
    focusCard(to);
}

void TransformList::setParam(int row, const QString& param, const Json& value) {
    Json list = steps();
    if (row < 0 || row >= int(list.size())) return;
    QString name = param, shown = QString::fromStdString(value.dump());
    const std::string type = typeOf(list[size_t(row)]);
    for (const ParamDef& def : transformDef(type).spec.params)
        if (def.id == param.toStdString()) name = QString::fromStdString(def.title).toLower();
    if (value.is_number()) shown = numberText(value.get<double>());
    if (value.is_string()) shown = QString::fromStdString(value.get<std::string>());
    if (!list[size_t(row)].contains("params")) list[size_t(row)]["params"] = Json::object();
    list[size_t(row)]["params"][param.toStdString()] = value;
    edit(tr("Set %1 %2 to %3").arg(titleFor(type).toLower(), name, shown), list, QString("transform/%1/%2").arg(row).arg(param));
}

int TransformList::gapAt(int y) const {
    for (size_t i = 0; i < cards_.size(); ++i)
        if (y < cards_[i]->geometry().center().y()) return int(i);
    return count();
}

void TransformList::showDrop(int row) {
    dropAt_ = row;
    update();
}

void TransformList::paintEvent(QPaintEvent*) {
    if (dropAt_ < 0 || cards_.empty()) return;
    QPainter painter(this);
    const int y = dropAt_ < count() ? cards_[size_t(dropAt_)]->geometry().top() - 3 : cards_.back()->geometry().bottom() + 2;
    painter.fillRect(QRect(measure::kSpace4, y, width() - 2 * measure::kSpace4, 2), color(Token::Accent));
}

} // namespace strata
