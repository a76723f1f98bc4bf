# SPDX-License-Identifier: Apache-2.0
"""Runs PyTorch source that Strata wrote: check_pytorch_source.py FOLDER. For each FOLDER/NAME.py with NAME.npz (weights) and NAME.io.npz
(input, output, parameters, trained) prints "NAME ok" or what is wrong."""
import importlib.util
import pathlib
import sys

import numpy
import torch
from torch import nn


def check(path):
    spec = importlib.util.spec_from_file_location("model_" + path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, nn.Module)]
    if len(classes) != 1:
        return f"{len(classes)} modules"
    model = module.load_weights(classes[0](), path.with_suffix(".npz")).eval()
    expected = numpy.load(path.with_suffix(".io.npz"))
    count = sum(p.numel() for p in model.parameters())
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    if (count, trained) != (int(expected["parameters"][0]), int(expected["trained"][0])):
        return f"{count} parameters, {trained} trained"
    with torch.no_grad():
        output = model(torch.from_numpy(expected["input"])).numpy()
    if output.shape != expected["output"].shape:
        return f"shape {output.shape}"
    difference = numpy.abs(output - expected["output"]).max() / max(1.0, numpy.abs(expected["output"]).max())
    return "ok" if difference < 1e-4 else f"differs by {difference}"


torch.set_num_threads(1)
for source in sorted(pathlib.Path(sys.argv[1]).glob("*.py")):
    try:
        print(source.stem, check(source))
    except Exception as error:  # every case is told
        print(source.stem, repr(error))
