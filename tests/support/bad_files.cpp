// SPDX-License-Identifier: Apache-2.0
#include "tests/support/bad_files.h"

#include "core/files/image.h"
#include "core/files/safetensors.h"
#include "core/files/zip.h"
#include "core/model/model_file.h"
#include "core/ops/random.h"
#include "tests/support/program.h"

#include <QDir>
#include <QtEndian>

namespace strata::test {
namespace {

QByteArray bigEndian(std::initializer_list<uint32_t> words) {
    QByteArray bytes;
    for (const uint32_t word : words) {
        const quint32_be big(word);
        bytes.append(reinterpret_cast<const char*>(&big), 4);
    }
    return bytes;
}

QByteArray littleEndian(uint64_t word) {
    const quint64_le little(word);
    return QByteArray(reinterpret_cast<const char*>(&little), 8);
}

/// A copy of the good stand-in in which `change` works on one file.
template <class Change> void cifarWith(const QString& folder, const QString& name, const QString& file, Change change) {
    const QString to = folder + "/" + name;
    QDir().mkpath(to);
    for (const QString& each : QDir(folder + "/cifar").entryList(QDir::Files)) QFile::copy(folder + "/cifar/" + each, to + "/" + each);
    if (file.isEmpty()) return;
    QByteArray bytes = readBytes(to + "/" + file);
    change(bytes);
    writeBytes(to + "/" + file, bytes);
}

std::string png(int64_t width, int64_t height) {
    Image image{width, height, std::vector<uint8_t>(size_t(3 * width * height), 128)};
    return encodePng(image);
}

QByteArray safetensorsText(const QByteArray& header, const QByteArray& data = {}) {
    return littleEndian(uint64_t(header.size())) + header + data;
}

ModelFile linearModel() {
    ModelFile model;
    model.spec = makeTemplate("linear", {3, 32, 32}, 10);
    model.state = Network(model.spec, 0).stateDict();
    for (int c = 0; c < 10; ++c) model.classes.push_back(std::to_string(c));
    return model;
}

} // namespace

void writeBadData(const QString& folder) {
    const QDir dir(folder);
    for (const char* name : {"cifar", "empty", "idx", "tiny/0", "tiny/1", "hollow/a", "hollow/b", "evil", "text"}) dir.mkpath(name);
    writeCifarStandIn(folder + "/cifar", 20);
    cifarWith(folder, "truncated", "data_batch_3.bin", [](QByteArray& bytes) { bytes.chop(100); });
    cifarWith(folder, "label", "data_batch_2.bin", [](QByteArray& bytes) { bytes[7 * 3073] = char(10); });
    cifarWith(folder, "hole", "data_batch_1.bin", [](QByteArray& bytes) { bytes.clear(); });
    cifarWith(folder, "names", "batches.meta.txt", [](QByteArray& bytes) { bytes = "cat\ndog\n"; });
    cifarWith(folder, "missing", "", [](QByteArray&) {});
    QFile::remove(folder + "/missing/test_batch.bin");
    writeBytes(folder + "/text/readme.txt", "no data here");
    writeBytes(folder + "/file.txt", "no data here");
    // cos\nsystem\n(S'touch ran'\ntR. : a pickle that wants to run a program.
    for (const char* name : {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"})
        writeBytes(folder + "/evil/" + name, "cos\nsystem\n(S'touch " + folder.toUtf8() + "/ran'\ntR.");
    for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"})
        writeBytes(folder + "/idx/" + name, bigEndian({2051, 0x7fffffff, 0x7fffffff, 0x7fffffff}));
    for (const char* name : {"0/a", "0/b", "0/c", "1/a", "1/b", "1/c"})
        writeBytes(folder + "/tiny/" + name + ".png", QByteArray::fromStdString(png(8, 8)));
    writeBytes(folder + "/hollow/a/p.png", QByteArray::fromStdString(png(8, 8)));
    writeBytes(folder + "/bad.npz", "PK this is not a zip archive at all, it only begins like one");
}

void writeBadPictures(const QString& folder) {
    const QByteArray good = QByteArray::fromStdString(png(16, 16));
    writeBytes(folder + "/good.png", good);
    writeBytes(folder + "/text.jpg", "this is text and no picture");
    writeBytes(folder + "/nothing.png", "");
    writeBytes(folder + "/cut.png", good.left(good.size() - 30));
    QByteArray bomb = good; // the header says 60000 x 60000, and its CRC is right
    bomb.replace(16, 8, bigEndian({60000, 60000}));
    bomb.replace(29, 4, bigEndian({0x0fb0e215}));
    writeBytes(folder + "/bomb.png", bomb);
    writeBytes(folder + "/cut.jpg", QByteArray::fromHex("ffd8ffe000104a46494600010100000100010000ffd9"));
    writeBytes(folder + "/moving.gif",
               QByteArray::fromHex("47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"));
}

void writeBadModels(const QString& folder) {
    const auto path = [&](const char* name) { return (folder + "/" + name).toStdString(); };
    ModelFile model = linearModel();
    writeModelFile(path("linear.safetensors"), model);
    writeBytes(folder + "/hostile.safetensors", littleEndian(uint64_t(1) << 63) + "{}");
    writeBytes(folder + "/short.safetensors", "abc");
    writeBytes(folder + "/noobject.safetensors", safetensorsText("[1, 2]  "));
    writeBytes(
        folder + "/overlap.safetensors",
        safetensorsText(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
                        QByteArray(12, 0)));
    writeBytes(folder + "/wrap.safetensors",
               safetensorsText(R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", QByteArray(4, 0)));
    writeBytes(
        folder + "/twice.safetensors",
        safetensorsText(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                        QByteArray(2, 0)));
    writeZip({{"archive/data.pkl", "\x80\x02}."}, {"archive/version", "3\n"}}, false, path("torch.pt"));
    writeBytes(folder + "/old.pth", QByteArray::fromHex("80028a0a6cfc9c46f9206aa850192e80024de9032e"));
    writeZip({{"fc.weight.npy", "no array"}}, false, path("arrays.npz"));
    writeBytes(folder + "/keras.h5", QByteArray::fromHex("894844460d0a1a0a0000000000080800"));
    writeSafetensors({{"w", Tensor::zeros({2})}}, {}, path("nospec.safetensors"));
    StringMap metadata = readSafetensors(path("linear.safetensors")).metadata;
    NamedTensors tensors;
    for (const NamedTensor& entry : model.state)
        tensors.emplace_back(entry.name, entry.name.ends_with("bias") ? Tensor::zeros({7}) : entry.tensor);
    writeSafetensors(tensors, metadata, path("misfit.safetensors"));
    tensors.pop_back();
    writeSafetensors(tensors, metadata, path("lacking.safetensors"));
    metadata["strata.spec"] = "{\"version\": 1, ";
    writeSafetensors(tensors, metadata, path("badspec.safetensors"));
    writeBytes(folder + "/notjson.json", "{\"layers\": [");
    writeBytes(folder + "/unknown.json",
               R"({"version": 1, "name": "x", "input": [3, 32, 32], "layers": [{"id": "c", "type": "conv3d", "params": {}}]})");
    writeBytes(
        folder + "/toolarge.json",
        R"({"version": 1, "name": "x", "input": [3, 32, 32], "layers": [{"id": "c", "type": "conv2d", "params": {"out_channels": 4, "kernel_size": 40}}]})");
    writeBytes(
        folder + "/noinput.json",
        R"({"version": 1, "name": "x", "input": [3, 32, 32], "layers": [{"id": "r", "type": "relu", "params": {}, "inputs": ["nowhere"]}]})");
    writeBytes(
        folder + "/badparam.json",
        R"({"version": 1, "name": "x", "input": [3, 32, 32], "layers": [{"id": "c", "type": "conv2d", "params": {"out_channels": 4, "kernel_sise": 3}}]})");
}

void writeBadRuns(const QString& folder) {
    const QString data = "cifar10:" + folder + "/cifar";
    for (const char* name : {"run", "run-config", "run-checkpoints", "run-data"}) {
        const ProgramResult made =
            runStrata({"train", "--model", "linear", "--data", data, "--epochs", "1", "--batch", "20", "--run", folder + "/" + name});
        if (made.exitCode != 0) qFatal("%s", made.err.constData());
    }
    writeBytes(folder + "/run-config/config.json", "{\"epochs\": \"many\"}");
    for (const QString& file : QDir(folder + "/run-checkpoints/checkpoints").entryList(QDir::Files)) {
        QByteArray bytes = readBytes(folder + "/run-checkpoints/checkpoints/" + file);
        bytes[bytes.size() / 2] = char(bytes[bytes.size() / 2] ^ 1);
        writeBytes(folder + "/run-checkpoints/checkpoints/" + file, bytes);
    }
    QDir(folder).mkpath("notarun");
    writeBytes(folder + "/notarun/letter.txt", "dear");
}

} // namespace strata::test
