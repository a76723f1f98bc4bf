#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the golden files of tests/data/golden from PyTorch (Debian's python3-torch, run with /usr/bin/python3).

make_golden.py [PART ...]     parts: ops layers train print studio networks (default: all)

The rows come from tests/data/golden/cases.json, which the C++ tables write:
  STRATA_WRITE_CASES=1 build/release/tests/tst_golden_cases
"""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import golden_layers
import golden_networks
import golden_ops
import golden_print
import golden_studio
import golden_train

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "golden")


def main():
    with open(os.path.join(FOLDER, "cases.json")) as file:
        cases = json.load(file)
    parts = {
        "ops": lambda: golden_ops.make(cases["ops"]),
        "layers": lambda: golden_layers.make(cases),
        "train": lambda: golden_train.make(cases),
        "print": golden_print.Texts,
        "studio": golden_studio.make,
        "networks": lambda: golden_networks.make(cases),
    }
    for name in sys.argv[1:] or parts:
        parts[name]().write(os.path.normpath(os.path.join(FOLDER, name + ".golden")))


main()
