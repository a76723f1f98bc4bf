// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/start_page.h"
#include "core/base/error.h"
#include "core/base/fs.h"
#include "core/base/text.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/model/template_thumbnail.h"

#include <QDateTime>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>

namespace strata::studio {
namespace {

constexpr int kRecentRows = 6, kRecentHeight = 40, kTryHeight = 112, kCardWidth = 272, kCardHeight = 136, kContent = 1144;
const std::array<const char*, 4> kTemplates{"lenet5", "vgg_small", "resnet9", "resnet18"};

/// Thumbnail at the left, texts at the right.
class TemplateCard : public StartItem {
public:
    TemplateCard(const TemplateDef& def, ModelSpec spec) : StartItem(QString::fromStdString(def.title)), spec_(std::move(spec)) {
        setMinimumSize(200, kCardHeight);
        setMaximumHeight(kCardHeight);
        const SpecCheck facts = checkSpec(spec_);
        double flops = 0;
        int64_t parameters = 0;
        for (const LayerFacts& layer : facts.layers) {
            flops += layer.flops;
            parameters += layer.parameters;
        }
        title_ = QString::fromStdString(def.title);
        lines_ = {tr("%1 parameters").arg(QString::fromStdString(formatCount(double(parameters)))),
                  tr("%1 FLOPs").arg(QString::fromStdString(formatCount(flops)))};
        setAccessibleDescription(lines_.join(", "));
        setToolTip(QString::fromStdString(def.help));
    }

protected:
    void paintEvent(QPaintEvent* event) override {
        StartItem::paintEvent(event);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        paintSpecThumbnail(painter, QRectF(12, 12, 64, height() - 24), spec_);
        QRect text(88, 16, width() - 96, height() - 32);
        painter.setFont(strata::font(Type::BodyMedium));
        painter.setPen(color(Token::Text1));
        painter.drawText(text, Qt::AlignTop, painter.fontMetrics().elidedText(title_, Qt::ElideRight, text.width()));
        painter.setFont(strata::font(Type::Caption));
        painter.setPen(color(Token::Text3));
        for (int i = 0; i < lines_.size(); ++i)
            painter.drawText(text.adjusted(0, 28 + 20 * i, 0, 0), Qt::AlignTop,
                             painter.fontMetrics().elidedText(lines_[i], Qt::ElideRight, text.width()));
    }

private:
    ModelSpec spec_;
    QString title_;
    QStringList lines_;
};

/// A big tile: icon, title, sentence.
class TryTile : public StartItem {
public:
    TryTile(const QString& iconName, const QString& title, const QString& sentence, bool dashed)
        : StartItem(title), icon_(iconName), title_(title), sentence_(sentence) {
        setFixedHeight(kTryHeight);
        dashed_ = dashed;
        setAccessibleDescription(sentence);
    }

protected:
    void paintEvent(QPaintEvent* event) override {
        StartItem::paintEvent(event);
        QPainter painter(this);
        painter.drawPixmap(24, (height() - 40) / 2, iconPixmap(icon_, 40, color(Token::Accent), devicePixelRatioF()));
        const QRect text(88, 28, width() - 104, 60);
        painter.setFont(strata::font(Type::BodyMedium));
        painter.setPen(color(Token::Text1));
        painter.drawText(text, Qt::AlignTop, painter.fontMetrics().elidedText(title_, Qt::ElideRight, text.width()));
        painter.setFont(strata::font(Type::Body));
        painter.setPen(color(Token::Text2));
        painter.drawText(text.adjusted(0, 22, 0, 0), Qt::AlignTop | Qt::TextWordWrap, sentence_);
    }

private:
    QString icon_, title_, sentence_;
};

/// One line of the recent list. What the project holds is filled in when its file has been read.
class RecentRow : public StartItem {
public:
    RecentRow(const QString& name, const QString& date) : StartItem(name), detail_(new ElidedLabel({}, Qt::ElideMiddle)), date_(date) {
        setFixedHeight(kRecentHeight);
        setAccessibleDescription(date);
        auto* row = makeRow(this, measure::kSpace12);
        row->setContentsMargins(measure::kSpace12, 0, measure::kSpace12, 0);
        auto* title = new ElidedLabel(name, Qt::ElideMiddle);
        title->setType(Type::BodyMedium, Token::Text1);
        detail_->setType(Type::Caption, Token::Text3);
        auto* when = makeCaption(date);
        when->setWordWrap(false);
        row->addWidget(new IconView("project", measure::kIcon, Token::Text2));
        row->addWidget(title, 2);
        row->addWidget(detail_, 3);
        row->addWidget(when);
    }
    void setDetail(const QString& detail) {
        detail_->setText(detail);
        setAccessibleDescription(detail + ", " + date_);
    }

private:
    ElidedLabel* detail_;
    QString date_;
};

void clearLayout(QLayout* layout) {
    while (QLayoutItem* item = layout->takeAt(0)) {
        if (item->widget()) item->widget()->deleteLater();
        delete item;
    }
}

/// What a project file says in short, without opening it as the project.
QString projectDetail(const QString& path) {
    try {
        const Project project =
            Project::fromJson(parseJson(readTextFile(path.toStdString(), 1 << 24), path.toStdString()), path.toStdString());
        QStringList parts;
        if (!project.data.empty()) parts << QString::fromStdString(project.data).section(':', 0, 0);
        parts << StartPage::tr("%1 layers").arg(project.model.layers.size());
        if (!project.runs.empty()) parts << StartPage::tr("%1 runs").arg(project.runs.size());
        return parts.join(", ");
    } catch (const Error& error) { return QString::fromUtf8(error.what()); }
}

} // namespace

// StartItem

StartItem::StartItem(const QString& accessibleName, QWidget* parent) : QWidget(parent) {
    setAccessibleName(accessibleName);
    setFocusPolicy(Qt::StrongFocus);
    setCursor(Qt::PointingHandCursor);
}

void StartItem::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF body = QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.setPen(dashed_ ? QPen(color(Token::LineStrong), 1, Qt::DashLine) : Qt::NoPen);
    painter.setBrush(color(underMouse() ? Token::Surface3 : Token::Surface2));
    painter.drawRoundedRect(body, measure::kRadiusCard, measure::kRadiusCard);
    if (hasFocus()) drawFocusRing(painter, rect(), measure::kRadiusCard);
}

void StartItem::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() == Qt::LeftButton && rect().contains(event->pos())) emit pressed();
}

void StartItem::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space: emit pressed(); return;
    case Qt::Key_Right:
    case Qt::Key_Down:
    case Qt::Key_Left:
    case Qt::Key_Up: {
        const bool forward = event->key() == Qt::Key_Right || event->key() == Qt::Key_Down;
        const QList<StartItem*> siblings = parentWidget()->findChildren<StartItem*>(Qt::FindDirectChildrenOnly);
        const qsizetype next = siblings.indexOf(this) + (forward ? 1 : -1);
        if (next >= 0 && next < siblings.size()) siblings[next]->setFocus(Qt::TabFocusReason);
        return;
    }
    default: QWidget::keyPressEvent(event);
    }
}

void StartItem::enterEvent(QEnterEvent*) { update(); }
void StartItem::leaveEvent(QEvent*) { update(); }

// StartPage

StartPage::StartPage(Context& context)
    : Page(context), tryRow_(new QWidget), recent_(new QWidget), templates_(new QWidget), datasets_(new QWidget) {
    auto* content = new QWidget;
    auto* outer = makeRow(content, 0);
    outer->setContentsMargins(measure::kSpace32, measure::kSpace24, measure::kSpace32, measure::kSpace24);
    auto* body = new QWidget;
    body->setMaximumWidth(kContent);
    outer->addStretch(1);
    outer->addWidget(body, 1000);
    outer->addStretch(1);
    auto* column = makeColumn(body, measure::kSpace24);
    auto* head = makeRow(nullptr, measure::kSpace12);
    head->addWidget(makeTitle(tr("Welcome to Strata")));
    head->addStretch();
    auto* open = makeButton(tr("Open project…"), ButtonKind::Normal, "open");
    connect(open, &QPushButton::clicked, this, [this] { context_.actions["project.open"]->trigger(); });
    head->addWidget(open);
    column->addLayout(head);

    makeRow(tryRow_, measure::kSpace16);
    makeColumn(recent_, measure::kSpace4);
    makeRow(templates_, measure::kSpace16);
    makeColumn(datasets_, measure::kSpace4);
    column->addWidget(section(tr("Try it now"), tryRow_));
    column->addWidget(section(tr("Recent"), recent_));
    column->addWidget(section(tr("Templates"), templates_));
    column->addWidget(section(tr("Datasets"), datasets_));
    column->addStretch();
    auto* page = makeColumn(this, 0);
    page->addWidget(makeScroll(content));
    fillTry();
    fillTemplates();
    connect(&context_.data, &DataCenter::changed, this, [this] {
        if (isVisible()) fillDatasets();
    });
}

QWidget* StartPage::section(const QString& title, QWidget* content) {
    auto* box = new QWidget;
    auto* column = makeColumn(box, measure::kSpace8);
    column->addWidget(makeHeading(title));
    column->addWidget(content);
    content->setAccessibleName(title);
    return box;
}

void StartPage::enter(const Request&) {
    fillRecent();
    fillDatasets();
}

void StartPage::fillTry() {
    auto* photo = new TryTile("photo", tr("Drop a photo"),
                              tr("The included network names what it sees, of ten kinds of things. Or press here to choose one."), true);
    connect(photo, &StartItem::pressed, this, [this] {
        const QString path = QFileDialog::getOpenFileName(this, tr("Choose a photo"), QDir::homePath(),
                                                          tr("Pictures (*.jpg *.jpeg *.png *.bmp *.webp *.tif *.tiff)"));
        if (!path.isEmpty()) context_.go(PageId::Predict, Request{.paths = {path}});
    });
    auto* tour = new TryTile("tour", tr("First ten minutes"),
                             tr("A small project with data and a network, ready to train. Nothing is downloaded."), false);
    connect(tour, &StartItem::pressed, this, &StartPage::startTour);
    tryRow_->layout()->addWidget(photo);
    tryRow_->layout()->addWidget(tour);
}

void StartPage::fillRecent() {
    jobs_.cancelAll();
    clearLayout(recent_->layout());
    int rows = 0;
    for (const QString& path : context_.settings.value("window/recent").toStringList()) {
        if (rows == kRecentRows) break;
        const QFileInfo file(path);
        if (!file.exists()) continue;
        auto* row = new RecentRow(file.completeBaseName(), QLocale().toString(file.lastModified().date(), QLocale::ShortFormat));
        jobs_.start(
            path, [path](std::stop_token) { return projectDetail(path); },
            [row = QPointer<RecentRow>(row)](const QString& detail) {
                if (row) row->setDetail(detail);
            });
        row->setToolTip(path);
        connect(row, &StartItem::pressed, this, [this, path] { emit openAsked(path); });
        recent_->layout()->addWidget(row);
        ++rows;
    }
    if (rows > 0) return;
    auto* empty = makeText(tr("No projects yet. Start from a template, or drop a photo to see what the included network says."));
    empty->setProperty("role", "label");
    recent_->layout()->addWidget(empty);
}

void StartPage::fillTemplates() {
    for (const char* id : kTemplates)
        for (const TemplateDef& def : modelTemplates())
            if (def.id == id) {
                auto* card = new TemplateCard(def, def.make({3, 32, 32}, 10));
                connect(card, &StartItem::pressed, this, [this, id] { openTemplate(id); });
                templates_->layout()->addWidget(card);
            }
}

void StartPage::addDataset(QBoxLayout& column, const QString& name, const QString& detail, const QString& button,
                           const std::function<void()>& open) {
    auto* row = new StartItem(name);
    row->setFixedHeight(kRecentHeight);
    row->setAccessibleDescription(detail);
    auto* layout = makeRow(row, measure::kSpace12);
    layout->setContentsMargins(measure::kSpace12, 0, measure::kSpace12, 0);
    auto* title = new ElidedLabel(name);
    title->setType(Type::BodyMedium, Token::Text1);
    auto* where = new ElidedLabel(detail, Qt::ElideMiddle);
    where->setType(Type::Caption, Token::Text3);
    auto* verb = makeLabel(button);
    layout->addWidget(new IconView("data", measure::kIcon, Token::Text2));
    layout->addWidget(title, 2);
    layout->addWidget(where, 3);
    layout->addWidget(verb);
    connect(row, &StartItem::pressed, this, open);
    column.addWidget(row);
}

void StartPage::fillDatasets() {
    auto& column = *static_cast<QBoxLayout*>(datasets_->layout());
    clearLayout(&column);
    bool cifar = false;
    for (const DataCenter::Found& found : context_.data.found()) {
        cifar = cifar || found.spec.startsWith("cifar10:");
        addDataset(column, found.title, found.detail, tr("Open"), [this, spec = found.spec] {
            context_.data.open(spec);
            context_.go(PageId::Data, {});
        });
    }
    if (!cifar)
        addDataset(column, tr("CIFAR-10"), tr("60,000 colour pictures of ten kinds of things, from the internet"), tr("Download 170 MB"),
                   [this] { context_.go(PageId::Data, Request{.text = "download"}); });
}

/// A template opens Model with a dataset that is ready.
void StartPage::openTemplate(const QString& id) {
    QString spec = QString::fromStdString(context_.document.project().data);
    if (spec.isEmpty()) spec = context_.data.found().front().spec;
    const bool grey = spec == "fashion-mnist";
    context_.document.edit(tr("Start from %1").arg(id), [&](Project& p) {
        p.data = spec.toStdString();
        p.model = makeTemplate(id.toStdString(), grey ? Shape{1, 28, 28} : Shape{3, 32, 32}, 10);
    });
    context_.go(PageId::Model, {});
}

void StartPage::startTour() {
    context_.document.edit(tr("First ten minutes"), [](Project& p) {
        p.name = tr("First ten minutes").toStdString();
        p.data = "shapes";
        p.edits = Json::object();
        p.pipeline = nullptr;
        p.model = makeTemplate("vgg_small", {3, 32, 32}, 10);
        p.training.epochs = 4;
        p.training.batchSize = 128;
    });
    context_.go(PageId::Data, {});
    context_.messages.show({MessageKind::Info,
                            tr("1 of 4: these are the pictures. Look at a few classes, then go to Model to see the network."),
                            {},
                            tr("Next"),
                            [this] { tourStep(2); },
                            "tour"});
}

void StartPage::tourStep(int step) {
    switch (step) {
    case 2:
        context_.go(PageId::Model, {});
        context_.messages.show({MessageKind::Info,
                                tr("2 of 4: each card is a layer. Select one to change it; undo takes it back. Then train it."),
                                {},
                                tr("Next"),
                                [this] { tourStep(3); },
                                "tour"});
        break;
    case 3:
        context_.go(PageId::Train, {});
        context_.messages.show({MessageKind::Info,
                                tr("3 of 4: press Train and watch the curves. Four epochs take about a minute."),
                                {},
                                tr("Next"),
                                [this] { tourStep(4); },
                                "tour"});
        break;
    default:
        context_.go(PageId::Predict, {});
        context_.messages.show({MessageKind::Info,
                                tr("4 of 4: drop a picture here, or see in Evaluate what the network mixes up. Undo takes the tour away."),
                                {},
                                {},
                                {},
                                "tour"});
    }
}

Page* makeStartPage(Context& context) { return new StartPage(context); }

} // namespace strata::studio
