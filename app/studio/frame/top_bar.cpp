// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame/top_bar.h"
#include "app/studio/frame/run_control.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMenu>
#include <QProcess>
#include <QStandardItemModel>
#include <QToolButton>

namespace strata::studio {
namespace {
constexpr int kNameWidth = 220, kDeviceWidth = 168;
}

TopBar::TopBar(Context& context, QWidget* parent)
    : QWidget(parent), context_(context), menu_(new QMenu(this)), name_(new QToolButton),
      undo_(makeIconButton("undo", tr("Undo"), "Ctrl+Z")), redo_(makeIconButton("redo", tr("Redo"), "Ctrl+Shift+Z")),
      device_(new QComboBox), control_(new RunControl(context)) {
    setSurface(this, "0");
    setFixedHeight(measure::kTopBar);
    auto* row = makeRow(this, measure::kSpace8);
    row->setContentsMargins(measure::kSpace8, 0, measure::kSpace16, 0);

    name_->setProperty("text-button", true);
    name_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    name_->setIcon(icon("project"));
    name_->setIconSize({measure::kIconRow, measure::kIconRow});
    name_->setMenu(menu_);
    name_->setPopupMode(QToolButton::InstantPopup);
    name_->setFocusPolicy(Qt::StrongFocus);
    name_->setMaximumWidth(kNameWidth + 40);
    name_->setFont(strata::font(Type::BodyMedium));
    name_->setObjectName("project.menu");
    undo_->setObjectName("undo");
    redo_->setObjectName("redo");
    device_->setFixedWidth(kDeviceWidth);
    device_->setAccessibleName(tr("Device for training"));
    device_->addItem(tr("Device: Auto"), "auto");
    device_->addItem(tr("Device: CPU"), "cpu");

    row->addWidget(name_);
    row->addWidget(undo_);
    row->addWidget(redo_);
    row->addStretch();
    row->addWidget(device_);
    row->addWidget(control_);

    connect(undo_, &QToolButton::clicked, this, [this] { context_.document.undoStack().undo(); });
    connect(redo_, &QToolButton::clicked, this, [this] { context_.document.undoStack().redo(); });
    connect(&context_.document.undoStack(), &QUndoStack::indexChanged, this, &TopBar::refreshUndo);
    connect(&context_.document, &ProjectDocument::modifiedChanged, this, &TopBar::refreshName);
    connect(&context_.document, &ProjectDocument::pathChanged, this, &TopBar::refreshName);
    connect(&context_.document, &ProjectDocument::changed, this, [this](Section section) {
        if (section == Section::Name) refreshName();
        if (section == Section::Training) showDevice();
    });
    connect(device_, &QComboBox::activated, this, [this](int index) {
        const std::string id = device_->itemData(index).toString().toStdString();
        context_.document.edit(tr("Set device to %1").arg(device_->itemText(index)), Section::Training,
                               [&](Project& p) { p.training.device = id; });
    });
    refreshName();
    refreshUndo();
    listDevices();
}

TopBar::~TopBar() {
    if (!devices_) return;
    devices_->disconnect(this);
    devices_->kill();
    devices_->waitForFinished(1000);
}

void TopBar::setNarrow(bool narrow) { control_->setNarrow(narrow); }

void TopBar::refreshName() {
    const ProjectDocument& document = context_.document;
    const QString name = QString::fromStdString(document.project().name);
    const QString mark = document.modified() ? " *" : "";
    const QString shown = QFontMetrics(name_->font()).elidedText(name, Qt::ElideMiddle, kNameWidth) + mark;
    name_->setText(shown);
    name_->setAccessibleName(tr("Project %1%2").arg(name, document.modified() ? tr(", with unsaved changes") : QString()));
    name_->setToolTip(document.path().isEmpty() ? tr("%1: not saved under a name yet, kept all the same").arg(name) : document.path());
}

void TopBar::refreshUndo() {
    const QUndoStack& stack = context_.document.undoStack();
    const auto show = [](QToolButton* button, bool can, const QString& verb, const QString& step, const QString& keys) {
        button->setEnabled(can);
        button->setToolTip((can ? verb + ": " + step : verb) + " (" + keys + ")");
        button->setAccessibleName(can ? verb + ": " + step : verb);
    };
    show(undo_, stack.canUndo(), tr("Undo"), stack.undoText(), "Ctrl+Z");
    show(redo_, stack.canRedo(), tr("Redo"), stack.redoText(), "Ctrl+Shift+Z");
}

/// The Studio loads no device itself: the command line says what there is.
void TopBar::listDevices() {
    devices_ = new QProcess(this);
    connect(devices_, &QProcess::finished, this, [this](int code) {
        if (code == 0) fillDevices(devices_->readAllStandardOutput());
    });
    devices_->start(RunCenter::programPath(), {"devices", "--json"});
}

void TopBar::fillDevices(const QByteArray& json) {
    const QJsonObject object = QJsonDocument::fromJson(json).object();
    QStringList missing;
    for (const QJsonValue& value : object["devices"].toArray()) {
        const QJsonObject device = value.toObject();
        const QString id = device["name"].toString();
        if (!device["available"].toBool()) missing << tr("No GPU: %1").arg(device["reason"].toString());
        if (id == "cpu" || !device["available"].toBool()) continue;
        const QString free = QString::number(device["free_bytes"].toDouble() / 1e9, 'f', 1);
        device_->addItem(tr("Device: %1, %2 GB free").arg(device["description"].toString(id), free), id);
    }
    device_->setToolTip(missing.isEmpty() ? tr("Where the network is trained") : missing.join('\n'));
    showDevice();
}

void TopBar::showDevice() {
    const QString id = QString::fromStdString(context_.document.project().training.device);
    int index = device_->findData(id);
    if (index < 0) {
        device_->addItem(tr("Device: %1 (not here)").arg(id), id);
        index = device_->count() - 1;
    }
    device_->setCurrentIndex(index);
}

} // namespace strata::studio
