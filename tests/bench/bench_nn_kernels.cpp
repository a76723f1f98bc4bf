// SPDX-License-Identifier: Apache-2.0
// The kernels of a training step (convolution, normalisation, pooling, the last layer's product) without tensors, autograd
// and optimizer: what the CPU device could reach. Speaks the protocol of peer_torch.py; `p N` prints a table of kernel times.
// usage: bench_nn_kernels vgg_small|speed|resnet18 [BATCH]
#include "core/base/parallel.h"
#include "core/cpu/kernels.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <iostream>
#include <map>
#include <sstream>
#include <vector>

using namespace strata;

namespace {

cpu::CpuContext context;
std::map<std::string, double> times;
bool timed = false;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
/// With one thread the processor's time, which other programs disturb least.
double kernelClock() {
    timespec time{};
    if (computeThreads() > 1) return now();
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return double(time.tv_sec) + 1e-9 * double(time.tv_nsec);
}

template <class Call> void measure(const std::string& name, Call&& call) {
    const double start = kernelClock();
    if (!call()) std::printf("missing: %s\n", name.c_str());
    if (timed) times[name] += kernelClock() - start;
}

TensorView buffer(const Shape& shape, Layout layout = Layout::Plain, DType dtype = DType::F32) {
    TensorView view;
    const size_t bytes = size_t(layoutElements(layout, shape)) * dtypeSize(dtype);
    view.data = context.allocator.allocate(bytes);
    std::memset(view.data, 0, bytes);
    view.dtype = dtype;
    view.layout = layout;
    view.shape = shape;
    view.strides = shape.contiguousStrides();
    return view;
}
TensorView noise(const Shape& shape, float scale) {
    static uint32_t state = 1;
    TensorView view = buffer(shape);
    for (int64_t i = 0; i < view.elements(); ++i) {
        state = state * 1664525u + 1013904223u;
        view.as<float>()[i] = scale * (float(state >> 8) / 8388608.0f - 1.0f);
    }
    return view;
}

struct Value {
    TensorView data, gradient;
    std::string name;
};

struct Op {
    virtual ~Op() = default;
    virtual void forward(bool training) = 0;
    virtual void backward() = 0;
};

Value valueOf(const Shape& shape, Layout layout) { return {buffer(shape, layout), buffer(shape, layout), shape.text()}; }

struct Conv : Op {
    Value &in, out;
    TensorView weight, gradWeight;
    ConvParams params;
    bool first, frozen;
    std::string name;
    Conv(Value& input, int64_t channels, int64_t kernel, int64_t stride, int64_t padding, bool firstLayer, bool frozenWeights = false)
        : in(input), first(firstLayer), frozen(frozenWeights) {
        const Shape& s = in.data.shape;
        params.stride = {stride, stride};
        params.padding = {padding, padding};
        weight = noise({channels, s[1], kernel, kernel}, 1.0f / std::sqrt(float(s[1] * kernel * kernel)));
        gradWeight = buffer(weight.shape);
        const ConvLayouts layouts = cpu::convLayouts(context, params, s, weight.shape);
        if (layouts.input != in.data.layout) std::printf("layout of the input differs\n");
        out = valueOf({s[0], channels, (s[2] + 2 * padding - kernel) / stride + 1, (s[3] + 2 * padding - kernel) / stride + 1},
                      layouts.output);
        name = fmt::format(" {}->{} k{} s{} {}", s[1], channels, kernel, stride, s[2]);
    }
    void forward(bool training) override {
        params.training = training;
        measure((training ? "conv fwd" : "conv inf") + name,
                [&] { return cpu::convForward(context, params, in.data, weight, {}, OutView(out.data)); });
    }
    void backward() override {
        if (!frozen)
            measure("conv bww" + name,
                    [&] { return cpu::convBackwardWeights(context, params, in.data, out.gradient, OutView(gradWeight), {}); });
        if (!first)
            measure("conv bwd" + name, [&] { return cpu::convBackwardData(context, params, out.gradient, weight, OutView(in.gradient)); });
    }
};

struct Norm : Op {
    Value &in, out;
    Value* residual;
    TensorView gamma, beta, mean, var, savedMean, savedInvStd, gradGamma, gradBeta;
    BatchNormParams params;
    Norm(Value& input, bool relu, Value* skip = nullptr) : in(input), residual(skip) {
        const Shape c{in.data.shape[1]};
        for (TensorView* v : {&gamma, &beta, &mean, &var, &savedMean, &savedInvStd, &gradGamma, &gradBeta}) *v = buffer(c);
        for (int64_t i = 0; i < c[0]; ++i) gamma.as<float>()[i] = 1, var.as<float>()[i] = 1;
        params.relu = relu;
        out = valueOf(in.data.shape, in.data.layout);
    }
    void forward(bool training) override {
        params.training = training;
        measure((training ? "norm fwd " : "norm inf ") + out.name, [&] {
            return cpu::batchNorm(context, params, in.data, residual ? residual->data : TensorView{}, gamma, beta, OutView(mean),
                                  OutView(var), OutView(savedMean), OutView(savedInvStd), OutView(out.data));
        });
    }
    void backward() override {
        measure((residual ? "norm bwd skip " : "norm bwd ") + out.name, [&] {
            return cpu::batchNormBackward(context, params, in.data, out.data, gamma, savedMean, savedInvStd, out.gradient,
                                          OutView(in.gradient), residual ? OutView(residual->gradient) : OutView{}, OutView(gradGamma),
                                          OutView(gradBeta));
        });
    }
};

struct Pool : Op {
    Value &in, out;
    bool maximum;
    TensorView indices;
    PoolParams params;
    Pool(Value& input, bool max, int64_t kernel) : in(input), maximum(max) {
        params.kernel = params.stride = {kernel, kernel};
        const Shape& s = in.data.shape;
        const Shape o{s[0], s[1], s[2] / kernel, s[3] / kernel};
        out = valueOf(o, in.data.layout);
        indices = buffer(o, in.data.layout, DType::U8);
    }
    void forward(bool training) override {
        measure("pool fwd " + in.name, [&] {
            if (!maximum) return cpu::avgPool(context, params, in.data, OutView(out.data));
            return cpu::maxPool(context, params, in.data, OutView(out.data), training ? OutView(indices) : OutView{});
        });
    }
    void backward() override {
        measure("pool bwd " + in.name, [&] {
            if (!maximum) return cpu::avgPoolBackward(context, params, out.gradient, OutView(in.gradient));
            return cpu::maxPoolBackward(context, params, out.gradient, indices, OutView(in.gradient));
        });
    }
};

struct Activation : Op {
    Value &in, out;
    explicit Activation(Value& input) : in(input) { out = valueOf(in.data.shape, in.data.layout); }
    void forward(bool) override {
        measure("gelu fwd " + in.name, [&] { return cpu::unary(UnaryOp::Gelu, {}, in.data, OutView(out.data)); });
    }
    void backward() override {
        measure("gelu bwd " + in.name, [&] { return cpu::unaryBackward(UnaryOp::Gelu, {}, in.data, out.gradient, OutView(in.gradient)); });
    }
};

struct Network {
    Value input;
    std::vector<std::unique_ptr<Op>> ops;
    template <class T, class... Args> Value& add(Args&&... args) {
        auto op = std::make_unique<T>(std::forward<Args>(args)...);
        Value& out = op->out;
        ops.push_back(std::move(op));
        return out;
    }
    void vggSmall() {
        Value* x = &input;
        for (int64_t c : {32, 64, 128}) x = &add<Pool>(add<Norm>(add<Conv>(*x, c, 3, 1, 1, x == &input), true), true, 2);
    }
    void speed() {
        Value* x = &add<Activation>(add<Conv>(input, 24, 2, 1, 0, true, true));
        bool first = true;
        for (int64_t c : {64, 256, 256}) {
            x = &add<Activation>(add<Norm>(add<Pool>(add<Conv>(*x, c, 3, 1, 1, first), true, 2), false));
            x = &add<Activation>(add<Norm>(add<Conv>(*x, c, 3, 1, 1, false), false));
            first = false;
        }
        add<Pool>(*x, true, 3);
    }
    void resnet18() {
        Value* x = &add<Norm>(add<Conv>(input, 64, 3, 1, 1, true), true);
        int64_t in = 64;
        for (auto [o, stride] : {std::pair{64, 1}, {64, 1}, {128, 2}, {128, 1}, {256, 2}, {256, 1}, {512, 2}, {512, 1}}) {
            Value* skip = x;
            if (stride != 1 || in != o) skip = &add<Norm>(add<Conv>(*x, o, 1, stride, 0, false), false);
            Value& inner = add<Norm>(add<Conv>(*x, o, 3, stride, 1, false), true);
            x = &add<Norm>(add<Conv>(inner, o, 3, 1, 1, false), true, skip);
            in = o;
        }
        add<Pool>(*x, false, 4);
    }
    void train() {
        for (auto& op : ops) op->forward(true);
        for (auto op = ops.rbegin(); op != ops.rend(); ++op) (*op)->backward();
    }
    void infer() {
        for (auto& op : ops) op->forward(false);
    }
};

} // namespace

int main(int argc, char** argv) {
    const std::string name = argc > 1 ? argv[1] : "vgg_small";
    const int64_t batch = argc > 2 ? std::atoll(argv[2]) : name == "vgg_small" ? 64 : name == "speed" ? 256 : 128;
    Network network;
    network.input = {noise({batch, 3, 32, 32}, 1.7f), {}, "input"};
    if (name == "vgg_small")
        network.vggSmall();
    else if (name == "speed")
        network.speed();
    else
        network.resnet18();
    for (int i = 0; i < 3; ++i) network.train();
    std::cout << "ready " << computeThreads() << " strata" << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        char what = 't';
        int64_t count = 1;
        words >> what >> count;
        timed = what == 'p';
        if (what == 'i') network.infer();
        const double start = kernelClock();
        for (int64_t i = 0; i < count; ++i) {
            if (what == 'i')
                network.infer();
            else
                network.train();
        }
        const double seconds = kernelClock() - start;
        if (timed) {
            double sum = 0;
            for (const auto& [kernel, time] : times) std::printf("%9.3f ms  %s\n", 1e3 * time / double(count), kernel.c_str()), sum += time;
            std::printf("%9.3f ms  all\n%s\n", 1e3 * sum / double(count), cpu::exportPlan(context).dump(1).c_str());
            times.clear();
        }
        std::cout << double(batch * count) / seconds << " 0" << std::endl;
    }
}
