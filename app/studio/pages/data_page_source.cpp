// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame/drop_overlay.h"
#include "app/studio/pages/data_page.h"
#include "widgets/common/controls.h"
#include "widgets/common/icons.h"
#include "widgets/data/download_panel.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMenu>
#include <QStackedWidget>

namespace strata::studio {
namespace {

constexpr int kMenuText = 320; ///< widest entry in pixels

QString downloadFolder() { return QDir::homePath() + "/.cache/strata/cifar-10"; }

} // namespace

void DataPage::fillSourceMenu() {
    sourceMenu_->clear();
    const QString spec = QString::fromStdString(context_.document.project().data);
    const QFontMetrics metrics(strata::font(Type::Body));
    bool cifar = false;
    for (const DataCenter::Found& found : context_.data.found()) {
        cifar = cifar || found.spec.startsWith("cifar10:");
        const QString text =
            found.detail.isEmpty() ? found.title : found.title + "   " + metrics.elidedText(found.detail, Qt::ElideMiddle, kMenuText);
        QAction* action = sourceMenu_->addAction(icon(found.spec == spec ? "check" : "data"), text);
        action->setToolTip(found.detail);
        connect(action, &QAction::triggered, this, [this, place = found.spec] { openSpec(place); });
    }
    if (!cifar)
        connect(sourceMenu_->addAction(icon("download"), tr("Download CIFAR-10 (170 MB)")), &QAction::triggered, this,
                &DataPage::startDownload);
    sourceMenu_->addSeparator();
    for (const char* id : {"data.open_folder", "data.open_file"}) sourceMenu_->addAction(context_.actions[id]);
    if (!shown_) return;
    sourceMenu_->addSeparator();
    for (const char* id : {"data.facts", "data.transforms", "data.reload"}) sourceMenu_->addAction(context_.actions[id]);
}

void DataPage::openSpec(const QString& spec) {
    if (download_->running()) download_->stop();
    if (spec.toStdString() == context_.document.project().data) {
        if (!context_.data.data() && !context_.data.opening()) context_.data.reload();
        return refreshData();
    }
    context_.data.open(spec);
}

void DataPage::openPaths(const QStringList& paths) {
    // Looking at what is there touches the disk, perhaps a slow one.
    jobs_.start(
        "look", [path = paths.first()](std::stop_token) { return dataSpecOf(path); },
        [this, path = paths.first()](const QString& spec) {
            if (!spec.isEmpty()) return openSpec(spec);
            context_.messages.error(
                tr("%1 is no dataset that Strata knows: it takes CIFAR, MNIST, a folder with one sub-folder of pictures per "
                   "class, or a NumPy .npz file.")
                    .arg(QFileInfo(path).fileName()),
                "data/open");
        });
}

void DataPage::chooseFolder() {
    auto* dialog = new QFileDialog(window(), tr("Open a data folder"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { openPaths({path}); });
    dialog->open();
}

void DataPage::chooseFile() {
    auto* dialog = new QFileDialog(window(), tr("Open a data archive or file"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Datasets (*.tar.gz *.tgz *.npz *.npy *ubyte *ubyte.gz)"), tr("All files (*)")});
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { openPaths({path}); });
    dialog->open();
}

void DataPage::startDownload() {
    download_->start(downloadFolder());
    middle_->setCurrentWidget(download_);
}

} // namespace strata::studio
