// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/files/npy.h"
#include "core/files/zip.h"
#include "tests/support/files_support.h"

#include <QTemporaryDir>
#include <QTest>

using namespace strata;
using namespace strata::test;

namespace {

QByteArray npy(const QByteArray& dictionary, int dataBytes, char version = 1) {
    QByteArray header = dictionary + "\n";
    QByteArray bytes("\x93NUMPY", 6);
    bytes += version;
    bytes += '\0';
    bytes += char(header.size() & 255);
    bytes += char(header.size() >> 8);
    if (version > 1) bytes += QByteArray(2, '\0');
    return bytes + header + QByteArray(dataBytes, '\1');
}

QByteArray dictionary(const char* descr, const char* shape) {
    return QByteArray("{'descr': ") + descr + ", 'fortran_order': False, 'shape': " + shape + ", }";
}

} // namespace

class TstNpy : public QObject {
    Q_OBJECT
private slots:
    void badFilesAreRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const QByteArray& bytes, const char* sentence) {
            QTest::newRow(name) << bytes << QString("F: ") + sentence;
        };
        row("empty", "", "not a .npy file, it does not start with \\x93NUMPY");
        row("other magic", "\x93NUMPX\1\0aaaaaaa", "not a .npy file, it does not start with \\x93NUMPY");
        row("version 4", npy("{}", 0, 4), "version 4 of .npy at byte 6 is not known");
        row("version 0", npy("{}", 0, 0), "version 0 of .npy at byte 6 is not known");
        row("header over numpy's limit", QByteArray("\x93NUMPY\1\0\x11\x27", 10) + QByteArray(20000, ' '),
            "the .npy header of 10001 bytes is over the limit of 10000");
        row("header cut off", npy(dictionary("'<f4'", "(2,)"), 0).left(30), "cut off at byte 30, in the .npy header");
        row("version 2 cut off", QByteArray("\x93NUMPY\2\0\1\0", 10), "cut off at byte 10");
        row("not a dictionary", npy("[]", 0), "the .npy header has no '{' at byte 10");
        row("code", npy("__import__('os').system('x')", 0), "the .npy header has no '{' at byte 10");
        row("key without value", npy("{'descr' '<f4'}", 0), "the .npy header has no ':' at byte 19");
        row("open string", npy("{'descr: 1}", 0), "the .npy header has a string without end at byte 12");
        row("unknown key", npy("{'descr': '<f4', 'x': 1}", 0), "the .npy header has the unknown key 'x' at byte 31");
        row("key twice", npy("{'descr': '<f4', 'descr': '<f4'}", 0), "the .npy header has the key 'descr' twice at byte 35");
        row("key missing", npy("{'descr': '<f4', 'shape': (1,)}", 4), "the .npy header lacks 'fortran_order'");
        row("after the dictionary", npy(dictionary("'<f4'", "(1,)") + "x", 4), "the .npy header goes on after the dictionary at byte 67");
        row("order is no boolean", npy("{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}", 4),
            "the .npy header has neither True nor False at byte 44");
        row("negative size", npy(dictionary("'<f4'", "(-1,)"), 4), "the .npy header has a shape that is not a tuple of sizes at byte 61");
        row("shape is a list", npy(dictionary("'<f4'", "[1]"), 4), "the .npy header has no '(' at byte 60");
        row("size over 2^63", npy(dictionary("'<f4'", "(9223372036854775808,)"), 4),
            "the .npy header has a shape that is not a tuple of sizes at byte 61");
        row("product overflows", npy(dictionary("'<f8'", "(4294967296, 4294967296)"), 4),
            "the size of shape [4294967296, 4294967296] overflows");
        row("objects", npy(dictionary("'|O'", "(1,)"), 8), "holds Python objects, which would be a pickle; refused");
        row("complex", npy(dictionary("'<c8'", "(1,)"), 8), "the type \"<c8\" is not read, only numbers and booleans");
        row("text", npy(dictionary("'<U4'", "(1,)"), 16), "the type \"<U4\" is not read, only numbers and booleans");
        row("records", npy(dictionary("[('a', '<f4')]", "(1,)"), 4), "records are not read, only plain numbers");
        row("f16 bytes", npy(dictionary("'<f16'", "(1,)"), 16), "the type \"<f16\" is not known");
        row("i3", npy(dictionary("'<i3'", "(1,)"), 3), "the type \"<i3\" is not known");
        row("no type", npy(dictionary("''", "(1,)"), 3), "the type \"\" is not known");
        row("data cut off", npy(dictionary("'<f4'", "(2, 3)"), 23), "cut off: shape [2, 3] needs 24 bytes from byte 70 on, there are 23");
        row("data too long", npy(dictionary("'<f4'", "(2, 3)"), 25), "1 bytes too many at byte 94");
        row("nine dimensions", npy(dictionary("'|u1'", "(1,1,1,1,1,1,1,1,1)"), 1), "9 dimensions are more than the 8 that are read");
        row("u8 over i64", npy(dictionary("'<u8'", "(1,)"), 0) + QByteArray(8, '\xff'),
            "element 0 is 18446744073709551615, too large for i64");
    }
    void badFilesAreRefused() {
        QFETCH(QByteArray, bytes);
        QTEST(sentenceOf([&] { parseNpy(bytesOf(bytes), "F"); }), "sentence");
    }

    void everyNumpyArrayIsReadAsNumpySeesIt() {
        if (!pythonHas({"numpy"})) QSKIP("python3-numpy is not installed");
        const QTemporaryDir folder;
        const QByteArray out = runPython(R"(
import sys, numpy as np
i = 0
for order in '<>':
    for t in ['b1','i1','u1','i2','u2','i4','u4','i8','u8','f2','f4','f8']:
        for shape in [(), (0,), (5,), (2,3), (2,3,4)]:
            for fortran in (False, True):
                a = (np.arange(int(np.prod(shape))) * 7 % 100 - (0 if t[0] in 'bu' else 50)).reshape(shape).astype(order + t)
                a = np.asfortranarray(a) if fortran else a
                np.save(f'{sys.argv[1]}/{i}.npy', a)
                print(i, order + t, ','.join(map(str, a.shape)), ';'.join(str(float(x)) for x in a.flatten()), sep='|')
                i += 1
with open(f'{sys.argv[1]}/v2.npy', 'wb') as f: np.lib.format.write_array(f, np.arange(3.0), version=(2, 0))
with open(f'{sys.argv[1]}/v3.npy', 'wb') as f: np.lib.format.write_array(f, np.arange(3.0), version=(3, 0))
)",
                                         {folder.path()});
        QVERIFY2(!out.startsWith("FAILED"), out.constData());
        const QList<QByteArray> lines = out.trimmed().split('\n');
        QCOMPARE(lines.size(), 240);
        for (const QByteArray& line : lines) {
            const QList<QByteArray> fields = line.split('|');
            const std::string path = folder.filePath(fields[0] + ".npy").toStdString();
            for (const Tensor& tensor : {readNpy(path), mapNpy(path)}) {
                QByteArray shape, values;
                for (const int64_t size : tensor.shape()) shape += (shape.isEmpty() ? "" : ",") + QByteArray::number(qlonglong(size));
                QCOMPARE(shape, fields[2]);
                const std::vector<double> got = tensor.toVector<double>();
                const QList<QByteArray> wanted = fields[3].isEmpty() ? QList<QByteArray>{} : fields[3].split(';');
                QCOMPARE(qsizetype(got.size()), wanted.size());
                for (size_t i = 0; i < got.size(); ++i) QCOMPARE(got[i], wanted[qsizetype(i)].toDouble());
            }
        }
        for (const char* name : {"v2.npy", "v3.npy"})
            QCOMPARE(readNpy(folder.filePath(name).toStdString()).toVector<double>(), (std::vector<double>{0, 1, 2}));
    }

    void numpyReadsWhatIsWritten() {
        if (!pythonHas({"numpy"})) QSKIP("python3-numpy is not installed");
        const QTemporaryDir folder;
        NamedTensors tensors;
        for (int type = 0; type < 8; ++type)
            tensors.emplace_back("t" + std::to_string(type), Tensor::of<float>({0, 1, 1, 0, 1, 0}, Shape{3, 2}).to(DType(type)));
        tensors.emplace_back("scalar", Tensor::scalar(2.5));
        tensors.emplace_back("row", Tensor::of<float>({1, 2, 3}));
        writeNpz(tensors, folder.filePath("stored.npz").toStdString(), false);
        writeNpz(tensors, folder.filePath("packed.npz").toStdString(), true);
        const QString script = R"(
import sys, numpy as np
with np.load(sys.argv[1]) as z:
    for k in z.files: print(k, z[k].dtype.str, z[k].shape, z[k].astype(float).flatten().tolist())
)";
        const QByteArray values = " (3, 2) [0.0, 1.0, 1.0, 0.0, 1.0, 0.0]\n";
        QByteArray expected;
        int type = 0;
        for (const char* descr : {"<f4", "<f8", "<f2", "<f4", "<i8", "<i4", "|u1", "|b1"})
            expected += "t" + QByteArray::number(type++) + " " + descr + values;
        expected += "scalar <f4 () [2.5]\nrow <f4 (3,) [1.0, 2.0, 3.0]\n";
        QCOMPARE(runPython(script, {folder.filePath("stored.npz")}), expected);
        QCOMPARE(runPython(script, {folder.filePath("packed.npz")}), expected);
    }

    void archivesOfNumpyAreRead() {
        if (!pythonHas({"numpy"})) QSKIP("python3-numpy is not installed");
        const QTemporaryDir folder;
        const QByteArray out = runPython(R"(
import sys, numpy as np
np.savez(sys.argv[1] + '/s.npz', images=np.arange(12, dtype='u1').reshape(3,4), labels=np.array([2,0,1]))
np.savez_compressed(sys.argv[1] + '/c.npz', images=np.arange(12, dtype='u1').reshape(3,4), labels=np.array([2,0,1]))
)",
                                         {folder.path()});
        QVERIFY2(out.isEmpty(), out.constData());
        for (const char* name : {"s.npz", "c.npz"}) {
            const NamedTensors tensors = readNpz(folder.filePath(name).toStdString());
            QCOMPARE(tensors.size(), size_t(2));
            QCOMPARE(tensors[0].first, std::string("images"));
            QCOMPARE(tensors[0].second.shape(), (Shape{3, 4}));
            QCOMPARE(tensors[1].second.toVector<int64_t>(), (std::vector<int64_t>{2, 0, 1}));
        }
    }

    void badArchivesAreRefused() {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("a.npz").toStdString();
        const QString p = QString::fromStdString(path);
        writeZip({{"readme.txt", "x"}}, false, path);
        QCOMPARE(sentenceOf([&] { readNpz(path); }), p + ": the member \"readme.txt\" is not a .npy file");
        writeZip({{"a.npy", "x"}}, false, path);
        QCOMPARE(sentenceOf([&] { readNpz(path); }), p + ": a.npy: not a .npy file, it does not start with \\x93NUMPY");
        writeFileAtomically(path, "PK");
        QCOMPARE(sentenceOf([&] { readNpz(path); }), p + ": not a whole zip archive: Not a zip archive");
    }
};

QTEST_GUILESS_MAIN(TstNpy)
#include "tst_npy.moc"
