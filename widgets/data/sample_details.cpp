// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/sample_details.h"
#include "widgets/common/controls.h"
#include "widgets/common/picture.h"
#include "widgets/data/chip_row.h"
#include "widgets/data/draw_strip.h"
#include "widgets/data/picture_view.h"

#include <QBoxLayout>
#include <QComboBox>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>

namespace strata {
namespace {

constexpr int kPicture = 264;

/// A caption with a value that is elided behind it.
QWidget* factRow(const QString& name, ElidedLabel* value) {
    auto* row = new QWidget;
    auto* line = makeRow(row, measure::kSpace12);
    QLabel* caption = makeCaption(name);
    caption->setWordWrap(false);
    caption->setMinimumWidth(QFontMetrics(font(Type::Caption)).horizontalAdvance(SampleDetails::tr("Network")) + 2);
    line->addWidget(caption);
    line->addWidget(value, 1);
    value->setAccessibleDescription(name);
    return row;
}

} // namespace

SampleDetails::SampleDetails(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, measure::kSpace12, measure::kSpace16);
    body_ = new QWidget;
    makeBody();
    column->addWidget(body_);
    none_ = makeCaption(tr("Select a picture to see it here: its values, its class, and what the network makes of it."));
    none_->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    column->addWidget(none_);
    column->addStretch();
    showSample(-1);
}

void SampleDetails::makeBody() {
    auto* column = makeColumn(body_, measure::kSpace12);
    view_ = new PictureView(tr("Picture"));
    view_->setFixedHeight(kPicture);
    view_->setMinimumWidth(128);
    column->addWidget(view_);
    values_ = makeCaption({});
    values_->setWordWrap(false);
    values_->setFixedHeight(lineHeight(Type::Caption));
    column->addWidget(values_);
    mode_ = new Segmented({tr("Original"), tr("Network sees")}, tr("What is shown"));
    column->addWidget(mode_);
    label_ = new QComboBox;
    label_->setMinimumContentsLength(8);
    label_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    auto* field = new Field(tr("Class"), label_);
    column->addWidget(field);
    was_ = makeCaption({});
    column->addWidget(was_);
    auto* facts = makeColumn(nullptr, measure::kSpace4);
    place_ = new ElidedLabel;
    origin_ = new ElidedLabel({}, Qt::ElideMiddle);
    size_ = new ElidedLabel;
    predicted_ = new ElidedLabel;
    facts->addWidget(factRow(tr("Sample"), place_));
    facts->addWidget(factRow(tr("Origin"), origin_));
    facts->addWidget(factRow(tr("Size"), size_));
    facts->addWidget(factRow(tr("Network"), predicted_));
    column->addLayout(facts);
    tags_ = new ChipRow(tr("Tags"), tr("Remove tag %1"));
    addTag_ = makeButton(tr("Add tag"), ButtonKind::Link, "add");
    tags_->setEnd(addTag_);
    column->addWidget(tags_);
    column->addSpacing(measure::kSpace4);
    draws_ = new DrawStrip;
    column->addWidget(draws_);

    connect(view_, &PictureView::pixelChanged, this, [this](const QPoint& pixel) {
        const QString text = pixelText(view_->picture(), pixel);
        values_->setText(text.isEmpty() ? tr("Point at a pixel to read its values") : text);
    });
    connect(mode_, &Segmented::chosen, this, &SampleDetails::refreshPicture);
    connect(label_, &QComboBox::activated, this, [this](int label) {
        if (id_ >= 0 && states_ && label != states_->label(id_)) emit relabelled(id_, label);
    });
    connect(tags_, &ChipRow::removed, this, [this](int tag) { emit tagRemoved(id_, tags_->chips()[tag]); });
    connect(addTag_, &QPushButton::clicked, this, [this] { emit tagWanted(id_, addTag_); });
}

void SampleDetails::setSamples(SampleIndexPtr index) {
    index_ = std::move(index);
    states_.reset();
    predictions_.reset();
    const QSignalBlocker blocker(label_);
    label_->clear();
    if (index_)
        for (const std::string& name : index_->source().classes) label_->addItem(QString::fromStdString(name));
    showSample(-1);
}

void SampleDetails::setStates(SampleStatesPtr states) {
    states_ = std::move(states);
    refreshTexts();
}

void SampleDetails::setPredictions(SamplePredictionsPtr predictions) {
    predictions_ = std::move(predictions);
    refreshTexts();
}

void SampleDetails::setPipeline(const std::optional<Pipeline>& pipeline, const QString& why) {
    pipeline_ = pipeline;
    pipelineProblem_ = why;
    refreshPicture();
    refreshDraws();
}

void SampleDetails::setSeed(uint64_t seed) {
    if (seed == seed_) return;
    seed_ = seed;
    refreshDraws();
}

void SampleDetails::showSample(int32_t id) {
    id_ = index_ && id >= 0 && id < index_->size() ? id : -1;
    body_->setVisible(id_ >= 0);
    none_->setVisible(id_ < 0);
    original_ = {};
    jobs_.cancelAll();
    refreshTexts();
    if (id_ < 0) {
        draws_->setSample({}, seed_, 0);
        return;
    }
    jobs_.start(
        "picture", [index = index_, sample = id_](std::stop_token) { return shownPicture(index->sample(sample).image); },
        [this](ShownPicture picture) {
            original_ = std::move(picture);
            refreshTexts();
            refreshPicture();
            refreshDraws();
            emit loaded();
        },
        [this](const QString& sentence) {
            view_->setMessage(sentence);
            draws_->setSample({}, seed_, 0);
        });
}

void SampleDetails::refreshTexts() {
    if (id_ < 0) return;
    const std::vector<std::string>& classes = index_->source().classes;
    const auto name = [&](int label) { return QString::fromStdString(classes[size_t(label)]); };
    const int own = index_->label(id_), label = states_ ? states_->label(id_) : own;
    {
        const QSignalBlocker blocker(label_);
        label_->setCurrentIndex(label);
        label_->setToolTip(name(label));
    }
    was_->setVisible(label != own);
    was_->setText(tr("The data say: %1").arg(name(own)));
    const QString splits[] = {tr("Training"), tr("Validation"), tr("Test")};
    QString place = splits[size_t(index_->split(id_))] + " " + QString::number(index_->index(id_));
    if (states_ && states_->excluded(id_)) place += ", " + tr("excluded");
    place_->setText(place);
    origin_->setText(QString::fromStdString(index_->origin(id_)));
    size_->setText(original_.empty() ? QString() : QString::fromStdString(original_.shape.text('x')));
    const bool asked = predictions_ && size_t(id_) < predictions_->predicted.size() && predictions_->predicted[size_t(id_)] >= 0;
    predicted_->parentWidget()->setVisible(asked);
    if (asked)
        predicted_->setText(
            tr("%1, loss %2").arg(name(predictions_->predicted[size_t(id_)])).arg(double(predictions_->loss[size_t(id_)]), 0, 'f', 2));
    QStringList tags;
    if (states_)
        for (const std::string& tag : states_->tags(id_)) tags << QString::fromStdString(tag);
    tags_->setChips(tags);
}

void SampleDetails::refreshPicture() {
    if (id_ < 0 || original_.empty()) return;
    if (mode_->current() == 0) {
        jobs_.cancel("network");
        return view_->setPicture(original_);
    }
    if (!pipeline_) return view_->setMessage(pipelineProblem_);
    jobs_.start(
        "network", [pipeline = *pipeline_, pixels = original_.bytes](std::stop_token) { return networkPicture(pipeline, pixels, false); },
        [this](const ShownPicture& picture) { view_->setPicture(picture); },
        [this](const QString& sentence) { view_->setMessage(sentence); });
}

void SampleDetails::refreshDraws() {
    if (!pipeline_) return draws_->clear(pipelineProblem_);
    draws_->setPipeline(*pipeline_);
    if (id_ >= 0 && !original_.empty()) draws_->setSample(original_.bytes, seed_, index_->index(id_));
}

} // namespace strata
