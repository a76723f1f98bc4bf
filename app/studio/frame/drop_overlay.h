// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"

#include <QMimeData>
#include <QWidget>

namespace strata::studio {

/// What dropping these would do, said before the button is released.
struct DropIntent {
    enum class Kind { None, Predict, OpenData, OpenProject } kind = Kind::None;
    QString sentence; ///< "Predict this photo"; for None: why nothing happens
    QStringList paths;
};
/// By content where it is quick (first bytes, first entries of a folder), never reading whole files: photos or a flat folder of photos
/// -> Predict; a folder whose sub-folders hold images, or a dataset archive or folder -> Data; a .strata -> open.
DropIntent dropIntent(const QStringList& paths);
/// The local files of a drop.
QStringList droppedPaths(const QMimeData& mime);
/// The source spec of a folder or archive that dropIntent calls data: "cifar10:...", "folder:...".
QString dataSpecOf(const QString& path);

/// Lies over the window while something is dragged over it.
class DropOverlay : public QWidget {
    Q_OBJECT
public:
    explicit DropOverlay(QWidget* window);
    void showIntent(const DropIntent& intent);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    DropIntent intent_;
};

} // namespace strata::studio
