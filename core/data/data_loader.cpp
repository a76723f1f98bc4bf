// SPDX-License-Identifier: Apache-2.0
#include "core/data/data_loader.h"

#include "core/base/workers.h"
#include "core/data/sampler.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>

namespace strata {

namespace {

/// Buffers of one batch; the pointers are taken on the calling thread, workers write through them and touch no Tensor.
struct Slot {
    Tensor images, labels;
    float* pixels = nullptr;
    int64_t* classes = nullptr;
    int64_t batch = -1;
    bool ready = false;
    std::exception_ptr error;

    /// Fresh buffers where somebody still holds the old ones or a kernel has changed their layout.
    void prepare(int64_t count, const Shape& shape) {
        if (!images || images.layout() != Layout::Plain || images.storage().use_count() > 1)
            images = Tensor::empty(Shape{count, shape[0], shape[1], shape[2]});
        if (!labels || labels.storage().use_count() > 1) labels = Tensor::empty(Shape{count}, DType::I64);
        // out(), not mutableData(): a pinned storage could not take part in layouts.
        pixels = images.out().as<float>();
        classes = labels.out().as<int64_t>();
        ready = false;
        error = nullptr;
    }
};

} // namespace

struct DataLoader::State {
    State(DatasetPtr data, Pipeline steps, const Shape& imageShape, const LoaderOptions& given)
        : dataset(std::move(data)), pipeline(std::move(steps)), options(given), plan(dataset->size(), options) {
        options.prefetch = std::max(options.prefetch, 1);
        Shape input = imageShape;
        if (input.rank() == 3 && options.channels > 0) input[0] = options.channels;
        shape = pipeline.outputShape(input);
        slots.resize(size_t(options.threads == 0 ? 1 : options.prefetch + 1));
        if (options.threads > 0) workers = std::make_unique<Workers>(options.threads);
    }

    DatasetPtr dataset;
    Pipeline pipeline;
    LoaderOptions options;
    BatchPlan plan;
    Shape shape;
    std::vector<int64_t> order;
    uint32_t epoch = 0;
    int64_t nextBatch = 0, postedUpTo = 0;
    bool started = false;
    std::stop_token stop;
    std::vector<Slot> slots;
    Slot tail; ///< a shorter last batch has buffers of its own size
    double waited = 0;

    std::mutex mutex;
    std::condition_variable_any changed;
    std::atomic<bool> cancelled{false};
    int64_t pending = 0; ///< tasks posted and not finished

    std::unique_ptr<Workers> workers; ///< last: joins before the rest goes

    Slot& slotOf(int64_t batch) {
        if (plan.tailSize() > 0 && batch == plan.batches() - 1) return tail;
        return slots[size_t(batch) % slots.size()];
    }

    bool ended() const { return cancelled.load(std::memory_order_relaxed) || stop.stop_requested(); }

    /// Fills a slot's buffers: the only code that runs on workers.
    void make(Slot& slot) {
        const auto [first, count] = plan.range(slot.batch);
        const int64_t elements = shape.elements();
        Shape checked;
        for (int64_t i = 0; i < count && !ended(); ++i) {
            const int64_t index = order[size_t(first + i)];
            Shape pictureShape;
            const uint8_t* pixels = dataset->pixels(index, pictureShape);
            Sample sample;
            if (pixels) {
                slot.classes[i] = dataset->label(index);
            } else {
                sample = dataset->get(index);
                pixels = sample.image.data<uint8_t>();
                pictureShape = sample.image.shape();
                slot.classes[i] = sample.label;
            }
            if (!(pictureShape == checked)) checkShape(pictureShape, index);
            checked = pictureShape;
            const DrawKey key{options.augmentSeed, epoch, uint64_t(index)};
            pipeline.apply(pixels, pictureShape, options.training, key, slot.pixels + i * elements, options.channels);
        }
    }

    void checkShape(const Shape& picture, int64_t index) const {
        Shape input = picture;
        if (options.channels > 0) input[0] = options.channels;
        const Shape out = pipeline.outputShape(input);
        if (!(out == shape))
            fail(ErrorKind::BadInput, "{}: a picture of {} leaves the pipeline as {}, but the batch takes {}: add resize and center_crop",
                 dataset->origin(index), picture.text('x'), out.text('x'), shape.text('x'));
    }

    /// Task of a worker; carries what went wrong to next().
    void runTask(Slot& slot) {
        std::exception_ptr error;
        try {
            if (!ended()) make(slot);
        } catch (...) { // rethrown by next() on the calling thread
            error = std::current_exception();
        }
        std::lock_guard lock(mutex);
        slot.error = error;
        slot.ready = true;
        --pending;
        changed.notify_all();
    }

    void post(int64_t batch) {
        Slot& slot = slotOf(batch);
        slot.prepare(plan.range(batch).second, shape);
        slot.batch = batch;
        {
            std::lock_guard lock(mutex);
            ++pending;
        }
        if (workers) workers->post([this, target = &slot] { runTask(*target); });
    }

    void drain() {
        cancelled = true;
        std::unique_lock lock(mutex);
        if (workers) changed.wait(lock, [this] { return pending == 0; });
        pending = 0;
        cancelled = false;
    }

    /// Posts what fits: the slot handed out last is free again only when next() is called.
    void postAhead() {
        const int64_t limit = std::min(plan.batches(), nextBatch + int64_t(slots.size()));
        while (postedUpTo < limit) post(postedUpTo++);
    }

    void waitFor(Slot& slot) {
        const auto before = std::chrono::steady_clock::now();
        if (!workers) {
            runTask(slot);
        } else {
            std::unique_lock lock(mutex);
            changed.wait(lock, stop, [&] { return slot.ready; });
        }
        waited += std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
        if (stop.stop_requested()) fail(ErrorKind::Cancelled, "loading was stopped");
    }

    std::optional<Batch> take() {
        if (!started || nextBatch >= plan.batches()) return std::nullopt;
        if (stop.stop_requested()) fail(ErrorKind::Cancelled, "loading was stopped");
        postAhead();
        Slot& slot = slotOf(nextBatch);
        waitFor(slot);
        if (slot.error) {
            nextBatch = plan.batches();
            std::rethrow_exception(slot.error);
        }
        const auto [first, count] = plan.range(nextBatch++);
        return Batch{slot.images, slot.labels, {order.begin() + first, order.begin() + first + count}};
    }
};

DataLoader::DataLoader(DatasetPtr dataset, Pipeline pipeline, Shape imageShape, LoaderOptions options)
    : state_(std::make_unique<State>(std::move(dataset), std::move(pipeline), imageShape, options)) {}

DataLoader::~DataLoader() { state_->cancelled = true; }

int64_t DataLoader::batchesPerEpoch() const { return state_->plan.batches(); }
Shape DataLoader::batchShape() const { return state_->shape; }

void DataLoader::start(uint32_t epoch, int64_t firstBatch, std::stop_token stop) {
    State& state = *state_;
    state.drain();
    if (firstBatch < 0 || firstBatch > state.plan.batches())
        fail(ErrorKind::BadInput, "batch {} does not exist: an epoch has {}", firstBatch, state.plan.batches());
    state.stop = std::move(stop);
    state.order = epochOrder(state.dataset->size(), epoch, state.options.sampler);
    state.epoch = epoch;
    state.nextBatch = state.postedUpTo = firstBatch;
    state.started = true;
    state.postAhead();
}

std::optional<Batch> DataLoader::next() { return state_->take(); }
double DataLoader::waitSeconds() const { return state_->waited; }

} // namespace strata
