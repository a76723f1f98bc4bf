// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run/model_combo.h"
#include "app/studio/export_dialog.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"

#include <QButtonGroup>
#include <QClipboard>
#include <QDesktopServices>
#include <QEvent>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMouseEvent>
#include <QPushButton>
#include <QRadioButton>
#include <QStackedWidget>
#include <QUrl>

namespace strata::studio {
namespace {

constexpr int kWidth = 640, kHeight = 536, kFormatRow = 40, kTickMs = 60;

/// Programs that open a format; the engine's table says what is inside it.
QString opensIn(const std::string& id) {
    if (id == "safetensors") return ExportDialog::tr("opens in Strata, PyTorch, Hugging Face");
    if (id == "keras") return ExportDialog::tr("opens in Keras, TensorFlow");
    if (id == "npz") return ExportDialog::tr("opens in NumPy, any Python");
    if (id == "pytorch_source") return ExportDialog::tr("opens in any editor; runs in PyTorch");
    return {};
}

/// A press anywhere on the row presses its button.
class FormatRow : public QWidget {
public:
    explicit FormatRow(QRadioButton* button) : button_(button) {
        setMinimumHeight(kFormatRow);
        setCursor(Qt::PointingHandCursor);
    }

protected:
    void mouseReleaseEvent(QMouseEvent* event) override {
        if (event->button() == Qt::LeftButton && rect().contains(event->position().toPoint())) button_->click();
    }

private:
    QRadioButton* button_;
};

/// "weights" with a check mark, dimmed where a format cannot carry it.
class IncludedPart : public QWidget {
public:
    explicit IncludedPart(const QString& name) : mark_(new QLabel), name_(makeText(name)) {
        auto* row = makeRow(this, measure::kSpace4);
        name_->setWordWrap(false);
        row->addWidget(mark_);
        row->addWidget(name_);
        setAccessibleName(name);
        showMark();
    }

protected:
    void changeEvent(QEvent* event) override {
        QWidget::changeEvent(event);
        if (event->type() == QEvent::EnabledChange || event->type() == QEvent::PaletteChange) showMark();
    }

private:
    void showMark() {
        const Token token = isEnabled() ? Token::Success : Token::TextDisabled;
        mark_->setPixmap(iconPixmap(isEnabled() ? "check" : "close", measure::kIconRow, color(token), devicePixelRatioF()));
        setAccessibleDescription(isEnabled() ? ExportDialog::tr("included") : ExportDialog::tr("not included"));
    }
    QLabel *mark_, *name_;
};

} // namespace

// CheckRow

CheckRow::CheckRow(const QString& title, QWidget* parent)
    : QWidget(parent), mark_(new QLabel), title_(makeHeading(title)), detail_(makeText({})) {
    auto* row = makeRow(this, measure::kSpace12, measure::kSpace12);
    setSurface(this, "card");
    auto* texts = makeColumn(nullptr, measure::kSpace4);
    detail_->setProperty("role", "label");
    detail_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    texts->addWidget(title_);
    texts->addWidget(detail_);
    mark_->setFixedSize(measure::kIcon, measure::kIcon);
    row->addWidget(mark_, 0, Qt::AlignTop);
    row->addLayout(texts, 1);
    setAccessibleName(title);
    set(State::Waiting);
}

void CheckRow::set(State state, const QString& detail) {
    state_ = state;
    const QString said = !detail.isEmpty()         ? detail
                         : state == State::Working ? tr("Working…")
                         : state == State::Done    ? tr("Done")
                                                   : QString();
    detail_->setText(said);
    setAccessibleDescription(said);
    showMark();
}

QString CheckRow::detail() const { return detail_->text(); }

void CheckRow::showMark() {
    const auto [name, token] = [&]() -> std::pair<const char*, Token> {
        switch (state_) {
        case State::Done: return {"success", Token::Success};
        case State::Failed: return {"error", Token::Error};
        case State::Working: return {"clock", Token::Accent};
        case State::Skipped: return {"info", Token::Text3};
        case State::Waiting: break;
        }
        return {"clock", Token::TextDisabled};
    }();
    mark_->setPixmap(iconPixmap(name, measure::kIcon, color(token), devicePixelRatioF()));
}

void CheckRow::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) showMark();
}

// ExportDialog

ExportDialog::ExportDialog(Context& context, const QString& modelId, QWidget* parent) : QDialog(parent), context_(context) {
    setWindowTitle(tr("Export a network"));
    setAccessibleName(windowTitle());
    resize(kWidth, kHeight);
    auto* column = makeColumn(this, 0);
    pages_ = new QStackedWidget;
    column->addWidget(pages_);
    pages_->addWidget(makeForm());
    pages_->addWidget(makeResult());
    tick_.setInterval(kTickMs);
    connect(&tick_, &QTimer::timeout, this, &ExportDialog::refreshRows);
    connect(model_, &ModelCombo::chosen, this, &ExportDialog::modelChosen);
    connect(formats_, &QButtonGroup::idClicked, this, [this] { formatChosen(); });
    connect(path_, &QLineEdit::textChanged, this, [this] { checkPath(); });
    if (!modelId.isEmpty()) model_->choose(modelId);
    formatChosen();
    modelChosen();
}

QWidget* ExportDialog::makeForm() {
    auto* page = new QWidget;
    auto* column = makeColumn(page, measure::kSpace16, measure::kSpace24);
    model_ = new ModelCombo(context_.models);
    column->addWidget(new Field(tr("Checkpoint"), model_));
    column->addWidget(makeFormats());
    column->addWidget(makeIncludes());
    path_ = new QLineEdit;
    auto* place = new QWidget;
    auto* row = makeRow(place, measure::kSpace8);
    auto* browseButton = makeButton(tr("Browse…"), ButtonKind::Normal, "folder");
    connect(browseButton, &QPushButton::clicked, this, &ExportDialog::browse);
    row->addWidget(path_, 1);
    row->addWidget(browseButton);
    pathField_ = new Field(tr("Save to"), place);
    path_->setAccessibleName(tr("Save to"));
    place->setFocusProxy(path_);
    column->addWidget(pathField_);
    column->addStretch();
    auto* buttons = makeRow(nullptr, measure::kSpace8);
    cancel_ = makeButton(tr("Cancel"));
    export_ = makeButton(tr("Export"), ButtonKind::Primary);
    export_->setDefault(true);
    connect(cancel_, &QPushButton::clicked, this, &QDialog::close);
    connect(export_, &QPushButton::clicked, this, &ExportDialog::exportNow);
    buttons->addStretch();
    buttons->addWidget(cancel_);
    buttons->addWidget(export_);
    column->addLayout(buttons);
    return page;
}

QWidget* ExportDialog::makeFormats() {
    auto* box = new QWidget;
    auto* column = makeColumn(box, measure::kSpace4);
    column->addWidget(makeLabel(tr("Format")));
    auto* card = new QWidget;
    setSurface(card, "card");
    auto* rows = makeColumn(card, 0);
    rows->setContentsMargins(measure::kSpace12, measure::kSpace4, measure::kSpace12, measure::kSpace4);
    formats_ = new QButtonGroup(this);
    for (size_t i = 0; i < formats().size(); ++i) {
        const FormatDef& format = formats()[i];
        auto* button = new QRadioButton(QString::fromStdString(format.spec.title));
        button->setAccessibleDescription(opensIn(format.spec.id));
        button->setToolTip(QString::fromStdString(format.spec.help));
        formats_->addButton(button, int(i));
        auto* row = new FormatRow(button);
        auto* line = makeRow(row, measure::kSpace12);
        auto* where = new ElidedLabel(opensIn(format.spec.id));
        where->setType(Type::Caption, Token::Text3);
        auto* size = makeCaption({});
        size->setWordWrap(false);
        sizes_.push_back(size);
        line->addWidget(button);
        line->addWidget(where, 1);
        line->addWidget(size);
        rows->addWidget(row);
    }
    formats_->button(0)->setChecked(true);
    column->addWidget(card);
    return box;
}

QWidget* ExportDialog::makeIncludes() {
    auto* box = new QWidget;
    auto* column = makeColumn(box, measure::kSpace4);
    column->addWidget(makeLabel(tr("Includes")));
    auto* row = makeRow(nullptr, measure::kSpace16);
    const QString names[] = {tr("weights"), tr("architecture"), tr("classes"), tr("preprocessing")};
    for (size_t i = 0; i < includes_.size(); ++i) {
        includes_[i] = new IncludedPart(names[i]);
        row->addWidget(includes_[i]);
    }
    row->addStretch();
    column->addLayout(row);
    return box;
}

QWidget* ExportDialog::makeResult() {
    auto* page = new QWidget;
    auto* column = makeColumn(page, measure::kSpace12, measure::kSpace24);
    resultTitle_ = new ElidedLabel({}, Qt::ElideMiddle);
    resultTitle_->setType(Type::Title, Token::Text1);
    column->addWidget(resultTitle_);
    const QString titles[] = {tr("Written"), tr("Read back"), tr("100 images compared")};
    for (size_t i = 0; i < rows_.size(); ++i) {
        rows_[i] = new CheckRow(titles[i]);
        column->addWidget(rows_[i]);
    }
    column->addStretch();
    auto* buttons = makeRow(nullptr, measure::kSpace8);
    back_ = makeButton(tr("Back"));
    showFolder_ = makeButton(tr("Show in folder"), ButtonKind::Normal, "folder");
    copy_ = makeButton(tr("Copy command"), ButtonKind::Normal, "copy");
    done_ = makeButton(tr("Done"), ButtonKind::Primary);
    connect(back_, &QPushButton::clicked, this, &ExportDialog::backToForm);
    connect(showFolder_, &QPushButton::clicked, this,
            [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(QFileInfo(exportedPath_).path())); });
    connect(copy_, &QPushButton::clicked, this, [this] {
        QGuiApplication::clipboard()->setText(command_);
        copy_->setText(tr("Copied"));
    });
    connect(done_, &QPushButton::clicked, this, &QDialog::close);
    buttons->addStretch();
    for (QPushButton* button : {back_, showFolder_, copy_, done_}) buttons->addWidget(button);
    column->addLayout(buttons);
    return page;
}

} // namespace strata::studio
