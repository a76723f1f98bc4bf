// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/common/job.h"
#include "widgets/data/sample_index.h"

#include <QWidget>

class QLabel;
class QToolButton;

namespace strata {

class ElidedLabel;
class PictureView;

/// One sample as large as the page allows. Left and Right step, Esc goes back.
class SampleViewer : public QWidget {
    Q_OBJECT
public:
    explicit SampleViewer(QWidget* parent = nullptr);
    /// `caption`: what stands above the picture.
    void showSample(const SampleIndexPtr& index, int32_t id, const QString& caption);
    PictureView* view() const { return view_; }

signals:
    void stepped(int steps);
    void closed();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;

private:
    Jobs jobs_{1};
    SampleIndexPtr index_;
    int32_t id_ = -1;
    PictureView* view_;
    ElidedLabel* caption_;
    QLabel* values_;
};

} // namespace strata
