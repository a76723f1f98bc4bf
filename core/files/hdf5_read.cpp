// SPDX-License-Identifier: Apache-2.0
#include "core/base/fs.h"
#include "core/files/hdf5.h"
#include "core/files/hdf5_handle.h"

#include <algorithm>
#include <set>

namespace strata {

namespace {

constexpr int kMaxDepth = 16;
constexpr size_t kMaxObjects = 100'000;
constexpr uint64_t kMaxDataset = uint64_t(4) << 30;
constexpr uint64_t kRatioFloor = uint64_t(64) << 20;

/// Walks the groups of one file by hard links only.
class Walk {
public:
    Walk(const std::string& path, Hdf5Contents& contents) : path_(path), contents_(contents) {}

    void group(hid_t group, const std::string& prefix, int depth) {
        if (depth > kMaxDepth) bad("groups nested deeper than {}", kMaxDepth);
        for (const std::string& name : names(group)) {
            const std::string full = prefix.empty() ? name : prefix + "/" + name;
            H5L_info_t link{};
            if (H5Lget_info(group, name.c_str(), &link, H5P_DEFAULT) < 0) bad("the link \"{}\" cannot be read", full);
            if (link.type != H5L_TYPE_HARD) bad("\"{}\" is {} link; refused", full, link.type == H5L_TYPE_SOFT ? "a soft" : "an external");
            const Hid object(H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose, fmt::format("{}: \"{}\" cannot be opened", path_, full));
            visit(object, full, depth);
        }
    }

private:
    template <class... Args> [[noreturn]] void bad(fmt::format_string<Args...> format, Args&&... args) const {
        fail(ErrorKind::BadFile, "{}: {}", path_, fmt::format(format, std::forward<Args>(args)...));
    }

    std::vector<std::string> names(hid_t group) const {
        H5G_info_t info{};
        if (H5Gget_info(group, &info) < 0) bad("a group cannot be read");
        if (info.nlinks > kMaxObjects) bad("a group claims {} members", info.nlinks);
        std::vector<std::string> found;
        for (hsize_t i = 0; i < info.nlinks; ++i) {
            char name[1024];
            const ssize_t length = H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, i, name, sizeof name, H5P_DEFAULT);
            if (length < 0 || size_t(length) >= sizeof name) bad("the name of a member cannot be read");
            found.emplace_back(name, size_t(length));
        }
        return found;
    }

    void visit(hid_t object, const std::string& name, int depth) {
        H5O_info_t info{};
        if (H5Oget_info(object, &info) < 0) bad("\"{}\" cannot be read", name);
        if (!seen_.insert(info.addr).second) bad("\"{}\" is there under another name too; refused", name);
        if (seen_.size() > kMaxObjects) bad("more than {} objects", kMaxObjects);
        if (info.type == H5O_TYPE_GROUP)
            group(object, name, depth + 1);
        else if (info.type == H5O_TYPE_DATASET)
            contents_.datasets.emplace_back(name, dataset(object, name));
        else
            bad("\"{}\" is a committed type; refused", name);
    }

    /// How the dataset is stored, before any of it is read.
    void checkStorage(hid_t dataset, const std::string& name) const {
        const Hid creation(H5Dget_create_plist(dataset), H5Pclose, fmt::format("{}: \"{}\" cannot be read", path_, name));
        if (H5Pget_layout(creation) == H5D_VIRTUAL) bad("\"{}\" is a virtual dataset; refused", name);
        if (H5Pget_external_count(creation) != 0) bad("\"{}\" is stored in another file; refused", name);
        const int filters = H5Pget_nfilters(creation);
        for (int i = 0; i < filters; ++i) {
            unsigned flags = 0, config = 0;
            size_t values = 0;
            const H5Z_filter_t filter = H5Pget_filter2(creation, unsigned(i), &flags, &values, nullptr, 0, nullptr, &config);
            if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
                bad("\"{}\" is packed by the filter {}, which is not read", name, int(filter));
        }
    }

    Tensor dataset(hid_t dataset, const std::string& name) const {
        checkStorage(dataset, name);
        const Hid type(H5Dget_type(dataset), H5Tclose, fmt::format("{}: \"{}\" has no type", path_, name));
        const H5T_class_t cls = H5Tget_class(type);
        if (cls != H5T_FLOAT && cls != H5T_INTEGER) bad("\"{}\" holds something other than numbers; refused", name);
        const Hid space(H5Dget_space(dataset), H5Sclose, fmt::format("{}: \"{}\" has no shape", path_, name));
        const int rank = H5Sget_simple_extent_ndims(space);
        if (rank < 0 || rank > kMaxRank || H5Sget_simple_extent_type(space) == H5S_NULL)
            bad("\"{}\" has {} dimensions, at most {} are read", name, rank, kMaxRank);
        hsize_t dims[kMaxRank] = {};
        if (rank > 0 && H5Sget_simple_extent_dims(space, dims, nullptr) < 0) bad("\"{}\" has no shape", name);
        std::vector<int64_t> shape;
        for (int i = 0; i < rank; ++i) shape.push_back(int64_t(std::min<hsize_t>(dims[i], hsize_t(1) << 62)));
        const std::optional<uint64_t> bytes = checkedBytes(shape, std::max<size_t>(H5Tget_size(type), sizeof(float)));
        const uint64_t stored = H5Dget_storage_size(dataset);
        if (!bytes || *bytes > kMaxDataset || (*bytes > kRatioFloor && *bytes / 1000 > stored))
            bad("\"{}\" of shape {} is larger than its {} stored bytes can fill; refused", name, shapeText(shape), stored);
        Tensor tensor = Tensor::empty(Shape(shape), DType::F32);
        if (tensor.elements() > 0 && H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, tensor.out().data) < 0)
            bad("\"{}\" is damaged and cannot be read", name);
        return tensor;
    }

    const std::string& path_;
    Hdf5Contents& contents_;
    std::set<haddr_t> seen_;
};

/// The scalar string attributes of the root; others (arrays of names, numbers) are left out.
void readAttributes(hid_t file, const std::string& path, Hdf5Contents& contents) {
    H5O_info_t info{};
    if (H5Oget_info(file, &info) < 0) fail(ErrorKind::BadFile, "{}: the root cannot be read", path);
    for (hsize_t i = 0; i < std::min<hsize_t>(info.num_attrs, kMaxObjects); ++i) {
        const std::string failed = path + ": an attribute of the root cannot be read";
        const Hid attribute(H5Aopen_by_idx(file, ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT), H5Aclose, failed);
        const Hid type(H5Aget_type(attribute), H5Tclose, failed);
        const Hid space(H5Aget_space(attribute), H5Sclose, failed);
        if (H5Tget_class(type) != H5T_STRING || H5Sget_simple_extent_type(space) != H5S_SCALAR) continue;
        char name[256];
        if (H5Aget_name(attribute, sizeof name, name) < 0) fail(ErrorKind::BadFile, "{}", failed);
        std::string value;
        if (H5Tis_variable_str(type) > 0) {
            char* text = nullptr;
            if (H5Aread(attribute, type, &text) < 0) fail(ErrorKind::BadFile, "{}", failed);
            if (text) value = text;
            H5free_memory(text);
        } else {
            value.resize(std::min<size_t>(H5Tget_size(type), size_t(1) << 20));
            if (value.size() < H5Tget_size(type) || H5Aread(attribute, type, value.data()) < 0) fail(ErrorKind::BadFile, "{}", failed);
            value.resize(std::min(value.size(), value.find('\0')));
        }
        contents.attributes.emplace(name, value);
    }
}

std::mutex& hdf5Mutex() {
    static std::mutex mutex;
    return mutex;
}

} // namespace

Hdf5Scope::Hdf5Scope() : lock_(hdf5Mutex()) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    H5PLset_loading_state(0);
}

Hdf5Contents readHdf5(const std::string& path) {
    const MappedFile mapped(path);
    const Hdf5Scope scope;
    const Hid access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, path + ": HDF5 cannot start");
    if (mapped.bytes().empty() || H5Pset_fapl_core(access, size_t(1) << 20, false) < 0 ||
        H5Pset_file_image(access, const_cast<std::byte*>(mapped.bytes().data()), mapped.bytes().size()) < 0)
        fail(ErrorKind::BadFile, "{}: not an HDF5 file", path);
    const Hid file(H5Fopen("strata.h5", H5F_ACC_RDONLY, access), H5Fclose, path + ": not an HDF5 file, or a damaged one");
    Hdf5Contents contents;
    readAttributes(file, path, contents);
    const Hid root(H5Gopen2(file, "/", H5P_DEFAULT), H5Gclose, path + ": the root cannot be read");
    Walk(path, contents).group(root, "", 0);
    return contents;
}

} // namespace strata
