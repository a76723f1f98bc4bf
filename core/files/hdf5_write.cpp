// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/files/hdf5.h"
#include "core/files/hdf5_handle.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace strata {

namespace {

/// Keras's HDF5_OBJECT_HEADER_LIMIT: an attribute must fit an object header of 64 kB.
constexpr size_t kAttributeLimit = 64512;

const std::string kFailed = "cannot make an HDF5 file in memory";

void require(herr_t result) {
    if (result < 0) fail(ErrorKind::Internal, "{}", kFailed);
}

Hid property(hid_t cls) { return {H5Pcreate(cls), H5Pclose, kFailed, ErrorKind::Internal}; }

Hid fixedString(size_t length) {
    Hid type(H5Tcopy(H5T_C_S1), H5Tclose, kFailed, ErrorKind::Internal);
    require(H5Tset_size(type, std::max<size_t>(length, 1)));
    require(H5Tset_strpad(type, H5T_STR_NULLPAD));
    return type;
}

void writeAttribute(hid_t object, const std::string& name, hid_t type, hid_t space, const void* data) {
    const Hid attribute(H5Acreate2(object, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, kFailed, ErrorKind::Internal);
    require(H5Awrite(attribute, type, data));
}

/// A byte string, as h5py stores bytes.
void writeBytesAttribute(hid_t object, const std::string& name, const std::string& value) {
    const Hid type = fixedString(value.size());
    const Hid space(H5Screate(H5S_SCALAR), H5Sclose, kFailed, ErrorKind::Internal);
    writeAttribute(object, name, type, space, value.c_str());
}

/// Text of any length: variable-length strings lie in the heap, not in the object header.
void writeTextAttribute(hid_t object, const std::string& name, const std::string& value) {
    const Hid type(H5Tcopy(H5T_C_S1), H5Tclose, kFailed, ErrorKind::Internal);
    require(H5Tset_size(type, H5T_VARIABLE));
    require(H5Tset_cset(type, H5T_CSET_UTF8));
    const Hid space(H5Screate(H5S_SCALAR), H5Sclose, kFailed, ErrorKind::Internal);
    const char* text = value.c_str();
    writeAttribute(object, name, type, space, &text);
}

void writeNameArray(hid_t object, const std::string& name, std::span<const std::string> values) {
    size_t length = 1;
    for (const std::string& value : values) length = std::max(length, value.size());
    std::string packed(length * values.size(), '\0');
    for (size_t i = 0; i < values.size(); ++i) std::memcpy(packed.data() + i * length, values[i].data(), values[i].size());
    const Hid type = fixedString(length);
    const hsize_t count = values.size();
    const Hid space(H5Screate_simple(1, &count, nullptr), H5Sclose, kFailed, ErrorKind::Internal);
    writeAttribute(object, name, type, space, packed.data());
}

/// As Keras's save_attributes_to_hdf5_group: `name`, or `name0`, `name1`, ... of equal parts when one would be too large.
void writeNames(hid_t object, const std::string& name, const std::vector<std::string>& values) {
    size_t length = 1;
    for (const std::string& value : values) length = std::max(length, value.size());
    if (length > kAttributeLimit) fail(ErrorKind::BadInput, "a name of {} bytes is too long for an HDF5 file", length);
    if (length * values.size() <= kAttributeLimit) return writeNameArray(object, name, values);
    const size_t share = kAttributeLimit / length;
    size_t part = 0;
    for (size_t begin = 0; begin < values.size(); begin += share)
        writeNameArray(object, fmt::format("{}{}", name, part++), std::span(values).subspan(begin, std::min(share, values.size() - begin)));
}

void writeDataset(hid_t group, const std::string& path, const Tensor& tensor) {
    const std::vector<float> values = hostContiguous(tensor).toVector<float>();
    std::vector<hsize_t> dims;
    for (const int64_t size : tensor.shape()) dims.push_back(hsize_t(size));
    const Hid space(dims.empty() ? H5Screate(H5S_SCALAR) : H5Screate_simple(int(dims.size()), dims.data(), nullptr), H5Sclose, kFailed,
                    ErrorKind::Internal);
    const Hid links = property(H5P_LINK_CREATE);
    require(H5Pset_create_intermediate_group(links, 1));
    const Hid creation = property(H5P_DATASET_CREATE);
    require(H5Pset_obj_track_times(creation, false)); // equal weights give equal bytes
    const Hid dataset(H5Dcreate2(group, path.c_str(), H5T_IEEE_F32LE, space, links, creation, H5P_DEFAULT), H5Dclose, kFailed,
                      ErrorKind::Internal);
    if (!values.empty()) require(H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()));
}

void checkName(const std::string& name, std::set<std::string>& seen) {
    if (name.empty() || name == "." || name.find('/') != std::string::npos || name.find('\0') != std::string::npos)
        fail(ErrorKind::BadInput, "\"{}\" cannot be a name in an HDF5 file", name);
    if (!seen.insert(name).second) fail(ErrorKind::BadInput, "the name \"{}\" appears twice in the HDF5 file", name);
}

void writeLayers(hid_t file, const std::vector<KerasLayer>& layers) {
    std::vector<std::string> layerNames;
    std::set<std::string> seenLayers;
    for (const KerasLayer& layer : layers) {
        checkName(layer.name, seenLayers);
        layerNames.push_back(layer.name);
    }
    writeNames(file, "layer_names", layerNames);
    for (const KerasLayer& layer : layers) {
        const Hid group(H5Gcreate2(file, layer.name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose, kFailed,
                        ErrorKind::Internal);
        std::vector<std::string> weightNames;
        std::set<std::string> seenWeights;
        for (const auto& [name, tensor] : layer.weights) {
            checkName(name, seenWeights);
            weightNames.push_back(layer.name + "/" + name);
            writeDataset(group, weightNames.back(), tensor);
        }
        writeNames(group, "weight_names", weightNames);
    }
}

std::string fileImage(hid_t file) {
    require(H5Fflush(file, H5F_SCOPE_GLOBAL));
    const ssize_t size = H5Fget_file_image(file, nullptr, 0);
    if (size < 0) fail(ErrorKind::Internal, "{}", kFailed);
    std::string bytes(size_t(size), '\0');
    if (H5Fget_file_image(file, bytes.data(), bytes.size()) != size) fail(ErrorKind::Internal, "{}", kFailed);
    return bytes;
}

} // namespace

std::string kerasWeightsBytes(const std::vector<KerasLayer>& layers, const std::map<std::string, std::string>& attributes) {
    const Hdf5Scope scope;
    const Hid access = property(H5P_FILE_ACCESS);
    require(H5Pset_fapl_core(access, size_t(1) << 20, false));
    const Hid file(H5Fcreate("strata.h5", H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose, kFailed, ErrorKind::Internal);
    writeBytesAttribute(file, "backend", "tensorflow");
    writeBytesAttribute(file, "keras_version", "2.15.0");
    for (const auto& [name, value] : attributes) {
        if (name == "layer_names" || name == "backend" || name == "keras_version")
            fail(ErrorKind::BadInput, "the attribute \"{}\" of the HDF5 file is Keras's own", name);
        writeTextAttribute(file, name, value);
    }
    writeLayers(file, layers);
    return fileImage(file);
}

void writeKerasWeights(const std::string& path, const std::vector<KerasLayer>& layers,
                       const std::map<std::string, std::string>& attributes) {
    writeFileAtomically(path, kerasWeightsBytes(layers, attributes));
}

} // namespace strata
