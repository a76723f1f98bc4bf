#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a network from its exported .h5 the way Keras would: NHWC, HWIO kernels, flatten in that order. Written on numpy and
h5py alone, so that it is an independent reader of the layout.

keras_forward.py WEIGHTS.h5 STEPS.json INPUT.npy    prints the logits as a JSON array
STEPS.json: [["conv", layer], ["bn", layer, eps], ["relu"], ["pool"], ["flatten"], ["dense", layer]]
"""
import json, sys
import h5py, numpy as np

f = h5py.File(sys.argv[1], "r")
steps = json.load(open(sys.argv[2]))
x = np.load(sys.argv[3]).astype(np.float64).transpose(0, 2, 3, 1)
layer_names = [n.decode() if isinstance(n, bytes) else n for n in f.attrs["layer_names"]]
assert f.attrs["backend"] and f.attrs["keras_version"]
assert json.loads(f.attrs["strata.classes"]) == ["a", "b", "c"]


def weights(layer):
    assert layer in layer_names
    group = f[layer]
    names = [n.decode() if isinstance(n, bytes) else n for n in group.attrs["weight_names"]]
    return {n.split("/")[-1].split(":")[0]: group[n][()].astype(np.float64) for n in names}


for step in steps:
    kind = step[0]
    if kind == "conv":  # 3x3, same padding
        w = weights(step[1])
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        out = np.zeros(x.shape[:3] + (w["kernel"].shape[3],))
        for i in range(3):
            for j in range(3):
                out += padded[:, i:i + x.shape[1], j:j + x.shape[2], :] @ w["kernel"][i, j]
        x = out + w.get("bias", 0)
    elif kind == "bn":
        w = weights(step[1])
        x = (x - w["moving_mean"]) / np.sqrt(w["moving_variance"] + step[2]) * w["gamma"] + w["beta"]
    elif kind == "relu":
        x = np.maximum(x, 0)
    elif kind == "pool":
        n, h, w_, c = x.shape
        x = x.reshape(n, h // 2, 2, w_ // 2, 2, c).max(axis=(2, 4))
    elif kind == "flatten":
        x = x.reshape(len(x), -1)
    elif kind == "dense":
        w = weights(step[1])
        x = x @ w["kernel"] + w.get("bias", 0)
print(json.dumps(x.tolist()))
