// SPDX-License-Identifier: Apache-2.0
#include "tests/support/data_files.h"

#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/files/gzip.h"

#include <cstdlib>

namespace strata::test {

namespace {

std::string littleEndian(uint32_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += char(value >> (8 * i) & 255);
    return text;
}

std::string pixels(int file, int record) {
    std::string text(3072, '\0');
    for (int p = 0; p < 3072; ++p) text[size_t(p)] = char(pixelOf(file, record, p));
    return text;
}

std::string shortString(const std::string& text) { return "U" + littleEndian(uint32_t(text.size()), 1) + text; }
std::string integer(int value) { return "J" + littleEndian(uint32_t(value), 4); }

std::string byteArray(int rows, int columns, const std::string& bytes) {
    return "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK" + std::string(1, '\0') + "\x85" + shortString("b") + "tR(K\x01" +
           integer(rows) + integer(columns) + "\x86" + "cnumpy\ndtype\n(" + shortString("u1") + "K" + std::string(1, '\0') + "K\x01" +
           "tR(K\x03" + shortString("|") + "NNN" + integer(-1) + integer(-1) + "K" + std::string(1, '\0') + "tb\x89" + "T" +
           littleEndian(uint32_t(bytes.size()), 4) + bytes + "tb";
}

} // namespace

uint8_t pixelOf(int file, int record, int pixel) { return uint8_t((file * 31 + record * 7 + pixel * 13 + pixel / 1024 * 50) & 255); }

void writeBytes(const std::string& path, const std::string& bytes) {
    makeFolders(parentFolder(path));
    writeFileAtomically(path, bytes);
}

std::string cifarRecords(int file, int records, int classes) {
    std::string bytes;
    for (int r = 0; r < records; ++r) {
        if (classes == 100) bytes += char(r % 20);
        bytes += char(r % classes);
        bytes += pixels(file, r);
    }
    return bytes;
}

std::string cifarPickle(int file, int records, int classes) {
    std::string data, labels;
    for (int r = 0; r < records; ++r) {
        data += pixels(file, r);
        labels += "K" + littleEndian(uint32_t(r % classes), 1);
    }
    return "\x80\x02}(" + shortString("data") + byteArray(records, 3072, data) + shortString(classes == 100 ? "fine_labels" : "labels") +
           "](" + labels + "e" + shortString("batch_label") + shortString("stand-in") + "u.";
}

std::string namesPickle(const std::string& key, const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += shortString(name);
    return "\x80\x02}(" + shortString("num_vis") + integer(3072) + shortString(key) + "](" + list + "eu.";
}

void writeCifar10(const std::string& folder, int records) {
    for (int f = 1; f <= 5; ++f) writeBytes(folder + "/data_batch_" + std::to_string(f) + ".bin", cifarRecords(f, records, 10));
    writeBytes(folder + "/test_batch.bin", cifarRecords(6, records, 10));
    writeBytes(folder + "/batches.meta.txt", "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
}

void writeCifar10Python(const std::string& folder, int records) {
    for (int f = 1; f <= 5; ++f) writeBytes(folder + "/data_batch_" + std::to_string(f), cifarPickle(f, records, 10));
    writeBytes(folder + "/test_batch", cifarPickle(6, records, 10));
    writeBytes(folder + "/batches.meta", namesPickle("label_names", {"a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9"}));
}

void writeCifar100(const std::string& folder, int records) {
    writeBytes(folder + "/train.bin", cifarRecords(1, records, 100));
    writeBytes(folder + "/test.bin", cifarRecords(2, records, 100));
}

void writeCifar100Python(const std::string& folder, int records) {
    writeBytes(folder + "/train", cifarPickle(1, records, 100));
    writeBytes(folder + "/test", cifarPickle(2, records, 100));
}

std::string idxBytes(const std::vector<uint32_t>& shape, const std::string& values) {
    std::string bytes{'\0', '\0', '\x08', char(shape.size())};
    for (const uint32_t size : shape) {
        for (int shift = 24; shift >= 0; shift -= 8) bytes += char(size >> shift & 255);
    }
    return bytes + values;
}

void writeMnist(const std::string& folder, int train, int test, bool gzipped, int side) {
    const auto write = [&](const std::string& name, const std::string& bytes) {
        if (!gzipped) return writeBytes(folder + "/" + name, bytes);
        writeBytes(folder + "/" + name + ".gz", gzipBytes(std::as_bytes(std::span(bytes))));
    };
    for (const auto& [prefix, count] : {std::pair<std::string, int>{"train", train}, {"t10k", test}}) {
        std::string values, labels;
        for (int r = 0; r < count; ++r) {
            labels += char(r % 10);
            for (int p = 0; p < side * side; ++p) values += char(pixelOf(prefix == "train" ? 1 : 2, r, p));
        }
        write(prefix + "-images-idx3-ubyte", idxBytes({uint32_t(count), uint32_t(side), uint32_t(side)}, values));
        write(prefix + "-labels-idx1-ubyte", idxBytes({uint32_t(count)}, labels));
    }
}

void makeArchive(const std::string& folder, const std::string& inside, const std::string& archive) {
    const std::string command = "tar -czf '" + archive + "' -C '" + folder + "' --transform 's,^\\.,'" + inside + "',' .";
    check(std::system(command.c_str()) == 0, "tar failed");
}

std::string errorOf(const std::function<void()>& action, ErrorKind* kind) {
    try {
        action();
    } catch (const Error& error) {
        if (kind) *kind = error.kind();
        return error.what();
    }
    return {};
}

} // namespace strata::test
