# SPDX-License-Identifier: Apache-2.0
"""PyTorch's side of every row of opCases() (tests/support/case_*.cpp), by name."""
import torch
import torch.nn.functional as F

import golden_formula as formula


def norm(training, relu=False, affine=True, residual=False):
    def run(*x):
        c = x[0].shape[1]
        mean = torch.tensor(formula.values([c], 71, -0.5, 0.5))
        variance = torch.tensor(formula.values([c], 72, 0.5, 1.5))
        y = F.batch_norm(x[0], mean, variance, x[1] if affine else None, x[2] if affine else None, training, 0.1, 1e-5)
        y = y + x[-1] if residual else y
        return F.relu(y) if relu else y
    return run


def conv(stride=1, padding=0, dilation=1, groups=1):
    return lambda x, w, b=None: F.conv2d(x, w, b, stride, padding, dilation, groups)


def variance(dims=None, unbiased=True, keepdim=False):
    def run(x):
        over = list(range(x.dim())) if dims is None else dims
        return x.var(over, unbiased=unbiased, keepdim=keepdim)
    return run


def dropout(x):
    mask = torch.tensor(formula.dropout_mask(list(x.shape), 0.3, 11, 7, 5))
    return x * mask / 0.7


ELEMENTWISE = {
    "neg": torch.neg, "exp": torch.exp, "log": torch.log, "sqrt": torch.sqrt, "rsqrt": torch.rsqrt, "square": torch.square,
    "reciprocal": torch.reciprocal, "sin": torch.sin, "cos": torch.cos, "erf": torch.erf, "gelu": F.gelu, "silu": F.silu,
    "sigmoid": torch.sigmoid, "tanh": torch.tanh, "add_scalar": lambda x: x + 1.25, "mul_scalar": lambda x: x * -0.75,
    "pow 3": lambda x: x**3, "pow 2": lambda x: x**2, "pow -1.3": lambda x: x**-1.3, "scalar minus": lambda x: 1.5 - x,
    "divide by scalar": lambda x: x / 3, "abs": torch.abs, "sign": torch.sign, "floor": torch.floor, "ceil": torch.ceil,
    "round": torch.round, "relu": F.relu, "leaky_relu": F.leaky_relu, "leaky_relu 0.2": lambda x: F.leaky_relu(x, 0.2),
    "clamp": lambda x: x.clamp(-0.5, 1.25), "is_finite": torch.isfinite, "logical_not": torch.logical_not,
    "add": torch.add, "add broadcast": torch.add, "add a scalar tensor": torch.add, "sub": torch.sub, "sub broadcast": torch.sub,
    "mul": torch.mul, "mul broadcast": torch.mul, "mul a channel each": torch.mul, "div": torch.div, "div broadcast": torch.div,
    "pow": torch.pow, "pow broadcast": torch.pow, "maximum": torch.maximum, "maximum broadcast": torch.maximum,
    "minimum": torch.minimum, "minimum broadcast": torch.minimum, "equal": torch.eq, "not_equal": torch.ne, "less": torch.lt,
    "less_equal": torch.le, "greater": torch.gt, "greater_equal": torch.ge, "logical_and": torch.logical_and,
    "logical_or": torch.logical_or, "where": torch.where, "where broadcast": torch.where,
}
ELEMENTWISE.update({f"{name} of reals": ELEMENTWISE[name]
                    for name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")})

REDUCTIONS = {
    "sum all": torch.sum, "sum dim 1": lambda x: x.sum(1), "sum dims 0 and 2 kept": lambda x: x.sum((0, 2), keepdim=True),
    "mean all": torch.mean, "mean dim 1": lambda x: x.mean(1), "mean dims 0 and 2 kept": lambda x: x.mean((0, 2), keepdim=True),
    "max all": torch.max, "max dim 1": lambda x: x.amax(1), "max dims 0 and 2 kept": lambda x: x.amax((0, 2), keepdim=True),
    "min all": torch.min, "min dim 1": lambda x: x.amin(1), "min dims 0 and 2 kept": lambda x: x.amin((0, 2), keepdim=True),
    "prod dim 2": lambda x: x.prod(2), "argmax dim 1": lambda x: x.argmax(1),
    "argmin dim -1 kept": lambda x: x.argmin(-1, keepdim=True), "any dim 1": lambda x: x.any(1), "all dim 1": lambda x: x.all(1),
    "sum of integers": lambda x: x.sum(0), "var all": variance(), "var dim 1 biased kept": variance([1], False, True),
    "var dims 0 and 2": variance([0, 2]),
}

SHAPES = {
    "reshape": lambda x: x.reshape(6, 10), "reshape of a transposed": lambda x: x.transpose(0, 2).reshape(-1, 6),
    "flatten": lambda x: x.flatten(1, 2), "transpose": lambda x: x.transpose(0, -1), "permute": lambda x: x.permute(2, 0, 3, 1),
    "expand": lambda x: x.expand(4, 3, 5, 2), "squeeze": lambda x: x.squeeze(1), "unsqueeze": lambda x: x.unsqueeze(-1),
    "slice": lambda x: x[:, 1:8:3], "slice from the end": lambda x: x[-4:-1], "select": lambda x: x.select(1, -2),
    "index": lambda x: x[1:5:2, -3:], "contiguous of a transposed": lambda x: x.transpose(1, 2).contiguous(),
    "clone": lambda x: x.clone(), "cat dim 0": lambda *x: torch.cat(x, 0), "cat dim 1 of images": lambda *x: torch.cat(x, 1),
    "cat dim -1": lambda *x: torch.cat(x, -1), "stack": lambda *x: torch.stack(x, 0), "stack dim -1": lambda *x: torch.stack(x, -1),
    "index_select dim 0": lambda x, i: x.index_select(0, i), "index_select dim 1": lambda x, i: x.index_select(1, i),
}

MATRICES = {name: torch.matmul for name in (
    "matmul dot", "matmul vector matrix", "matmul matrix vector", "matmul", "matmul larger", "matmul batch", "matmul batch matrix",
    "matmul matrix batch", "matmul batch vector", "matmul broadcast batch")}
MATRICES.update({name: F.linear for name in ("linear", "linear without bias", "linear of rank 3", "linear of a vector")})

CONVOLUTIONS = {
    "conv2d": conv(), "conv2d padding 1": conv(padding=1), "conv2d 1x1": conv(), "conv2d 1x1 stride 2": conv(2), "conv2d 2x2": conv(),
    "conv2d 5x5 padding 2": conv(padding=2), "conv2d stride 2": conv(2, 1), "conv2d stride 2x1 padding 0x2": conv((2, 1), (0, 2)),
    "conv2d dilation 2": conv(1, 2, 2), "conv2d groups 2": conv(1, 1, 1, 2), "conv2d depthwise": conv(1, 1, 1, 8),
    "conv2d of 16 and 32 channels": conv(padding=1), "conv2d of 64 and 48 channels": conv(padding=1),
    "conv2d of 20 and 10 channels": conv(padding=1), "conv2d of a single image": conv(),
}

NETWORKS = {
    "softmax": lambda x: x.softmax(-1), "softmax dim 1 of images": lambda x: x.softmax(1),
    "log_softmax": lambda x: x.log_softmax(-1), "log_softmax dim 0": lambda x: x.log_softmax(0),
    "log_softmax of far logits": lambda x: (x + 5000).log_softmax(-1), "cross_entropy": F.cross_entropy,
    "cross_entropy per sample": lambda x, t: F.cross_entropy(x, t, reduction="none"),
    "cross_entropy with smoothing": lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1),
    "cross_entropy per sample with smoothing": lambda x, t: F.cross_entropy(x, t, reduction="none", label_smoothing=0.1),
    "mse_loss": F.mse_loss,
    "max_pool 2": lambda x: F.max_pool2d(x, 2), "max_pool 2 of 32 channels": lambda x: F.max_pool2d(x, 2),
    "max_pool 2 odd size": lambda x: F.max_pool2d(x, 2), "max_pool 3 stride 2 padding 1": lambda x: F.max_pool2d(x, 3, 2, 1),
    "max_pool 3 stride 1 padding 1": lambda x: F.max_pool2d(x, 3, 1, 1),
    "max_pool 3x2 stride 1x2": lambda x: F.max_pool2d(x, (3, 2), (1, 2), (1, 0)),
    "max_pool of a large window": lambda x: F.max_pool2d(x, 17, 3), "avg_pool 2": lambda x: F.avg_pool2d(x, 2),
    "avg_pool 3 stride 2 padding 1": lambda x: F.avg_pool2d(x, 3, 2, 1),
    "avg_pool 3 without padding in the count": lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    "avg_pool 3x2 stride 1x2": lambda x: F.avg_pool2d(x, (3, 2), (1, 2), (1, 0)),
    "global_avg_pool": lambda x: F.adaptive_avg_pool2d(x, 1),
    "batch_norm": norm(True), "batch_norm of 20 channels": norm(True), "batch_norm of 32 channels with relu": norm(True, True),
    "batch_norm of vectors": norm(True), "batch_norm in evaluation": norm(False), "batch_norm of vectors in evaluation": norm(False),
    "batch_norm in evaluation with relu": norm(False, True), "batch_norm without affine": norm(True, affine=False),
    "batch_norm with relu": norm(True, True), "batch_norm with residual": norm(True, residual=True),
    "batch_norm with residual and relu": norm(True, True, residual=True),
    "batch_norm in evaluation with residual and relu": norm(False, True, residual=True), "dropout": dropout,
}

OPS = {**ELEMENTWISE, **REDUCTIONS, **SHAPES, **MATRICES, **CONVOLUTIONS, **NETWORKS}


def make_inputs(row):
    """f64 tensors as makeInputs() of case.cpp makes them."""
    inputs = []
    for k, spec in enumerate(row["inputs"]):
        if spec["kind"] == "real":
            x = torch.tensor(formula.values(spec["shape"], row["seed"] + k, spec["low"], spec["high"]))
            x.requires_grad_(spec["gradient"])
        else:
            x = torch.tensor(formula.indices(spec["shape"], row["seed"] + k, spec["below"]))
            x = x.bool() if spec["kind"] == "mask" else x
        inputs.append(x)
    return inputs


def add_row(golden, row, function):
    """Output and gradients of one row; returns the inputs (buffers may have moved)."""
    inputs = make_inputs(row)
    output = function(*inputs)
    golden.add(row["name"] + "/out", output.detach().numpy())
    if output.requires_grad:
        output.backward(torch.tensor(formula.values(list(output.shape), row["seed"] + 1000, -1, 1)))
    for k, x in enumerate(inputs):
        if row["inputs"][k]["gradient"] and x.is_floating_point():
            golden.add(f"{row['name']}/grad{k}", torch.zeros_like(x).numpy() if x.grad is None else x.grad.numpy())
    return inputs


def make(rows):
    golden = formula.GoldenFile()
    for row in rows:
        if row["name"] not in OPS:
            raise SystemExit(f"golden_ops.py has no PyTorch function for the case '{row['name']}'")
        add_row(golden, row, OPS[row["name"]])
    return golden
