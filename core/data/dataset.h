// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/json.h"
#include "core/tensor/tensor.h"

#include <memory>
#include <string>
#include <vector>

namespace strata {

/// One picture and its class: u8 pixels, [C, H, W] with C = 1 or 3, and the label in [0, classes).
struct Sample {
    Tensor image;
    int64_t label = 0;
};

/// A fixed list of samples. get() may be called from several threads at once. Nothing here changes after construction.
class Dataset {
public:
    virtual ~Dataset() = default;
    virtual int64_t size() const = 0;
    /// Throws Error(BadFile) naming the file when a picture cannot be read.
    virtual Sample get(int64_t index) const = 0;
    /// Label without decoding the picture.
    virtual int64_t label(int64_t index) const = 0;
    /// Where the sample came from ("data_batch_3.bin record 42", a path), for messages and tables.
    virtual std::string origin(int64_t index) const = 0;
    /// The pixels themselves where they lie in memory for the lifetime of the dataset (the loader's path without a handle or
    /// an allocation), with their [C, H, W]; nullptr where get() must decode.
    virtual const uint8_t* pixels(int64_t index, Shape& shape) const;
    /// The dataset at the bottom of what decorators hide (itself if it is none), and the sample's index in that one.
    virtual const Dataset& base() const { return *this; }
    virtual int64_t baseIndex(int64_t index) const { return index; }
};

using DatasetPtr = std::shared_ptr<const Dataset>;

/// The samples of `base` at `indices`, in that order.
class Subset : public Dataset {
public:
    Subset(DatasetPtr base, std::vector<int64_t> indices); ///< throws Error(BadInput) on an index out of range
    int64_t size() const override { return int64_t(indices_.size()); }
    Sample get(int64_t index) const override { return base_->get(indices_[size_t(index)]); }
    int64_t label(int64_t index) const override { return base_->label(indices_[size_t(index)]); }
    std::string origin(int64_t index) const override { return base_->origin(indices_[size_t(index)]); }
    const uint8_t* pixels(int64_t index, Shape& shape) const override { return base_->pixels(indices_[size_t(index)], shape); }
    const Dataset& base() const override { return base_->base(); }
    int64_t baseIndex(int64_t index) const override { return base_->baseIndex(indices_[size_t(index)]); }

private:
    DatasetPtr base_;
    std::vector<int64_t> indices_;
};

/// All samples of several datasets, one after the other.
class Concatenated : public Dataset {
public:
    explicit Concatenated(std::vector<DatasetPtr> parts);
    int64_t size() const override { return ends_.empty() ? 0 : ends_.back(); }
    Sample get(int64_t index) const override;
    int64_t label(int64_t index) const override;
    std::string origin(int64_t index) const override;
    const uint8_t* pixels(int64_t index, Shape& shape) const override;

private:
    std::pair<size_t, int64_t> place(int64_t index) const; ///< part and index in it
    std::vector<DatasetPtr> parts_;
    std::vector<int64_t> ends_;
};

/// A dataset as a person opens it: its splits and what is known about it. `validation` is a part of the data's own training
/// set (a seeded tenth) where the data brings none; the test set is touched by evaluate alone.
struct DataSource {
    std::string spec;  ///< "cifar10:/data/cifar-10"
    std::string title; ///< "CIFAR-10"
    DatasetPtr train, validation, test;
    std::vector<std::string> classes;
    Shape imageShape; ///< [C, H, W]; the most frequent one where sizes differ
    bool mixedSizes = false;
    std::string fingerprint;     ///< 16 hex digits over contents (or paths, sizes and times for folders), labels and edits
    std::string baseFingerprint; ///< the same without edits
    Json facts = Json::object(); ///< further facts for `data info`
};

struct SourceOptions {
    uint64_t splitSeed = 0;
    double validationFraction = 0.1; ///< of the training set, stratified by class, where no validation set is given
    std::string edits = {};          ///< file of an EditList (core/data/edits.h) to apply; "": none
};

/// Opens "cifar10:FOLDER", "cifar100:FOLDER", "fashion-mnist[:FOLDER]", "mnist:FOLDER", "folder:PATH", "arrays:FILE.npz",
/// "shapes[:COUNT]". FOLDER may also be the .tar.gz archive. Throws Error(BadInput) for an unknown kind (with the nearest known) and
/// Error(BadFile) for what is wrong with the files.
DataSource openSource(const std::string& spec, const SourceOptions& options = {});

/// Kinds of sources for help texts: id, "cifar10:FOLDER", one sentence.
struct SourceKind {
    std::string id, pattern, help;
};
std::vector<SourceKind> sourceKinds();

/// Mean and standard deviation per channel of the training pictures scaled to [0, 1], over all of them (at most 50,000
/// pictures for folders), and counts per class.
struct DataStatistics {
    std::vector<double> mean, deviation;
    std::vector<int64_t> trainCounts, validationCounts, testCounts;
};
DataStatistics dataStatistics(const DataSource& source);

} // namespace strata
