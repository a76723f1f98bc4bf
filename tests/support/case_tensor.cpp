// SPDX-License-Identifier: Apache-2.0
#include "core/ops/ops.h"
#include "tests/support/case.h"

namespace strata::test {

using Inputs = std::vector<Tensor>;

void addReductionCases(std::vector<OpCase>& table) {
    const Shape shape{3, 4, 5};
    const auto add = [&](const std::string& name, ReduceOp op, std::vector<int> dims, bool keepdim) -> OpCase& {
        table.push_back(OpCase{name, {real(shape)}, [=](const Inputs& x) { return reduce(op, x[0], dims, keepdim); }});
        return table.back();
    };
    for (const auto& [name, op] : {std::pair{"sum", ReduceOp::Sum}, std::pair{"mean", ReduceOp::Mean}}) {
        add(std::string(name) + " all", op, {}, false).twice = true;
        add(std::string(name) + " dim 1", op, {1}, false).twice = true;
        add(std::string(name) + " dims 0 and 2 kept", op, {0, -1}, true).twice = true;
    }
    for (const auto& [name, op] : {std::pair{"max", ReduceOp::Max}, std::pair{"min", ReduceOp::Min}}) {
        add(std::string(name) + " all", op, {}, false);
        add(std::string(name) + " dim 1", op, {1}, false);
        add(std::string(name) + " dims 0 and 2 kept", op, {0, 2}, true);
    }
    add("prod dim 2", ReduceOp::Prod, {2}, false).differentiable = false;
    add("argmax dim 1", ReduceOp::ArgMax, {1}, false).differentiable = false;
    add("argmin dim -1 kept", ReduceOp::ArgMin, {-1}, true).differentiable = false;
    for (const auto& [name, op] : {std::pair{"any dim 1", ReduceOp::Any}, std::pair{"all dim 1", ReduceOp::All}})
        table.push_back(
            OpCase{name, {mask({6, 2})}, [op = op](const Inputs& x) { return reduce(op, x[0], {1}, false); }}.withoutGradient());
    table.push_back(OpCase{"sum of integers", {index({4, 6}, 100)}, [](const Inputs& x) { return sum(x[0], {0}); }}.withoutGradient());
    table.push_back(OpCase{"var all", {real(shape)}, [](const Inputs& x) { return var(x[0]); }}.differentiableTwice());
    table.push_back(
        OpCase{"var dim 1 biased kept", {real(shape)}, [](const Inputs& x) { return var(x[0], {1}, false, true); }}.differentiableTwice());
    table.push_back(OpCase{"var dims 0 and 2", {real(shape)}, [](const Inputs& x) { return var(x[0], {0, 2}); }}.differentiableTwice());
}

void addShapeCases(std::vector<OpCase>& table) {
    const auto add = [&](const std::string& name, std::vector<CaseInput> inputs, std::function<Tensor(const Inputs&)> make) {
        table.push_back(OpCase{name, std::move(inputs), std::move(make)});
        table.back().twice = name.find("slice") != 0 && name.find("select") != 0 && name.find("index") != 0; // their gradients are kernels
    };
    add("reshape", {real({3, 4, 5})}, [](const Inputs& x) { return x[0].reshape({6, 10}); });
    add("reshape of a transposed", {real({3, 4, 5})}, [](const Inputs& x) { return x[0].transpose(0, 2).reshape({-1, 6}); });
    add("flatten", {real({3, 4, 5, 2})}, [](const Inputs& x) { return x[0].flatten(1, 2); });
    add("transpose", {real({3, 4, 5})}, [](const Inputs& x) { return x[0].transpose(0, -1); });
    add("permute", {real({3, 4, 5, 2})}, [](const Inputs& x) { return x[0].permute({2, 0, 3, 1}); });
    add("expand", {real({3, 1, 2})}, [](const Inputs& x) { return x[0].expand({4, 3, 5, 2}); });
    add("squeeze", {real({3, 1, 2})}, [](const Inputs& x) { return x[0].squeeze(1); });
    add("unsqueeze", {real({3, 2})}, [](const Inputs& x) { return x[0].unsqueeze(-1); });
    add("slice", {real({3, 9})}, [](const Inputs& x) { return x[0].slice(1, 1, 8, 3); });
    add("slice from the end", {real({6, 3})}, [](const Inputs& x) { return x[0].slice(0, -4, -1); });
    add("select", {real({3, 4, 5})}, [](const Inputs& x) { return x[0].select(1, -2); });
    add("index", {real({6, 7, 2})}, [](const Inputs& x) { return x[0].index({Slice{1, 5, 2}, Slice{-3, std::nullopt, 1}}); });
    add("contiguous of a transposed", {real({3, 4, 5})}, [](const Inputs& x) { return x[0].transpose(1, 2).contiguous(); });
    add("clone", {real({3, 4})}, [](const Inputs& x) { return x[0].clone(); });
    add("cat dim 0", {real({2, 3}), real({1, 3}), real({4, 3})}, [](const Inputs& x) { return cat(x, 0); });
    add("cat dim 1 of images", {real({2, 3, 4, 4}), real({2, 5, 4, 4})}, [](const Inputs& x) { return cat(x, 1); });
    add("cat dim -1", {real({2, 3}), real({2, 1})}, [](const Inputs& x) { return cat(x, -1); });
    add("stack", {real({2, 3}), real({2, 3})}, [](const Inputs& x) { return stack(x, 0); });
    add("stack dim -1", {real({2, 3}), real({2, 3}), real({2, 3})}, [](const Inputs& x) { return stack(x, -1); });
    add("index_select dim 0", {real({5, 3}), index({7}, 5)}, [](const Inputs& x) { return indexSelect(x[0], 0, x[1]); });
    add("index_select dim 1", {real({2, 6, 3}), index({4}, 6)}, [](const Inputs& x) { return indexSelect(x[0], 1, x[1]); });
}

void addMatrixCases(std::vector<OpCase>& table) {
    const auto add = [&](const std::string& name, const Shape& a, const Shape& b) {
        table.push_back(OpCase{name, {real(a), real(b)}, [](const Inputs& x) { return matmul(x[0], x[1]); }}.differentiableTwice());
    };
    add("matmul dot", {5}, {5});
    add("matmul vector matrix", {4}, {4, 3});
    add("matmul matrix vector", {3, 4}, {4});
    add("matmul", {3, 4}, {4, 5});
    add("matmul larger", {33, 47}, {47, 29});
    add("matmul batch", {2, 3, 4}, {2, 4, 5});
    add("matmul batch matrix", {2, 3, 4}, {4, 5});
    add("matmul matrix batch", {3, 4}, {2, 4, 5});
    add("matmul batch vector", {2, 3, 4}, {4});
    add("matmul broadcast batch", {1, 3, 4}, {5, 4, 2});
    table.push_back(OpCase{
        "linear", {real({5, 7}), real({3, 7}), real({3})}, [](const Inputs& x) {
            return linear(x[0], x[1], x[2]);
        }}.differentiableTwice());
    table.push_back(OpCase{
        "linear without bias", {real({5, 7}), real({3, 7})}, [](const Inputs& x) {
            return linear(x[0], x[1]);
        }}.differentiableTwice());
    table.push_back(OpCase{
        "linear of rank 3", {real({2, 4, 6}), real({3, 6}), real({3})}, [](const Inputs& x) {
            return linear(x[0], x[1], x[2]);
        }}.differentiableTwice());
    table.push_back(OpCase{
        "linear of a vector", {real({6}), real({3, 6}), real({3})}, [](const Inputs& x) {
            return linear(x[0], x[1], x[2]);
        }}.differentiableTwice());
}

} // namespace strata::test
