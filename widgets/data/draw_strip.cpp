// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/data/draw_strip.h"
#include "widgets/common/controls.h"
#include "widgets/common/picture.h"

#include <QBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>

namespace strata {
namespace {

constexpr int kColumns = 3;
constexpr int kGap = measure::kSpace8;

} // namespace

/// The pictures themselves, three in a row.
class DrawStrip::Pictures : public QWidget {
public:
    explicit Pictures(DrawStrip* strip) : QWidget(strip), strip_(strip) {
        QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
        policy.setHeightForWidth(true);
        setSizePolicy(policy);
        setAccessibleName(DrawStrip::tr("Six random draws"));
    }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return 2 * side(width) + kGap; }
    QSize sizeHint() const override { return {264, heightForWidth(264)}; }

    QString message;

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        const int box = side(width());
        const double ratio = devicePixelRatioF();
        for (int i = 0; i < kDraws; ++i) {
            const QRect area(i % kColumns * (box + kGap), i / kColumns * (box + kGap), box, box);
            painter.setPen(Qt::NoPen);
            painter.setBrush(color(Token::Surface0));
            painter.drawRoundedRect(area, measure::kRadiusControl, measure::kRadiusControl);
            if (i >= int(strip_->draws_.size())) continue;
            const QImage& image = strip_->draws_[size_t(i)].image;
            const QSize size = fittedSize(image.size(), int(box * ratio));
            painter.save();
            painter.scale(1 / ratio, 1 / ratio);
            const QPoint corner(int(area.x() * ratio) + (int(box * ratio) - size.width()) / 2,
                                int(area.y() * ratio) + (int(box * ratio) - size.height()) / 2);
            painter.drawImage(corner, scaledPicture(image, size));
            painter.restore();
        }
        if (message.isEmpty()) return;
        painter.setPen(color(Token::Text3));
        painter.setFont(strata::font(Type::Caption));
        painter.drawText(rect().adjusted(measure::kSpace16, 0, -measure::kSpace16, 0), int(Qt::AlignCenter | Qt::TextWordWrap), message);
    }

private:
    DrawStrip* strip_;
    static int side(int width) { return std::max(16, (width - (kColumns - 1) * kGap) / kColumns); }
};

DrawStrip::DrawStrip(QWidget* parent) : QWidget(parent) {
    auto* column = makeColumn(this, measure::kSpace8);
    auto* head = makeRow(nullptr);
    auto* titles = makeColumn(nullptr, 0);
    titles->addWidget(makeHeading(tr("Random draws")));
    caption_ = makeCaption({});
    caption_->setWordWrap(false);
    titles->addWidget(caption_);
    head->addLayout(titles, 1);
    next_ = makeIconButton("refresh", tr("Draw six more"));
    connect(next_, &QToolButton::clicked, this, &DrawStrip::drawNext);
    head->addWidget(next_, 0, Qt::AlignTop);
    column->addLayout(head);
    pictures_ = new Pictures(this);
    column->addWidget(pictures_);
    clear();
}

void DrawStrip::setSample(const Tensor& pixels, uint64_t seed, int64_t index) {
    pixels_ = pixels;
    seed_ = seed;
    index_ = index;
    first_ = 0;
    refresh();
}

void DrawStrip::setPipeline(const Pipeline& pipeline) {
    pipeline_ = pipeline;
    ready_ = true;
    refresh();
}

void DrawStrip::clear(const QString& why) {
    ready_ = false;
    jobs_.cancel("draw");
    showDraws({}, why);
}

void DrawStrip::drawNext() {
    first_ += kDraws;
    refresh();
}

void DrawStrip::refresh() {
    next_->setEnabled(ready_ && pixels_.defined());
    caption_->setText(tr("as in epochs %1 to %2").arg(first_ + 1).arg(first_ + kDraws));
    if (!ready_ || !pixels_.defined()) return showDraws({}, pictures_->message);
    jobs_.start(
        "draw",
        [pipeline = pipeline_, pixels = pixels_, seed = seed_, index = index_, first = first_](std::stop_token stop) {
            std::vector<ShownPicture> draws;
            for (uint32_t i = 0; i < kDraws && !stop.stop_requested(); ++i)
                draws.push_back(networkPicture(pipeline, pixels, true, {seed, first + i, uint64_t(index)}));
            return draws;
        },
        [this](std::vector<ShownPicture> draws) { showDraws(std::move(draws), {}); },
        [this](const QString& sentence) { showDraws({}, sentence); });
}

void DrawStrip::showDraws(std::vector<ShownPicture> draws, const QString& message) {
    draws_ = std::move(draws);
    pictures_->message = message;
    pictures_->setAccessibleDescription(message);
    next_->setEnabled(ready_ && pixels_.defined());
    caption_->setText(tr("as in epochs %1 to %2").arg(first_ + 1).arg(first_ + kDraws));
    pictures_->update();
    emit drawn();
}

} // namespace strata
