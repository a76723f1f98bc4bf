// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/model/model_spec.h"

#include <QWidget>

namespace strata {

/// Draws a network into `rect` as a row of bars in the colours of the layer groups, the input first: a bar is as long as the
/// picture is large there, thick where the layer has weights; skip connections are arcs above. Runs from left to right in a
/// wide rectangle, from top to bottom in a tall one. Any spec will do; what is unknown behind a problem is drawn pale.
void paintSpecThumbnail(QPainter& painter, const QRectF& rect, const ModelSpec& spec);

/// The same as a widget; transparent, any size.
class TemplateThumbnail : public QWidget {
    Q_OBJECT
public:
    explicit TemplateThumbnail(QWidget* parent = nullptr);
    void setSpec(const ModelSpec& spec);
    const ModelSpec& spec() const { return spec_; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    ModelSpec spec_;
};

} // namespace strata
