// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/files/named_tensors.h"

namespace strata {

/// What the header of a .npy file says (numpy.lib.format, versions 1 to 3).
struct NpyHeader {
    char byteOrder = '<'; ///< '<', '>' or '|'
    char kind = 'f';      ///< b, i, u or f
    uint64_t itemSize = 4;
    bool fortranOrder = false;
    std::vector<int64_t> shape;
    uint64_t dataOffset = 0;
    uint64_t dataBytes = 0;
};

/// Reads and checks the header against the length of the file. Throws Error(BadFile) naming the byte; objects ('O'), which
/// would be a pickle, are refused.
NpyHeader parseNpyHeader(std::span<const std::byte> bytes, const std::string& name);
/// The array as a tensor: b1 u1 i4 i8 f2 f4 f8 as they are, i1 i2 u2 widened to i32, u4 u8 to i64; big-endian and Fortran order
/// converted. Throws Error(BadFile), also for complex numbers, text, dates and records.
Tensor parseNpy(std::span<const std::byte> bytes, const std::string& name);
Tensor readNpy(const std::string& path);
/// The array over the mapped file, without a copy where its bytes lie as Strata's do (little-endian, C order, no widening),
/// else as readNpy(). The memory is read-only: writing to the tensor is a fault.
Tensor mapNpy(const std::string& path);

/// Bytes of a version 1.0 file; bf16 is stored as f32.
std::string npyBytes(const Tensor& tensor);
void writeNpy(const Tensor& tensor, const std::string& path);

/// A zip of .npy members, as numpy.savez makes it: names without ".npy", in the order of the archive. Other members are refused.
NamedTensors readNpz(const std::string& path);
/// As numpy.savez (stored) or numpy.savez_compressed (deflated).
std::string npzBytes(const NamedTensors& tensors, bool compressed = false);
void writeNpz(const NamedTensors& tensors, const std::string& path, bool compressed = false);

} // namespace strata
