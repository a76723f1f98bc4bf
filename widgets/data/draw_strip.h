// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "widgets/common/job.h"
#include "widgets/data/shown_picture.h"

#include <QWidget>
#include <vector>

class QLabel;
class QToolButton;

namespace strata {

/// Six random draws of a pipeline on one sample, as training sees it in six epochs; a button draws the next six. Works in a job.
class DrawStrip : public QWidget {
    Q_OBJECT
public:
    explicit DrawStrip(QWidget* parent = nullptr);
    /// The draws of epochs 1 to 6 for this sample: `index` in its split and the run's seed are the key, as in training.
    void setSample(const Tensor& pixels, uint64_t seed, int64_t index);
    void setPipeline(const Pipeline& pipeline);
    void clear(const QString& why = {}); ///< no pipeline that works, no sample
    const std::vector<ShownPicture>& draws() const { return draws_; }
    void drawNext();
    static constexpr int kDraws = 6;

signals:
    void drawn();

private:
    class Pictures;
    Jobs jobs_{1};
    Pipeline pipeline_;
    bool ready_ = false;
    Tensor pixels_;
    uint64_t seed_ = 0;
    int64_t index_ = 0;
    uint32_t first_ = 0;
    std::vector<ShownPicture> draws_;
    Pictures* pictures_;
    QLabel* caption_;
    QToolButton* next_;
    void refresh();
    void showDraws(std::vector<ShownPicture> draws, const QString& message);
};

} // namespace strata
