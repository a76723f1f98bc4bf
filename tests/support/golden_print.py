# SPDX-License-Identifier: Apache-2.0
"""How PyTorch prints tensors, with our names of dtypes: tests/data/golden/print.json."""
import json

import torch

import golden_formula as formula

NAMES = {"torch.float64": "f64", "torch.float32": "f32", "torch.float16": "f16", "torch.bfloat16": "bf16", "torch.int64": "i64",
         "torch.int32": "i32", "torch.uint8": "u8", "torch.bool": "bool"}


def reals(*shape, low=-2, high=2, dtype=torch.float32):
    return torch.tensor(formula.values(list(shape), 77, low, high)).to(dtype)


CASES = {
    "a real": torch.tensor(2.5), "a whole real": torch.tensor(3.0), "a small real": torch.tensor(1.25e-7), "an integer": torch.tensor(-7),
    "a boolean": torch.tensor(True), "no elements": torch.zeros(0), "no rows": torch.zeros(0, 3), "whole reals": torch.tensor([1.0, -20, 300]),
    "reals": reals(4), "a matrix": reals(3, 4), "a cube": reals(2, 3, 2), "images": reals(2, 2, 2, 3), "f64": reals(3, dtype=torch.float64),
    "f16": reals(3, dtype=torch.float16), "bf16": reals(2, 2, dtype=torch.bfloat16), "integers": torch.tensor([[1, -200], [30, 4]]),
    "i32": torch.tensor([1, 2], dtype=torch.int32), "u8": torch.tensor([0, 255], dtype=torch.uint8), "booleans": torch.tensor([True, False]),
    "a wide range": torch.tensor([0.001, 12345.678]), "large values": torch.tensor([123456789.0, 1.0]), "small values": torch.tensor([1e-5, 2.5e-5]),
    "not finite": torch.tensor([float("nan"), float("inf"), -float("inf"), 1.5]), "only not finite": torch.tensor([float("nan"), float("inf")]),
    "whole and not finite": torch.tensor([1.0, float("inf")]), "zeros": torch.zeros(2, 2), "a long vector": reals(40),
    "long integers": torch.arange(60), "a very long vector": reals(1500), "many integers": torch.arange(3000).reshape(50, 60),
    "many reals": reals(40, 50), "a large cube": torch.arange(8000).reshape(20, 20, 20), "one row of many": reals(1, 1200),
}


class Texts:
    def write(self, path):
        texts = {}
        for name, tensor in CASES.items():
            text = str(tensor)
            for long, short in NAMES.items():
                text = text.replace("dtype=" + long, "dtype=" + short)
            texts[name] = text
        with open(path.replace(".golden", ".json"), "w") as file:
            json.dump(texts, file, indent=1)
            file.write("\n")
        print(f"{path}: {len(texts)} texts")
