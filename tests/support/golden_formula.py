# SPDX-License-Identifier: Apache-2.0
"""The numbers that C++ (case.cpp, golden.cpp) and Python make alike: formula values, Philox, digests, the golden file."""
import json
import struct

import numpy as np

KEPT, PROJECTIONS = 256, 4


def _mix(seed, count):
    with np.errstate(over="ignore"):
        start = np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64)
        z = start + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0xD1B54A32D192ED03)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def values(shape, seed, low, high):
    """f64 array, multiples of 2^-18 plus half of one in [low, high)."""
    uniform = (_mix(seed, int(np.prod(shape, dtype=np.int64))) >> np.uint64(40)).astype(np.float64) * 2.0**-24
    return ((np.floor((low + (high - low) * uniform) * 2.0**18) + 0.5) * 2.0**-18).reshape(shape)


def indices(shape, seed, below):
    return ((_mix(seed, int(np.prod(shape, dtype=np.int64))) >> np.uint64(33)) % np.uint64(below)).astype(np.int64).reshape(shape)


def seed_of(name):
    h = 2166136261
    for byte in name.encode():
        h = (h ^ byte) * 16777619 % 2**32
    return h


def philox_words(seed, purpose, epoch, index, blocks):
    """Philox4x32-10 of core/base/philox.h: uint32 array [4 * blocks]."""
    key = [seed & 0xFFFFFFFF, ((seed >> 32) ^ (purpose * 0x9E3779B9)) & 0xFFFFFFFF]
    words = []
    for block in range(blocks):
        c, k = [block, epoch, index & 0xFFFFFFFF, index >> 32], list(key)
        for _ in range(10):
            p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
            k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
        words += c
    return np.array(words, dtype=np.uint32)


def dropout_mask(shape, p, seed, step, layer):
    """Keep where the 24-bit uniform is at least p (Purpose::Dropout = 4)."""
    count = int(np.prod(shape))
    uniform = (philox_words(seed, 4, step, layer, (count + 3) // 4)[:count] >> 8).astype(np.float64) * 2.0**-24
    return (uniform >= p).reshape(shape)


def digest(array):
    flat = np.array(array, dtype=np.float64).reshape(-1)  # a copy: the tensor may change later
    if flat.size <= KEPT:
        return flat
    kept = list(flat[indices([KEPT], 12345, flat.size)])
    for p in range(PROJECTIONS):
        kept.append(float((flat * values([flat.size], 900 + p, -1, 1)).sum()) / np.sqrt(flat.size))
    return np.array(kept)


class GoldenFile:
    """Digests by key, written as safetensors: f64, the whole tensor's shape in the metadata."""

    def __init__(self):
        self.entries = {}

    def add(self, key, array):
        array = np.asarray(array)
        assert key not in self.entries, key
        self.entries[key] = ("x".join(map(str, array.shape)), digest(array))

    def write(self, path):
        header, data = {"__metadata__": {key: shape for key, (shape, _) in self.entries.items()}}, b""
        for key, (_, kept) in self.entries.items():
            raw = kept.astype("<f8").tobytes()
            header[key] = {"dtype": "F64", "shape": [int(kept.size)], "data_offsets": [len(data), len(data) + len(raw)]}
            data += raw
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text + data)
        print(f"{path}: {len(self.entries)} entries, {8 + len(text) + len(data)} bytes")
