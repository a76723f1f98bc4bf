# SPDX-License-Identifier: Apache-2.0
"""PyTorch's side of every layer's examples (LayerDef::examples) and of every loss, by the layer's id."""
import torch
import torch.nn.functional as F

import golden_formula as formula
from golden_ops import add_row


def stride(params):
    return params["stride"] or params["kernel_size"]  # 0: not given


def conv2d(p, w, training, x):
    return F.conv2d(x, w["weight"], w.get("bias"), p["stride"], p["padding"], p["dilation"], p["groups"])


def batch_norm(p, w, training, x):
    return F.batch_norm(x, w["running_mean"], w["running_var"], w.get("weight"), w.get("bias"), training, p["momentum"], p["eps"])


def dropout(p, w, training, x):
    if not training:
        return x
    return x * torch.tensor(formula.dropout_mask(list(x.shape), p["p"], 11, 7, 5)) / (1 - p["p"])


def add(p, w, training, *x):
    total = x[0]
    for other in x[1:]:
        total = total + other
    return total


LAYERS = {
    "conv2d": conv2d,
    "linear": lambda p, w, training, x: F.linear(x, w["weight"], w.get("bias")),
    "batch_norm": batch_norm,
    "relu": lambda p, w, training, x: F.relu(x),
    "leaky_relu": lambda p, w, training, x: F.leaky_relu(x, p["negative_slope"]),
    "gelu": lambda p, w, training, x: F.gelu(x),
    "silu": lambda p, w, training, x: F.silu(x),
    "sigmoid": lambda p, w, training, x: x.sigmoid(),
    "tanh": lambda p, w, training, x: x.tanh(),
    "max_pool": lambda p, w, training, x: F.max_pool2d(x, p["kernel_size"], stride(p), p["padding"]),
    "avg_pool": lambda p, w, training, x: F.avg_pool2d(x, p["kernel_size"], stride(p), p["padding"]),
    "global_avg_pool": lambda p, w, training, x: F.adaptive_avg_pool2d(x, 1).flatten(1),
    "dropout": dropout,
    "flatten": lambda p, w, training, x: x.flatten(1),
    "softmax": lambda p, w, training, x: x.softmax(1),
    "add": add,
    "concat": lambda p, w, training, *x: torch.cat(x, 1),
    "identity": lambda p, w, training, x: x * 1.0,
}

LOSSES = {
    "cross_entropy": lambda p, x, t: F.cross_entropy(x, t, label_smoothing=p["label_smoothing"]),
    "mse": lambda p, x, t: F.mse_loss(x, F.one_hot(t, x.shape[1]).to(x.dtype) if t.dim() == 1 else t),
}


def make(cases):
    golden = formula.GoldenFile()
    for row in cases["layers"]:
        if row["layer"] not in LAYERS:
            raise SystemExit(f"golden_layers.py has no PyTorch function for the layer '{row['layer']}'")
        count = len(row["inputs"]) - len(row["weights"])

        def run(*tensors, row=row, count=count):
            weights = dict(zip(row["weights"], tensors[count:]))
            return LAYERS[row["layer"]](row["params"], weights, row["training"], *tensors[:count])

        inputs = add_row(golden, row, run)
        for k, tensor in enumerate(inputs):
            if not row["inputs"][k]["gradient"]:
                golden.add(f"{row['name']}/buffer{k}", tensor.numpy())
    for row in cases["losses"]:
        add_row(golden, row, lambda *x, row=row: LOSSES[row["loss"]](row["params"], *x))
    return golden
