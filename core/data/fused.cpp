// SPDX-License-Identifier: Apache-2.0
#include "core/data/fused.h"

#include <algorithm>

namespace strata {

namespace {

/// Sets `slot` if the step is a T and nothing that belongs after it was seen; `order` counts up.
template <class T> bool take(const Pipeline::Step& step, const T*& slot, int position, int& order) {
    const T* found = dynamic_cast<const T*>(step.transform.get());
    if (!found || order >= position) return false;
    slot = found;
    order = position;
    return true;
}

/// One row: bytes through the table; columns before `begin` and from `end` on are padding (source index or -1).
struct RowPlan {
    int64_t begin, end;
    int64_t left;
    bool mirror, reflect;
    int64_t inWidth, outWidth;

    int64_t column(int64_t x) const { return paddedIndex((mirror ? outWidth - 1 - x : x) + left, inWidth, reflect); }

    void write(const uint8_t* row, const float* table, float* out) const {
        const auto edge = [&](int64_t x) {
            const int64_t from = column(x);
            out[x] = from < 0 ? table[0] : table[row[from]];
        };
        for (int64_t x = 0; x < begin; ++x) edge(x);
        if (mirror) {
            const uint8_t* last = row + left + outWidth - 1;
            for (int64_t x = begin; x < end; ++x) out[x] = table[last[-x]];
        } else {
            const uint8_t* first = row + left;
            for (int64_t x = begin; x < end; ++x) out[x] = table[first[x]];
        }
        for (int64_t x = end; x < outWidth; ++x) edge(x);
    }
};

RowPlan planRow(const CropWindow& window, int64_t inWidth, bool mirror, bool reflect) {
    RowPlan plan{};
    plan.left = window.left;
    plan.mirror = mirror;
    plan.reflect = reflect;
    plan.inWidth = inWidth;
    plan.outWidth = window.width;
    // Unmirrored columns [first, last) lie inside the picture.
    const int64_t first = std::clamp<int64_t>(-window.left, 0, window.width);
    const int64_t last = std::clamp<int64_t>(inWidth - window.left, first, window.width);
    plan.begin = mirror ? window.width - last : first;
    plan.end = mirror ? window.width - first : last;
    return plan;
}

} // namespace

std::shared_ptr<const FusedPlan> FusedPlan::of(const std::vector<Pipeline::Step>& steps) {
    auto plan = std::make_shared<FusedPlan>();
    int order = 0;
    for (const Pipeline::Step& step : steps) {
        if (take(step, plan->crop, 1, order))
            plan->cropBlock = step.drawBlock;
        else if (take(step, plan->flip, 2, order))
            plan->flipBlock = step.drawBlock;
        else if (take(step, plan->cutout, 4, order))
            plan->cutoutBlock = step.drawBlock;
        else if (!take(step, plan->normalize, 3, order))
            return nullptr;
    }
    plan->tables.resize(plan->normalize ? plan->normalize->channels() : 1);
    for (size_t c = 0; c < plan->tables.size(); ++c) {
        for (size_t value = 0; value < 256; ++value) {
            const float scaled = float(value) / 255.0f;
            plan->tables[c][value] = plan->normalize ? plan->normalize->normalized(c, scaled) : scaled;
        }
    }
    return plan;
}

void FusedPlan::run(const uint8_t* planes, int64_t planeStride, const Shape& shape, bool training, const DrawKey& key, float* into) const {
    const int64_t channels = shape[0], height = shape[1], width = shape[2];
    const Philox stream(key.seed, Purpose::Augment, key.epoch, key.index);
    CropWindow window{height, width, 0, 0};
    if (crop) window = training ? crop->drawWindow(height, width, stream.block(cropBlock)) : crop->fixedWindow(height, width);
    const bool mirror = training && flip && flip->flips(stream.block(flipBlock));
    const bool reflect = crop && crop->reflect();
    const RowPlan row = planRow(window, width, mirror, reflect);
    for (int64_t c = 0; c < channels; ++c) {
        const uint8_t* plane = planes + c * planeStride;
        const float* table = tables[tables.size() == 1 ? 0 : size_t(c)].data();
        float* out = into + c * window.height * window.width;
        for (int64_t y = 0; y < window.height; ++y, out += window.width) {
            const int64_t from = paddedIndex(y + window.top, height, reflect);
            if (from < 0)
                std::fill(out, out + window.width, table[0]);
            else
                row.write(plane + from * width, table, out);
        }
    }
    if (training && cutout) cutout->clear(into, channels, window.height, window.width, stream.block(cutoutBlock));
}

} // namespace strata
