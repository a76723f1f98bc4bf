// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/files/safetensors.h"
#include "tests/support/files_support.h"

#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <cstring>

using namespace strata;
using namespace strata::test;

namespace {

/// A file with this header (its length in front) and so many bytes of data.
QByteArray file(const QByteArray& header, int dataBytes) {
    QByteArray bytes(8, '\0');
    const uint64_t length = uint64_t(header.size());
    std::memcpy(bytes.data(), &length, 8);
    return bytes + header + QByteArray(dataBytes, 'x');
}

QByteArray entry(const char* name, const char* dtype, const char* shape, const char* offsets) {
    return QByteArray("\"") + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

QByteArray length(uint64_t value) { return QByteArray(reinterpret_cast<const char*>(&value), 8); }

} // namespace

class TstSafetensors : public QObject {
    Q_OBJECT
private slots:
    void badFilesAreRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const QByteArray& bytes, const char* sentence) {
            QTest::newRow(name) << bytes << QString("F: ") + sentence;
        };
        row("empty", "", "0 bytes are too few for a safetensors file");
        row("7 bytes", "1234567", "7 bytes are too few for a safetensors file");
        row("header over the limit", length(100'000'001) + "{}", "the header length 100000001 at byte 0 is over the limit of 100000000");
        row("header of 2^63", length(uint64_t(1) << 63) + "{}",
            "the header length 9223372036854775808 at byte 0 is over the limit of 100000000");
        row("header of 2^64-1", length(~uint64_t(0)) + "{}",
            "the header length 18446744073709551615 at byte 0 is over the limit of 100000000");
        row("header past the end", length(3) + "{}", "the header of 3 bytes runs past the end of the file at byte 10");
        row("no header", length(0), "the header at byte 8 does not start with '{'");
        row("not an object", file("[]", 0), "the header at byte 8 does not start with '{'");
        row("leading space", file(" {}", 0), "the header at byte 8 does not start with '{'");
        row("broken JSON", file("{\"a\":", 0),
            "header: not valid JSON: unexpected end of input; expected '[', '{', or a literal at byte 5");
        row("bytes after the JSON", file("{}x", 0), "header: not valid JSON: invalid literal; expected end of input at byte 2");
        row("invalid UTF-8", file("{\"\xff\":1}", 0),
            "header: not valid JSON: invalid string: ill-formed UTF-8 byte; expected string literal at byte 2");
        row("duplicate name", file("{" + entry("a", "U8", "[1]", "[0,1]") + "," + entry("a", "U8", "[1]", "[0,1]") + "}", 1),
            "header: duplicate key \"a\" in JSON at byte 53");
        row("depth bomb", file("{\"a\":[[[[[", 0), "header: JSON nested deeper than 4 at byte 8");
        row("entry is a number", file("{\"a\":1}", 0), "tensor \"a\" is not described by an object");
        row("no dtype", file("{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1), "tensor \"a\" has no dtype");
        row("unknown dtype", file("{" + entry("a", "F99", "[1]", "[0,1]") + "}", 1), "tensor \"a\" has the unknown dtype \"F99\"");
        row("no shape", file("{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1), "tensor \"a\" has no list \"shape\"");
        row("no offsets", file("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1), "tensor \"a\" has no list \"data_offsets\"");
        row("negative size", file("{" + entry("a", "U8", "[-1]", "[0,1]") + "}", 1), "tensor \"a\": -1 in \"shape\" is not a size");
        row("fractional size", file("{" + entry("a", "U8", "[1.0]", "[0,1]") + "}", 1), "tensor \"a\": 1.0 in \"shape\" is not a size");
        row("size of 2^64", file("{" + entry("a", "U8", "[18446744073709551616]", "[0,1]") + "}", 1),
            "tensor \"a\": 1.8446744073709552e+19 in \"shape\" is not a size");
        row("product overflows", file("{" + entry("a", "F32", "[4294967296,4294967296]", "[0,1]") + "}", 1),
            "tensor \"a\": the size of shape [4294967296, 4294967296] overflows");
        row("three offsets", file("{" + entry("a", "U8", "[1]", "[0,1,2]") + "}", 1), "tensor \"a\" has 3 data_offsets instead of 2");
        row("offsets backwards", file("{" + entry("a", "U8", "[1]", "[1,0]") + "}", 1), "tensor \"a\" ends at 0 before it begins at 1");
        row("range too short", file("{" + entry("a", "F32", "[2]", "[0,4]") + "}", 4),
            "tensor \"a\" of F32 [2] needs 8 bytes, its data_offsets hold 4");
        row("part of a byte", file("{" + entry("a", "F4", "[3]", "[0,1]") + "}", 1), "tensor \"a\" does not fill whole bytes");
        row("hole at the start", file("{" + entry("a", "U8", "[1]", "[1,2]") + "}", 2),
            "tensor \"a\" begins at byte 62, expected 61 (hole)");
        row("hole between", file("{" + entry("a", "U8", "[1]", "[0,1]") + "," + entry("b", "U8", "[1]", "[2,3]") + "}", 3),
            "tensor \"b\" begins at byte 115, expected 114 (hole)");
        row("overlap", file("{" + entry("a", "U8", "[2]", "[0,2]") + "," + entry("b", "U8", "[2]", "[1,3]") + "}", 3),
            "tensor \"b\" begins at byte 114, expected 115 (overlap)");
        row("cut off", file("{" + entry("a", "U8", "[4]", "[0,4]") + "}", 3), "cut off: the tensors end at byte 65, the file at 64");
        row("bytes at the end", file("{" + entry("a", "U8", "[1]", "[0,1]") + "}", 3), "2 bytes too many after the tensors, at byte 62");
        row("metadata is a list", file("{\"__metadata__\":[]}", 0), "__metadata__ is not an object");
        row("metadata of numbers", file("{\"__metadata__\":{\"a\":1}}", 0), "__metadata__ \"a\" is not a string");
    }
    void badFilesAreRefused() {
        QFETCH(QByteArray, bytes);
        QTEST(sentenceOf([&] { parseSafetensors(bytesOf(bytes), "F"); }), "sentence");
    }

    void everyTruncationIsRefused() {
        const std::string whole = safetensorsBytes({{"a", Tensor::of<float>({1, 2, 3})}, {"b", Tensor::of<uint8_t>({7})}}, {{"k", "v"}});
        for (size_t length = 0; length < whole.size(); ++length) {
            const std::string part = whole.substr(0, length);
            QVERIFY2(!sentenceOf([&] { parseSafetensors(bytesOf(part), "F"); }).isEmpty(), qPrintable(QString::number(length)));
        }
    }

    void everyFlippedHeaderByteIsRefusedOrHarmless() {
        const std::string whole = safetensorsBytes({{"a", Tensor::of<float>({1, 2, 3})}, {"b", Tensor::of<uint8_t>({7})}}, {{"k", "v"}});
        for (size_t i = 0; i < whole.size(); ++i) {
            for (int bit = 0; bit < 8; ++bit) {
                std::string changed = whole;
                changed[i] = char(changed[i] ^ (1 << bit));
                sentenceOf([&] { parseSafetensors(bytesOf(changed), "F").loadAll(); }); // no crash, nothing but Error
            }
        }
    }

    void everyTypeSurvives_data() {
        QTest::addColumn<int>("type");
        for (int type = 0; type < 8; ++type) QTest::addRow("%s", std::string(dtypeName(DType(type))).c_str()) << type;
    }
    void everyTypeSurvives() {
        QFETCH(int, type);
        const Tensor tensor = Tensor::of<float>({0, 1, 1, 0, 1, 1}, Shape{2, 3}).to(DType(type));
        const std::string bytes =
            safetensorsBytes({{"scalar", Tensor::scalar(1, DType(type))}, {"t", tensor}, {"none", Tensor::empty({0, 4}, DType(type))}});
        const Safetensors back = parseSafetensors(bytesOf(bytes), "F");
        QCOMPARE(back.load("t").dtype(), DType(type));
        QCOMPARE(back.load("t").shape(), (Shape{2, 3}));
        QCOMPARE(back.load("t").toVector<double>(), tensor.toVector<double>());
        QCOMPARE(back.load("scalar").rank(), 0);
        QCOMPARE(back.load("none").shape(), (Shape{0, 4}));
    }

    void writesTheBytesOfTheReferenceWriter() {
        // Made by the rules of the reference implementation: types by alignment (i64 first), then names; header padded to 8.
        const std::string bytes = safetensorsBytes(
            {{"b", Tensor::of<uint8_t>({1, 2})}, {"a", Tensor::of<float>({1})}, {"c", Tensor::of<int64_t>({5})}}, {{"format", "pt"}});
        const std::string header =
            R"({"__metadata__":{"format":"pt"},"c":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},)"
            R"("a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"b":{"dtype":"U8","shape":[2],"data_offsets":[12,14]}})";
        QCOMPARE(bytes.substr(8, header.size()), header);
        QCOMPARE(uint8_t(bytes[0]) % 8, 0);
        QCOMPARE(bytes.substr(bytes.size() - 14), std::string("\5\0\0\0\0\0\0\0\0\0\x80\x3f\1\2", 14));
    }

    void numpyReadsWhatIsWritten() {
        if (!pythonHas({"numpy"})) QSKIP("python3-numpy is not installed");
        const QTemporaryDir folder;
        const QString path = folder.filePath("w.safetensors");
        writeSafetensors(
            {{"w", Tensor::of<float>({1.5f, -2, 3, 4, 5, 6}, Shape{2, 3})}, {"h", Tensor::of<float>({0.5f, 65504}).to(DType::F16)}}, {},
            path.toStdString());
        const QByteArray out = runPython(R"(
import sys, json, numpy as np
b = open(sys.argv[1], 'rb').read()
n = int.from_bytes(b[:8], 'little'); h = json.loads(b[8:8+n]); d = b[8+n:]
for k in sorted(h):
    s, e = h[k]['data_offsets']
    print(k, np.frombuffer(d[s:e], {'F32': '<f4', 'F16': '<f2'}[h[k]['dtype']]).reshape(h[k]['shape']).tolist())
)",
                                         {path});
        QCOMPARE(out, QByteArray("h [0.5, 65504.0]\nw [[1.5, -2.0, 3.0], [4.0, 5.0, 6.0]]\n"));
    }

    void storesAsHalfWhenAsked() {
        const std::string bytes =
            safetensorsBytes({{"w", Tensor::of<float>({1.0009765625f, 1e-8f, -65504})}, {"n", Tensor::of<int64_t>({3})}}, {}, DType::F16);
        const Safetensors back = parseSafetensors(bytesOf(bytes), "F");
        QCOMPARE(back.load("w").dtype(), DType::F16);
        QCOMPARE(back.load("w").toVector<float>(), (std::vector<float>{1.0009765625f, 0, -65504}));
        QCOMPARE(back.load("n").dtype(), DType::I64);
        QCOMPARE(sentenceOf([] {
                     safetensorsBytes({{"w", Tensor::of<float>({70000})}}, {}, DType::F16);
                 }),
                 QString("tensor \"w\": 70000 does not fit f16"));
    }

    void viewsAreStoredAsTheyLook() {
        const Tensor base = Tensor::of<float>({1, 2, 3, 4, 5, 6}, Shape{2, 3});
        const std::string bytes = safetensorsBytes({{"t", base.transpose(0, 1)}});
        QCOMPARE(parseSafetensors(bytesOf(bytes), "F").load("t").toVector<float>(), (std::vector<float>{1, 4, 2, 5, 3, 6}));
    }

    void readsFromAFileAndKeepsItAlive() {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("w.safetensors").toStdString();
        writeSafetensors({{"w", Tensor::of<float>({1, 2})}}, {{"k", "v"}}, path);
        const Safetensors file = readSafetensors(path);
        writeFileAtomically(path, "gone");
        QCOMPARE(file.load("w").toVector<float>(), (std::vector<float>{1, 2}));
        QCOMPARE(file.metadata.at("k"), std::string("v"));
        QCOMPARE(sentenceOf([&] { file.load("x"); }), QString::fromStdString(path) + ": there is no tensor \"x\"");
        QCOMPARE(sentenceOf([&] { readSafetensors(path); }), QString::fromStdString(path) + ": 4 bytes are too few for a safetensors file");
    }

    void whatCannotBeLoadedIsNamed() {
        const QByteArray bytes =
            file("{" + entry("a", "F8_E4M3", "[2]", "[0,2]") + "," + entry("b", "U8", "[1,1,1,1,1,1,1,1,1]", "[2,3]") + "}", 3);
        const Safetensors parsed = parseSafetensors(bytesOf(bytes), "F");
        QCOMPARE(sentenceOf([&] { parsed.load("a"); }), QString("F: tensor \"a\" has the dtype F8_E4M3, which Strata does not read"));
        QCOMPARE(sentenceOf([&] { parsed.load("b"); }), QString("F: tensor \"b\" has 9 dimensions, at most 8 are read"));
    }

    void doubledNamesAreNotWritten() {
        QCOMPARE(sentenceOf([] {
                     safetensorsBytes({{"a", Tensor::of<float>({1})}, {"a", Tensor::of<float>({1})}});
                 }),
                 QString("cannot store two tensors named \"a\""));
    }
};

QTEST_GUILESS_MAIN(TstSafetensors)
#include "tst_safetensors.moc"
