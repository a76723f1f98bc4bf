// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/frame/drop_overlay.h"
#include "core/files/image.h"
#include "widgets/common/icons.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QPainter>
#include <QUrl>

namespace strata::studio {
namespace {

constexpr int kLook = 40; ///< entries of a folder that are looked at

QByteArray firstBytes(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.read(64) : QByteArray();
}

bool isPicture(const QString& path) {
    const QByteArray bytes = firstBytes(path);
    return imageFormat(std::as_bytes(std::span(bytes.constData(), size_t(bytes.size())))) != ImageFormat::Unknown;
}

bool holdsPictures(const QString& folder) {
    QDirIterator files(folder, QDir::Files);
    for (int i = 0; files.hasNext() && i < kLook; ++i)
        if (isPicture(files.next())) return true;
    return false;
}

bool holdsPictureFolders(const QString& folder) {
    QDirIterator folders(folder, QDir::Dirs | QDir::NoDotAndDotDot);
    for (int i = 0; folders.hasNext() && i < kLook; ++i) {
        const QString sub = folders.next();
        if (holdsPictures(sub)) return true;
        QDirIterator deeper(sub, QDir::Dirs | QDir::NoDotAndDotDot); // train/CLASS, test/CLASS
        for (int j = 0; deeper.hasNext() && j < kLook; ++j)
            if (holdsPictures(deeper.next())) return true;
    }
    return false;
}

bool hasEntry(const QString& folder, const QStringList& names) {
    return std::ranges::any_of(names, [&](const QString& name) { return QFileInfo::exists(folder + "/" + name); });
}

} // namespace

QString dataSpecOf(const QString& path) {
    const QFileInfo info(path);
    const QString name = info.fileName().toLower();
    if (info.isFile()) {
        if (name.contains("cifar-100")) return "cifar100:" + path;
        if (name.contains("cifar-10")) return "cifar10:" + path;
        if (name.endsWith(".npz") || name.endsWith(".npy")) return "arrays:" + path;
        if (name.endsWith("idx3-ubyte") || name.endsWith("idx3-ubyte.gz")) return "mnist:" + info.absolutePath();
        return {};
    }
    if (hasEntry(path, {"data_batch_1.bin", "cifar-10-batches-bin", "data_batch_1", "cifar-10-batches-py"})) return "cifar10:" + path;
    if (hasEntry(path, {"cifar-100-binary", "cifar-100-python"}) ||
        (hasEntry(path, {"train.bin", "train"}) && hasEntry(path, {"fine_label_names.txt", "meta"})))
        return "cifar100:" + path;
    if (hasEntry(path, {"train-images-idx3-ubyte", "train-images-idx3-ubyte.gz"})) return "mnist:" + path;
    if (holdsPictureFolders(path)) return "folder:" + path;
    return {};
}

QStringList droppedPaths(const QMimeData& mime) {
    QStringList paths;
    for (const QUrl& url : mime.urls())
        if (url.isLocalFile()) paths << url.toLocalFile();
    return paths;
}

DropIntent dropIntent(const QStringList& paths) {
    using Kind = DropIntent::Kind;
    const auto tr = [](const char* text) { return DropOverlay::tr(text); };
    if (paths.isEmpty()) return {Kind::None, tr("Only files from this machine can be dropped here"), {}};
    const QString first = paths[0];
    const QFileInfo info(first);
    if (info.fileName().endsWith(".strata", Qt::CaseInsensitive)) return {Kind::OpenProject, tr("Open this project"), paths};
    if (paths.size() == 1 && !dataSpecOf(first).isEmpty()) return {Kind::OpenData, tr("Open as the project's data"), paths};
    if (info.isDir() && holdsPictures(first)) return {Kind::Predict, tr("Predict every photo in this folder"), paths};
    QStringList pictures;
    for (const QString& path : paths)
        if (isPicture(path)) pictures << path;
    if (pictures.size() == 1) return {Kind::Predict, tr("Predict this photo"), pictures};
    if (pictures.size() > 1) return {Kind::Predict, tr("Predict these %1 photos").arg(pictures.size()), pictures};
    return {Kind::None, tr("%1 is neither a photo, nor a dataset, nor a project").arg(info.fileName()), {}};
}

DropOverlay::DropOverlay(QWidget* window) : QWidget(window) {
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setAccessibleName(tr("What dropping does"));
    hide();
}

void DropOverlay::showIntent(const DropIntent& intent) {
    intent_ = intent;
    setAccessibleDescription(intent.sentence);
    setGeometry(parentWidget()->rect());
    show();
    raise();
    update();
}

void DropOverlay::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor veil = color(Token::Surface1);
    veil.setAlphaF(0.85f);
    painter.fillRect(rect(), veil);
    const bool possible = intent_.kind != DropIntent::Kind::None;
    const QRectF frame = QRectF(rect()).adjusted(24, 24, -24, -24);
    painter.setPen(QPen(color(possible ? Token::Accent : Token::LineStrong), 2, Qt::DashLine));
    painter.drawRoundedRect(frame, measure::kRadiusCard, measure::kRadiusCard);
    const QColor ink = color(possible ? Token::Accent : Token::Text3);
    painter.drawPixmap(QPointF(width() / 2.0 - 20, height() / 2.0 - 48),
                       iconPixmap(possible ? "download" : "exclude", 40, ink, devicePixelRatioF()));
    painter.setFont(strata::font(Type::Title));
    painter.setPen(color(Token::Text1));
    painter.drawText(QRectF(32, height() / 2.0, width() - 64, 40), Qt::AlignHCenter | Qt::TextWordWrap, intent_.sentence);
}

} // namespace strata::studio
