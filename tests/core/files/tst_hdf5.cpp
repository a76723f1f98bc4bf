// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/fs.h"
#include "core/files/hdf5.h"
#include "tests/support/files_support.h"

#include <QTemporaryDir>
#include <QTest>

using namespace strata;
using namespace strata::test;

namespace {

std::vector<KerasLayer> layers() {
    return {{"conv2d",
             {{"kernel:0", Tensor::arange(2 * 2 * 3 * 4, DType::F32).reshape({2, 2, 3, 4})}, {"bias:0", Tensor::of<float>({1, 2, 3, 4})}}},
            {"flatten", {}},
            {"dense", {{"kernel:0", Tensor::of<float>({1.5f, -2, 3, 4, 5, 6}, Shape{3, 2})}, {"bias:0", Tensor::of<float>({0.25f, 7})}}}};
}

} // namespace

class TstHdf5 : public QObject {
    Q_OBJECT
private slots:
    void whatIsWrittenIsReadBack() {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("w.h5").toStdString();
        writeKerasWeights(path, layers(), {{"classes", "[\"K\xC3\xA4tzchen\"]"}, {"long", std::string(200'000, 'x')}});
        const Hdf5Contents back = readHdf5(path);
        QCOMPARE(back.datasets.size(), size_t(4));
        QCOMPARE(back.datasets[0].first, std::string("conv2d/conv2d/bias:0"));
        QCOMPARE(back.datasets[1].first, std::string("conv2d/conv2d/kernel:0"));
        QCOMPARE(back.datasets[1].second.shape(), (Shape{2, 2, 3, 4}));
        QCOMPARE(back.datasets[3].second.toVector<float>(), (std::vector<float>{1.5f, -2, 3, 4, 5, 6}));
        QCOMPARE(back.attributes.at("backend"), std::string("tensorflow"));
        QCOMPARE(back.attributes.at("classes"), std::string("[\"K\xC3\xA4tzchen\"]"));
        QCOMPARE(back.attributes.at("long").size(), size_t(200'000));
        QCOMPARE(kerasWeightsBytes(layers()), kerasWeightsBytes(layers())); // no times in it
    }

    void h5pyReadsWhatKerasLooksFor() {
        if (!pythonHas({"h5py"})) QSKIP("python3-h5py is not installed");
        const QTemporaryDir folder;
        writeKerasWeights(folder.filePath("w.h5").toStdString(), layers(), {{"classes", "[\"a\"]"}});
        // What load_weights_from_hdf5_group of Keras's legacy_h5_format.py does.
        const QByteArray out = runPython(R"(
import sys, h5py, numpy as np
f = h5py.File(sys.argv[1], 'r')
text = lambda n: n.decode('utf8') if hasattr(n, 'decode') else n
print(text(f.attrs['backend']), text(f.attrs['keras_version']), f.attrs['classes'])
for name in [text(n) for n in f.attrs['layer_names']]:
    g = f[name]
    for w in [text(n) for n in g.attrs['weight_names']]:
        a = np.asarray(g[w])
        print(name, w, a.dtype, a.shape, a.sum())
)",
                                         {folder.filePath("w.h5")});
        QCOMPARE(out, QByteArray("tensorflow 2.15.0 [\"a\"]\n"
                                 "conv2d conv2d/kernel:0 float32 (2, 2, 3, 4) 1128.0\nconv2d conv2d/bias:0 float32 (4,) 10.0\n"
                                 "dense dense/kernel:0 float32 (3, 2) 17.5\ndense dense/bias:0 float32 (2,) 7.25\n"));
    }

    void manyLayersSplitTheirNames() {
        if (!pythonHas({"h5py"})) QSKIP("python3-h5py is not installed");
        const QTemporaryDir folder;
        std::vector<KerasLayer> many;
        for (int i = 0; i < 700; ++i) many.push_back({std::string(100, 'n') + std::to_string(i), {}});
        writeKerasWeights(folder.filePath("w.h5").toStdString(), many);
        const QByteArray out = runPython(
            "import sys, h5py\nf = h5py.File(sys.argv[1], 'r')\n"
            "print('layer_names' in f.attrs, len(f.attrs['layer_names0']), len(f.attrs['layer_names1']), f.attrs['layer_names1'][-1][-4:])",
            {folder.filePath("w.h5")});
        QCOMPARE(out, QByteArray("False 626 74 b'n699'\n"));
    }

    void whatH5pyWritesIsRead() {
        if (!pythonHas({"h5py"})) QSKIP("python3-h5py is not installed");
        const QTemporaryDir folder;
        const QByteArray out = runPython(R"(
import sys, h5py, numpy as np
f = h5py.File(sys.argv[1], 'w')
f.create_dataset('a/big_endian', data=np.array([1.5, 2.5], '>f8'))
f.create_dataset('a/ints', data=np.array([[1, -2]], 'i2'))
f.create_dataset('b/packed', data=np.arange(1000, dtype='f4'), compression='gzip', shuffle=True, fletcher32=True)
f.create_dataset('scalar', data=np.float16(0.5))
f.attrs['note'] = 'text'
f.attrs['bytes'] = np.bytes_(b'raw')
f.attrs['number'] = 3
)",
                                         {folder.filePath("w.h5")});
        QVERIFY2(out.isEmpty(), out.constData());
        const Hdf5Contents back = readHdf5(folder.filePath("w.h5").toStdString());
        QCOMPARE(back.datasets.size(), size_t(4));
        QCOMPARE(back.datasets[0].second.toVector<float>(), (std::vector<float>{1.5f, 2.5f}));
        QCOMPARE(back.datasets[1].second.toVector<float>(), (std::vector<float>{1, -2}));
        QCOMPARE(back.datasets[2].second.toVector<float>()[999], 999.f);
        QCOMPARE(back.datasets[3].second.item(), 0.5);
        QCOMPARE(back.attributes, (std::map<std::string, std::string>{{"note", "text"}, {"bytes", "raw"}}));
    }

    void badFilesAreRefused_data() {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("soft link") << "f['l'] = h5py.SoftLink('/x')"
                                   << "\"l\" is a soft link; refused";
        QTest::newRow("external link") << "f['l'] = h5py.ExternalLink('/etc/passwd', '/x')"
                                       << "\"l\" is an external link; refused";
        QTest::newRow("external storage") << "f.create_dataset('d', (10,), 'u1', external=[('/etc/passwd', 0, 10)])"
                                          << "\"d\" is stored in another file; refused";
        QTest::newRow("virtual dataset")
            << "v = h5py.VirtualLayout((4,), 'f4'); v[:] = h5py.VirtualSource('other.h5', 'd', (4,)); f.create_virtual_dataset('d', v)"
            << "\"d\" is a virtual dataset; refused";
        QTest::newRow("lzf") << "f.create_dataset('d', data=np.arange(100), compression='lzf')"
                             << "\"d\" is packed by the filter 32000, which is not read";
        QTest::newRow("text") << "f['d'] = ['a', 'b']"
                              << "\"d\" holds something other than numbers; refused";
        QTest::newRow("records") << "f['d'] = np.zeros(2, [('a', 'f4')])"
                                 << "\"d\" holds something other than numbers; refused";
        QTest::newRow("shape bomb") << "f.create_dataset('d', (1 << 14, 1 << 14), 'f4', chunks=(64, 64))"
                                    << "\"d\" of shape [16384, 16384] is larger than its 0 stored bytes can fill; refused";
        QTest::newRow("shape over 4 GiB") << "f.create_dataset('d', (1 << 40,), 'f4', chunks=(64,))"
                                          << "\"d\" of shape [1099511627776] is larger than its 0 stored bytes can fill; refused";
        QTest::newRow("cycle") << "g = f.create_group('g'); g['again'] = f['g']"
                               << "\"g/again\" is there under another name too; refused";
        QTest::newRow("committed type") << "f['t'] = np.dtype('f4')"
                                        << "\"t\" is a committed type; refused";
        QTest::newRow("nine dimensions") << "f['d'] = np.zeros((1,) * 9)"
                                         << "\"d\" has 9 dimensions, at most 8 are read";
    }
    void badFilesAreRefused() {
        if (!pythonHas({"h5py", "numpy"})) QSKIP("python3-h5py is not installed");
        QFETCH(QString, script);
        QFETCH(QString, sentence);
        const QTemporaryDir folder;
        const QString path = folder.filePath("w.h5");
        const QByteArray out = runPython("import sys, h5py, numpy as np\nf = h5py.File(sys.argv[1], 'w')\n" + script, {path});
        QVERIFY2(out.isEmpty(), out.constData());
        QCOMPARE(sentenceOf([&] { readHdf5(path.toStdString()); }), path + ": " + sentence);
    }

    void whatIsNoHdf5IsRefused() {
        const QTemporaryDir folder;
        const QString path = folder.filePath("w.h5");
        writeFileAtomically(path.toStdString(), "");
        QCOMPARE(sentenceOf([&] { readHdf5(path.toStdString()); }), path + ": not an HDF5 file");
        writeFileAtomically(path.toStdString(), std::string(5000, 'x'));
        QCOMPARE(sentenceOf([&] { readHdf5(path.toStdString()); }), path + ": not an HDF5 file, or a damaged one");
        writeFileAtomically(path.toStdString(), kerasWeightsBytes(layers()).substr(0, 3000));
        QVERIFY(!sentenceOf([&] { readHdf5(path.toStdString()); }).isEmpty());
    }

    void badNamesAreNotWritten() {
        const Tensor w = Tensor::of<float>({1});
        QCOMPARE(sentenceOf([&] { kerasWeightsBytes({{"a/b", {}}}); }), QString("\"a/b\" cannot be a name in an HDF5 file"));
        QCOMPARE(sentenceOf([&] { kerasWeightsBytes({{"", {}}}); }), QString("\"\" cannot be a name in an HDF5 file"));
        QCOMPARE(sentenceOf([&] { kerasWeightsBytes({{"a", {}}, {"a", {}}}); }), QString("the name \"a\" appears twice in the HDF5 file"));
        QCOMPARE(sentenceOf([&] {
                     kerasWeightsBytes({{"a", {{"k", w}, {"k", w}}}});
                 }),
                 QString("the name \"k\" appears twice in the HDF5 file"));
        QCOMPARE(sentenceOf([&] {
                     kerasWeightsBytes({}, {{"layer_names", "x"}});
                 }),
                 QString("the attribute \"layer_names\" of the HDF5 file is Keras's own"));
    }
};

QTEST_GUILESS_MAIN(TstHdf5)
#include "tst_hdf5.moc"
