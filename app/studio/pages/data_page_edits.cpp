// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/data_page.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/data/choice_popup.h"
#include "widgets/data/draw_strip.h"
#include "widgets/data/filter_panel.h"
#include "widgets/data/sample_details.h"
#include "widgets/data/sample_grid.h"
#include "widgets/data/transform_list.h"

#include <QLocale>
#include <QPushButton>

namespace strata::studio {
namespace {

EditList editsOf(const Json& json) { return json.is_object() && json.empty() ? EditList() : EditList::fromJson(json, "the project's edits"); }

/// "1 sample" or "3 samples".
QString samples(size_t count) {
    return count == 1 ? DataPage::tr("1 sample") : DataPage::tr("%1 samples").arg(QLocale().toString(qulonglong(count)));
}

} // namespace

void DataPage::refreshEdits() {
    if (!index_) {
        states_.reset();
        edits_ = {};
        filters_->setStates({});
        return refreshFooter();
    }
    try {
        edits_ = editsOf(context_.document.project().edits);
    } catch (const Error& error) {
        edits_ = {};
        context_.messages.error(QString::fromUtf8(error.what()), "data/edits");
    }
    states_ = std::make_shared<const SampleStates>(*index_, edits_);
    grid_->setStates(states_);
    details_->setStates(states_);
    filters_->setStates(states_);
    SampleFilter filter = filter_;
    std::erase_if(filter.tags, [&](const std::string& tag) { return !states_->tagCounts().contains(tag); });
    if (filter == filter_) applyFilterNow();
    else setFilter(filter);
    refreshFooter();
}

void DataPage::editSamples(const QString& text, const std::vector<int32_t>& ids, const std::function<void(int32_t, SampleEdit&)>& change) {
    if (!index_ || ids.empty()) return;
    try {
        context_.document.edit(text, Section::Edits, [&](Project& project) {
            EditList list = editsOf(project.edits);
            for (const int32_t id : ids) {
                const SampleKey key = index_->key(id);
                SampleEdit edit = list.of(key);
                change(id, edit);
                list.set(key, std::move(edit));
            }
            if (list.edits.empty() && list.extra.empty()) {
                project.edits = Json::object();
                return;
            }
            list.data = index_->source().spec;
            list.fingerprint = index_->source().fingerprint;
            project.edits = list.toJson();
        });
    } catch (const Error& error) { context_.messages.error(QString::fromUtf8(error.what()), "data/edits"); }
}

void DataPage::relabelSamples(const std::vector<int32_t>& ids, int label) {
    const std::string name = index_->source().classes[size_t(label)];
    editSamples(tr("Relabel %1 as %2").arg(samples(ids.size()), QString::fromStdString(name)), ids,
                [&](int32_t id, SampleEdit& edit) { edit.label = index_->label(id) == label ? std::string() : name; });
}

void DataPage::tagSamples(const std::vector<int32_t>& ids, const QString& tag) {
    editSamples(tr("Tag %1 %2").arg(samples(ids.size()), tag), ids,
                [&](int32_t, SampleEdit& edit) { edit.tags.push_back(tag.toStdString()); });
}

void DataPage::untagSamples(const std::vector<int32_t>& ids, const QString& tag) {
    editSamples(tr("Remove tag %1 from %2").arg(tag, samples(ids.size())), ids,
                [&](int32_t, SampleEdit& edit) { std::erase(edit.tags, tag.toStdString()); });
}

void DataPage::excludeSelection() {
    const std::vector<int32_t> ids = grid_->selection();
    if (ids.empty() || !states_) return;
    const bool include = std::all_of(ids.begin(), ids.end(), [&](int32_t id) { return states_->excluded(id); });
    editSamples((include ? tr("Include %1") : tr("Exclude %1")).arg(samples(ids.size())), ids,
                [&](int32_t, SampleEdit& edit) { edit.exclude = !include; });
}

void DataPage::askLabel(QWidget* anchor) {
    const std::vector<int32_t> ids = grid_->selection();
    if (ids.empty() || !states_) return;
    QStringList names;
    for (const std::string& name : index_->source().classes) names << QString::fromStdString(name);
    const int first = states_->label(ids.front());
    const bool same = std::all_of(ids.begin(), ids.end(), [&](int32_t id) { return states_->label(id) == first; });
    auto* popup = new ChoicePopup(tr("Relabel %1 as").arg(samples(ids.size())), names, same ? std::set<int>{first} : std::set<int>{},
                                  false, this);
    popup->setObjectName("relabel-popup");
    connect(popup, &ChoicePopup::chosen, this, [this, ids, names](const QString& name) { relabelSamples(ids, int(names.indexOf(name))); });
    popup->popUp(anchor);
}

void DataPage::askTag(const std::vector<int32_t>& ids, QWidget* anchor) {
    if (ids.empty() || !states_) return;
    QStringList names;
    std::set<int> all;
    for (const auto& [tag, count] : states_->tagCounts()) {
        const bool everywhere = std::all_of(ids.begin(), ids.end(), [&, name = tag](int32_t id) {
            const auto& tags = states_->tags(id);
            return std::find(tags.begin(), tags.end(), name) != tags.end();
        });
        if (everywhere) all.insert(int(names.size()));
        names << QString::fromStdString(tag);
    }
    auto* popup = new ChoicePopup(tr("Tag %1").arg(samples(ids.size())), names, all, true, this);
    popup->setObjectName("tag-popup");
    connect(popup, &ChoicePopup::chosen, this, [this, ids, names, all](const QString& name) {
        if (all.contains(int(names.indexOf(name)))) untagSamples(ids, name);
        else tagSamples(ids, name);
    });
    popup->popUp(anchor);
}

void DataPage::refreshPipeline() {
    const Json& own = context_.document.project().pipeline;
    const auto opened = context_.data.data();
    const Shape input = opened ? opened->source.imageShape : Shape();
    const Json shown = !own.is_null() ? own : opened ? opened->defaultPipeline.toJson() : Json::object();
    transforms_->setPipeline(shown, input, own.is_null());
    transforms_->setEnabled(opened != nullptr || !own.is_null());
    std::optional<Pipeline> pipeline;
    QString why;
    try {
        if (shown.contains("steps")) pipeline = Pipeline::fromJson(shown);
        if (pipeline && input.rank() == 3) (void)pipeline->outputShape(input);
    } catch (const Error& error) {
        why = QString::fromUtf8(error.what());
        pipeline.reset();
    }
    details_->setPipeline(pipeline, why);
    if (pipeline) transformDraws_->setPipeline(*pipeline);
    else transformDraws_->clear(why);
}

void DataPage::refreshFooter() {
    const bool selected = grid_->selectedCount() > 0;
    for (QPushButton* button : {relabel_, tag_, exclude_}) button->setEnabled(selected);
    footer_->setVisible(index_ != nullptr);
    if (!index_ || !states_) return setFooter({});
    const QLocale locale;
    QString text = tr("%1 shown").arg(locale.toString(qlonglong(grid_->order().size())));
    if (selected) text += ", " + tr("%1 selected").arg(locale.toString(grid_->selectedCount()));
    QStringList edited;
    if (states_->relabelledCount() > 0) edited << tr("%1 relabelled").arg(locale.toString(states_->relabelledCount()));
    if (states_->taggedCount() > 0) edited << tr("%1 tagged").arg(locale.toString(states_->taggedCount()));
    if (states_->excludedCount() > 0) edited << tr("%1 excluded").arg(locale.toString(states_->excludedCount()));
    if (!edited.isEmpty()) text += "  ·  " + edited.join(", ");
    setFooter(text);
    // Looking at all of a large selection at each step of a rubber band would be slow; the first ones tell.
    bool include = selected;
    int looked = 0;
    if (selected && states_->excludedCount() >= grid_->selectedCount())
        for (const int32_t id : grid_->selection()) {
            include = include && states_->excluded(id);
            if (!include || ++looked > 1000) break;
        }
    else include = false;
    exclude_->setText(include ? tr("Include") : tr("Exclude"));
    exclude_->setAccessibleName(exclude_->text());
}

} // namespace strata::studio
