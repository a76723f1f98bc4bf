// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/pages/data_page.h"
#include "app/studio/pages/data_page_side.h"
#include "widgets/common/controls.h"
#include "widgets/data/sample_grid.h"
#include "widgets/data/sample_viewer.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>

namespace strata::studio {

void DataPage::addActions() {
    const QString group = tr("Data");
    ActionTable& table = context_.actions;
    const auto here = [this](std::function<void()> act) {
        return [this, act = std::move(act)] {
            if (!isVisible()) context_.go(PageId::Data, {});
            act();
        };
    };
    table.add("data.open_folder", group, tr("Open data folder…"), "folder", QKeySequence("Ctrl+Shift+O"), here([this] { chooseFolder(); }));
    table.add("data.open_file", group, tr("Open data archive or file…"), "open", {}, here([this] { chooseFile(); }));
    table.add("data.shapes", group, tr("Use Shapes"), "data", {}, here([this] { openSpec("shapes"); }));
    table.add("data.download", group, tr("Download CIFAR-10"), "download", {}, here([this] { startDownload(); }));
    table.add("data.reload", group, tr("Read the data again"), "refresh", {}, here([this] { context_.data.reload(); }));
    table.add("data.facts", group, tr("Facts about the data"), "info", {}, here([this] { openSide(Side::Facts); }));
    table.add("data.transforms", group, tr("Transforms"), "layer-shape", {}, here([this] { openSide(Side::Transforms); }));
    table.add("data.search", group, tr("Search samples"), "search", QKeySequence::Find, here([this] {
                  if (!viewer_->isHidden()) closeLarge();
                  search_->setFocus(Qt::ShortcutFocusReason);
                  search_->selectAll();
              }),
              this);
    table.add("data.clear_filters", group, tr("Clear all filters"), "filter", {}, here([this] {
                  SampleFilter filter = filter_;
                  filter.clear();
                  setFilter(filter);
              }));
    QAction* larger = table.add(
        "data.larger", group, tr("Larger pictures"), "zoom-in", QKeySequence::ZoomIn, [this] { grid_->zoom(1); }, this);
    larger->setShortcuts({QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")});
    table.add(
        "data.smaller", group, tr("Smaller pictures"), "zoom-out", QKeySequence("Ctrl+-"), [this] { grid_->zoom(-1); }, this);
    // Single letters act while the grid has the focus, not in text fields.
    table.add("data.open_large", group, tr("Open large"), "fit", QKeySequence("O"), here([this] {
                  if (grid_->current() >= 0) openLarge(grid_->current());
              }),
              grid_);
    table.add("data.relabel", group, tr("Relabel…"), "rename", QKeySequence("R"), here([this] { askLabel(relabel_); }), grid_);
    table.add("data.tag", group, tr("Tag…"), "tag", QKeySequence("T"), here([this] { askTag(grid_->selection(), tag_); }), grid_);
    table.add("data.exclude", group, tr("Exclude or include"), "exclude", QKeySequence("X"), here([this] { excludeSelection(); }), grid_);
    table.add("data.copy_origin", group, tr("Copy where it comes from"), "copy", QKeySequence::Copy, here([this] {
                  QStringList origins;
                  for (const int32_t id : grid_->selection()) origins << QString::fromStdString(index_->origin(id));
                  if (!origins.isEmpty()) QGuiApplication::clipboard()->setText(origins.join('\n'));
              }),
              grid_);
    table.add("data.details", group, tr("Show or hide details"), "info", QKeySequence("I"), here([this] {
                  if (!narrow_ || !shown_) return;
                  if (side_->isHidden()) placeDrawer();
                  side_->setVisible(side_->isHidden());
                  side_->raise();
                  refreshSide();
              }),
              grid_);
}

} // namespace strata::studio
