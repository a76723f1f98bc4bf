// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/files/image.h"
#include "core/files/image_resize.h"
#include "tests/support/files_support.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace strata;
using namespace strata::test;

namespace {

Image gradient(int64_t width, int64_t height) {
    Image image{width, height, {}};
    for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x)
            for (int64_t c = 0; c < 3; ++c) image.rgb.push_back(uint8_t((x * 7 + y * 3 + c * 50) % 256));
    return image;
}

QByteArray fileBytes(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Largest difference of a byte, or 999 when the sizes differ.
int difference(const Image& a, const QByteArray& rgb) {
    if (qsizetype(a.rgb.size()) != rgb.size()) return 999;
    int worst = 0;
    for (size_t i = 0; i < a.rgb.size(); ++i) worst = std::max(worst, std::abs(int(a.rgb[i]) - int(uint8_t(rgb[qsizetype(i)]))));
    return worst;
}

void putU32(QByteArray& bytes, int at, uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes[at + i] = char(value >> (24 - 8 * i));
}

} // namespace

class TstImage : public QObject {
    Q_OBJECT

    QTemporaryDir folder_;
    bool judged_ = false;

private slots:
    void initTestCase() {
        judged_ = pythonHas({"PIL", "numpy"});
        if (!judged_) return;
        // Every kind of file, and beside it the pixels as PIL sees them: turned by EXIF, alpha on white, 8-bit RGB.
        const QByteArray out = runPython(R"(
import sys, numpy as np
from PIL import Image, ImageOps
d = sys.argv[1] + '/'
y, x = np.mgrid[0:13, 0:17]
rgb = np.stack([x * 15, y * 19, (x * y) % 256], -1).astype('u1')
im = Image.fromarray(rgb)
grey = im.convert('L')
alpha = np.concatenate([rgb, ((x * 31 + y * 5) % 256)[..., None].astype('u1')], -1)
rgba = Image.fromarray(alpha)
def save(name, image, tolerance=0, ref=None, **k):
    image.save(d + name, **k)
    r = Image.open(d + name) if ref is None else ref
    r.load()
    if not name.endswith('tiff'): r = ImageOps.exif_transpose(r)  # PIL turns TIFF when it loads it
    if 'transparency' in r.info and r.mode in ('P', 'L', 'RGB'): r = r.convert('RGBA')
    if r.mode in ('RGBA', 'LA'):
        a = np.asarray(r.convert('RGBA')).astype(int)
        r = Image.fromarray(((a[..., :3] * a[..., 3:] + 255 * (255 - a[..., 3:]) + 127) // 255).astype('u1'))
    r = r.convert('RGB')
    open(d + name + '.rgb', 'wb').write(np.asarray(r).tobytes())
    print(name, *r.size, tolerance, sep='|')
def exif(n, image=im):
    e = Image.Exif(); e[0x0112] = n; return e
save('rgb.png', im); save('grey.png', grey); save('palette.png', im.quantize(20)); save('bits.png', grey.convert('1'))
save('rgba.png', rgba); save('la.png', rgba.convert('LA')); save('trns.png', im.quantize(20), transparency=3)
g16 = (x * 4000 + y).astype('u2')
save('grey16.png', Image.fromarray(g16), ref=Image.fromarray(((g16.astype(int) * 255 + 32767) // 65535).astype('u1')))
save('rgb.bmp', im); save('grey.bmp', grey); save('rgba32.bmp', rgba); save('palette.bmp', im.quantize(20))
save('lossless.webp', im, lossless=True); save('lossy.webp', im, 2, quality=80); save('alpha.webp', rgba, lossless=True, exact=True)
save('rgb.tiff', im); save('grey.tiff', grey); save('lzw.tiff', im, compression='tiff_lzw'); save('deflate.tiff', im, compression='tiff_adobe_deflate')
save('rgb.ppm', im); save('grey.pgm', grey)
big = im.resize((170, 130), Image.BICUBIC)
save('rgb.jpg', big, 1, quality=90); save('grey.jpg', big.convert('L'), 1); save('444.jpg', big, 1, subsampling=0)
save('progressive.jpg', big, 1, progressive=True); save('cmyk.jpg', big.convert('CMYK'), 2, quality=95)
save('odd.jpg', im.crop((0, 0, 1, 1)), 1)
for n in range(1, 9):
    save(f'exif{n}.jpg', big, 1, exif=exif(n)); save(f'exif{n}.png', im, exif=exif(n)); save(f'exif{n}.webp', im, lossless=True, exif=exif(n))
    save(f'exif{n}.tiff', im, tiffinfo={0x0112: n})
im.save(d + 'x.gif')
im.save(d + 'animated.webp', save_all=True, append_images=[grey.convert('RGB')], lossless=True)
Image.fromarray(x.astype('f4')).save(d + 'float.tiff')
)",
                                         {folder_.path()});
        QVERIFY2(!out.startsWith("FAILED"), out.constData());
        list_ = out.trimmed().split('\n');
    }

    void picturesLookAsPilSeesThem_data() {
        QTest::addColumn<QByteArray>("line");
        for (const QByteArray& line : list_) QTest::newRow(line.split('|')[0].constData()) << line;
        if (list_.isEmpty()) QTest::newRow("none") << QByteArray();
    }
    void picturesLookAsPilSeesThem() {
        if (!judged_) QSKIP("python3-pil is not installed");
        QFETCH(QByteArray, line);
        const QList<QByteArray> fields = line.split('|');
        const QString path = folder_.filePath(fields[0]);
        const Image image = readImage(path.toStdString());
        QCOMPARE(image.width, fields[1].toLongLong());
        QCOMPARE(image.height, fields[2].toLongLong());
        const int worst = difference(image, fileBytes(path + ".rgb"));
        QVERIFY2(worst <= fields[3].toInt(), qPrintable(QString("differs by %1").arg(worst)));
    }

    void unreadPicturesAreRefused_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("GIF") << "x.gif"
                             << "GIF pictures are not read; save it as PNG or JPEG";
        QTest::newRow("animated WebP") << "animated.webp"
                                       << "animated WebP pictures are not read; save one frame as PNG or JPEG";
        QTest::newRow("float TIFF") << "float.tiff"
                                    << "damaged TIFF: its pixels are not whole numbers of 8 or 16 bits in up to 4 channels";
    }
    void unreadPicturesAreRefused() {
        if (!judged_) QSKIP("python3-pil is not installed");
        QFETCH(QString, name);
        QFETCH(QString, sentence);
        const QString path = folder_.filePath(name);
        QCOMPARE(sentenceOf([&] { readImage(path.toStdString()); }), path + ": " + sentence);
    }

    void badPicturesAreRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const QByteArray& bytes, const char* sentence) {
            QTest::newRow(name) << bytes << QString("F: ") + sentence;
        };
        const QByteArray png = QByteArray::fromStdString(encodePng(gradient(20, 10)));
        const QByteArray jpeg = QByteArray::fromStdString(encodeJpeg(gradient(200, 100)));
        row("empty", "", "empty, not a picture");
        row("text", "hello, this is no picture", "not a picture that Strata reads (JPEG, PNG, BMP, WebP, TIFF, PPM, PGM)");
        row("SVG", "<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture that Strata reads (JPEG, PNG, BMP, WebP, TIFF, PPM, PGM)");
        row("PNG cut off", png.left(60), "cut off at byte 60");
        row("PNG magic only", png.left(8), "cut off at byte 8");
        row("PNG without end", png.left(png.size() - 12), qPrintable(QString("cut off at byte %1").arg(png.size() - 12)));
        QByteArray crc = png;
        crc[50] = char(crc[50] ^ 1);
        row("PNG with a changed byte", crc, "the PNG chunk at byte 33 is damaged (CRC)");
        QByteArray swapped = png;
        swapped.replace("IHDR", "IHDX");
        row("PNG without header", swapped, "the PNG chunk at byte 8 is damaged (CRC)");
        // A header with the right CRC for 60000 x 60000 pixels.
        QByteArray bomb = png;
        putU32(bomb, 16, 60000);
        putU32(bomb, 20, 60000);
        putU32(bomb, 29, 0x0FB0E215);
        row("PNG bomb", bomb, "60000 x 60000 pixels are more than the 100000000 allowed");
        row("JPEG cut off in the header", jpeg.left(100), "cut off at byte 100");
        row("JPEG cut off in the picture", jpeg.left(jpeg.size() / 2), "damaged JPEG: Premature end of JPEG file");
        row("JPEG without picture", QByteArray("\xff\xd8\xff\xd9", 4), "the JPEG header gives no size before byte 4");
        row("JPEG with a hole", QByteArray("\xff\xd8\xff\xe0\0\x04\0\0\0\0", 10), "no JPEG marker at byte 8");
        row("JPEG with a segment of 0", QByteArray("\xff\xd8\xff\xe0\0\0\0\0", 8), "a JPEG segment of 0 bytes at byte 4");
        row("JPEG of height 0", QByteArray("\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\x10\x01\x01\x11\0", 15),
            "the JPEG header gives the size 16 x 0");
        row("JPEG bomb", QByteArray("\xff\xd8\xff\xc0\0\x0b\x08\xff\xff\xff\xff\x01\x01\x11\0", 15),
            "65535 x 65535 pixels are more than the 100000000 allowed");
        row("BMP cut off",
            QByteArray("BM") + QByteArray(8, '\0') + QByteArray("\x36\0\0\0\x28\0\0\0\x10\0\0\0\x10\0\0\0\1\0\x18\0\0\0\0\0", 24) +
                QByteArray(100, 'x'),
            "cut off: the pixels end at byte 822, the file at 134");
        row("BMP of unknown kind", QByteArray("BM") + QByteArray(12, '\0') + QByteArray("\x07\0\0\0", 4) + QByteArray(100, '\0'),
            "a BMP header of 7 bytes is not known");
        row("BMP of width 0",
            QByteArray("BM") + QByteArray(8, '\0') + QByteArray("\x36\0\0\0\x28\0\0\0\0\0\0\0\x10\0\0\0\1\0\x18\0\0\0\0\0", 24),
            "the BMP header gives the size 0 x 16");
        row("WebP cut off", QByteArray("RIFF\x64\0\0\0WEBPVP8 ", 16), "cut off: the picture ends at byte 108, the file at 16");
        row("WebP of unknown kind", QByteArray("RIFF\x08\0\0\0WEBPABCD", 16), "the WebP chunk at byte 12 is not known");
        row("TIFF directory outside", QByteArray("II*\0\xff\xff\xff\xff", 8), "cut off at byte 8");
        row("TIFF without size", QByteArray("II*\0\x08\0\0\0\0\0\0\0\0\0", 14), "the TIFF directory gives no size");
        row("PPM cut off", "P6 10 10 255\nxyz", "cut off: the pixels end at byte 313, the file at 16");
        row("PPM without numbers", "P6 ten 10 255\n", "the PNM header has no number at byte 3");
        row("PPM of 10 grey levels", "P5 1 1 10\nx", "the largest value 10 of the PNM file is neither 255 nor 65535");
        row("PPM bomb", "P3 100000 100000 255\n1 2 3", "100000 x 100000 pixels are more than the 100000000 allowed");
    }
    void badPicturesAreRefused() {
        QFETCH(QByteArray, bytes);
        QTEST(sentenceOf([&] { decodeImage(bytesOf(bytes), "F"); }), "sentence");
    }

    void sizeLimitsHold() {
        const std::string png = encodePng(gradient(20, 10));
        QCOMPARE(sentenceOf([&] {
                     decodeImage(bytesOf(png), "F", {199, 1 << 20});
                 }),
                 QString("F: 20 x 10 pixels are more than the 199 allowed"));
        QVERIFY(sentenceOf([&] { decodeImage(bytesOf(png), "F", {200, 1 << 20}); }).isEmpty());
        QVERIFY(sentenceOf([&] { decodeImage(bytesOf(png), "F", {200, 10}); }).endsWith("are more than the 10 allowed"));
        const ImageSize size = imageSize(bytesOf(png), "F");
        QCOMPARE(size.width, int64_t(20));
        QCOMPARE(size.height, int64_t(10));
    }

    void damagedPicturesNeverCrash() {
        for (const QByteArray& line : list_) {
            const QByteArray good = fileBytes(folder_.filePath(line.split('|')[0]));
            uint32_t state = 12345;
            for (int round = 0; round < 12; ++round) {
                QByteArray bad = good;
                for (int i = 0; i < 3; ++i) {
                    state = state * 1664525u + 1013904223u;
                    bad[qsizetype(state >> 8) % bad.size()] = char(state);
                }
                sentenceOf([&] { decodeImage(bytesOf(bad), "F", {1'000'000, 1 << 20}); }); // nothing but Error
            }
        }
    }

    void pngIsLosslessAndJpegNearlySo() {
        const Image image = gradient(37, 23);
        QCOMPARE(decodeImage(bytesOf(encodePng(image)), "F").rgb, image.rgb);
        Image flat{32, 32, std::vector<uint8_t>(32 * 32 * 3, 100)};
        const Image back = decodeImage(bytesOf(encodeJpeg(flat, 95)), "F");
        QVERIFY(difference(back, QByteArray(32 * 32 * 3, char(100))) <= 1);
    }

    void orientationsAreTheirOwnInverseOrEachOthers() {
        const Image image = gradient(5, 3);
        for (const int n : {1, 2, 3, 4, 5, 7}) QCOMPARE(orientImage(orientImage(image, n), n).rgb, image.rgb);
        QCOMPARE(orientImage(orientImage(image, 6), 8).rgb, image.rgb);
    }

    void resizingIsBitForBitPil() {
        if (!judged_) QSKIP("python3-pil is not installed");
        const QTemporaryDir folder;
        const QByteArray out = runPython(R"(
import sys, numpy as np
from PIL import Image
rng = np.random.default_rng(7)
i = 0
for (w, h) in [(1, 1), (3, 5), (32, 32), (640, 427), (100, 1), (17, 200)]:
    a = rng.integers(0, 256, (h, w, 3), dtype='u1')
    for (nw, nh) in [(1, 1), (32, 32), (224, 224), (w, 7), (5, h), (w * 2, h * 3), (33, 31)]:
        open(f'{sys.argv[1]}/{i}.in', 'wb').write(a.tobytes())
        open(f'{sys.argv[1]}/{i}.out', 'wb').write(np.asarray(Image.fromarray(a).resize((nw, nh), Image.BILINEAR)).tobytes())
        print(i, w, h, nw, nh)
        i += 1
)",
                                         {folder.path()});
        QVERIFY2(!out.startsWith("FAILED"), out.constData());
        for (const QByteArray& line : out.trimmed().split('\n')) {
            const QList<QByteArray> f = line.split(' ');
            const QByteArray in = fileBytes(folder.filePath(f[0] + ".in"));
            const Image image{f[1].toLongLong(), f[2].toLongLong(), std::vector<uint8_t>(in.begin(), in.end())};
            const Image resized = resizeImage(image, f[3].toLongLong(), f[4].toLongLong());
            QVERIFY2(difference(resized, fileBytes(folder.filePath(f[0] + ".out"))) == 0, line.constData());
        }
    }

    void croppingIsTorchvisions() {
        if (!pythonHas({"torchvision"})) QSKIP("python3-torchvision is not installed");
        const QTemporaryDir folder;
        const QByteArray out = runPython(R"(
import sys, numpy as np
from PIL import Image
from torchvision import transforms as T
rng = np.random.default_rng(7)
i = 0
for (w, h) in [(50, 31), (31, 50), (20, 20), (9, 40)]:
    a = rng.integers(0, 256, (h, w, 3), dtype='u1')
    for side, (cw, ch) in [(16, (16, 16)), (37, (32, 30)), (12, (15, 13)), (7, (8, 20))]:
        open(f'{sys.argv[1]}/{i}.in', 'wb').write(a.tobytes())
        p = T.Resize(side)(Image.fromarray(a))
        open(f'{sys.argv[1]}/{i}.out', 'wb').write(np.asarray(T.CenterCrop((ch, cw))(p)).tobytes())
        print(i, w, h, side, cw, ch, *p.size)
        i += 1
)",
                                         {folder.path()});
        QVERIFY2(!out.startsWith("FAILED"), out.constData());
        for (const QByteArray& line : out.trimmed().split('\n')) {
            const QList<QByteArray> f = line.split(' ');
            const QByteArray in = fileBytes(folder.filePath(f[0] + ".in"));
            const Image image{f[1].toLongLong(), f[2].toLongLong(), std::vector<uint8_t>(in.begin(), in.end())};
            const Image resized = resizeShorterSide(image, f[3].toLongLong());
            QCOMPARE(resized.width, f[6].toLongLong());
            QCOMPARE(resized.height, f[7].toLongLong());
            const Image cropped = centreCrop(resized, f[4].toLongLong(), f[5].toLongLong());
            QVERIFY2(difference(cropped, fileBytes(folder.filePath(f[0] + ".out"))) == 0, line.constData());
        }
    }

    void impossibleSizesAreRefused() {
        const Image image = gradient(4, 4);
        QCOMPARE(sentenceOf([&] { resizeImage(image, 0, 5); }), QString("cannot resize 4 x 4 pixels to 0 x 5"));
        QCOMPARE(sentenceOf([&] { resizeShorterSide(image, 0); }), QString("cannot resize 4 x 4 pixels to a side of 0"));
        QCOMPARE(sentenceOf([&] { centreCrop(image, -1, 5); }), QString("cannot crop to -1 x 5 pixels"));
    }

private:
    QList<QByteArray> list_;
};

QTEST_GUILESS_MAIN(TstImage)
#include "tst_image.moc"
