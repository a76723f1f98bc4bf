// SPDX-License-Identifier: Apache-2.0
#include "core/base/atomic_file.h"
#include "core/base/error.h"
#include "core/files/archive.h"
#include "core/files/gzip.h"
#include "core/files/zip.h"
#include "tests/support/files_support.h"

#include <QTemporaryDir>
#include <QTest>

using namespace strata;
using namespace strata::test;

/// Containers: zip, gzip and tar.
class TstZip : public QObject {
    Q_OBJECT

    /// Archives that only Python can make wrongly enough.
    QByteArray python(const char* body) {
        const QByteArray out =
            runPython(QString("import io, sys, zipfile, tarfile, gzip, struct, warnings\nwarnings.simplefilter('ignore')\n"
                              "b = io.BytesIO()\n%1\nsys.stdout.buffer.write(b.getvalue())")
                          .arg(body));
        return out;
    }

private slots:
    void membersComeBack() {
        const std::vector<ZipMember> members{{"a.txt", "alpha"}, {"folder/b.bin", std::string(100'000, 'b')}, {"empty", ""}};
        for (const bool compressed : {false, true}) {
            const std::string bytes = zipBytes(members, compressed);
            QCOMPARE(zipBytes(members, compressed), bytes); // no times in it
            if (compressed) QVERIFY(bytes.size() < 2000);
            const ZipReader zip(bytesOf(bytes), "F");
            QCOMPARE(zip.names(), (std::vector<std::string>{"a.txt", "folder/b.bin", "empty"}));
            for (const ZipMember& member : members) {
                const std::vector<std::byte> got = zip.read(member.name);
                QCOMPARE(std::string(reinterpret_cast<const char*>(got.data()), got.size()), member.bytes);
                QCOMPARE(zip.size(member.name), uint64_t(member.bytes.size()));
            }
            QCOMPARE(sentenceOf([&] { zip.read("x"); }), QString("F: there is no member \"x\""));
        }
        QVERIFY(ZipReader(bytesOf(zipBytes({}, false)), "F").names().empty());
        QCOMPARE(sentenceOf([] {
                     zipBytes({{"a", ""}, {"a", ""}}, false);
                 }),
                 QString("cannot put two members named \"a\" into a zip archive"));
    }

    void pythonReadsOurs() {
        const QTemporaryDir folder;
        writeZip({{"a.txt", "alpha"}, {"b/\xC3\xA4", std::string(5000, 'b')}}, true, folder.filePath("z").toStdString());
        QCOMPARE(runPython("import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nprint(z.testzip(), z.namelist(), z.read('a.txt'))",
                           {folder.filePath("z")}),
                 QByteArray("None ['a.txt', 'b/\xC3\xA4'] b'alpha'\n"));
    }

    void badZipsAreRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const QByteArray& bytes, const char* sentence) {
            QTest::newRow(name) << bytes << QString("F: ") + sentence;
        };
        row("empty", "", "not a whole zip archive: it is empty");
        row("text", "this is not a zip archive at all, but text", "not a whole zip archive: Not a zip archive");
        const std::string good = zipBytes({{"a", "hello hello"}}, false);
        row("cut off", QByteArray::fromStdString(good.substr(0, good.size() - 10)), "not a whole zip archive: Not a zip archive");
        std::string flipped = good;
        flipped[good.find("hello")] = 'H';
        row("changed byte", QByteArray::fromStdString(flipped), "the member \"a\" is damaged: CRC error");
        row("parent folder", python("z = zipfile.ZipFile(b, 'w'); z.writestr('a/../../x', 'x'); z.close()"),
            "the member \"a/../../x\" would lie outside its folder; refused");
        row("absolute", python("z = zipfile.ZipFile(b, 'w'); z.writestr('/etc/x', 'x'); z.close()"),
            "the member \"/etc/x\" would lie outside its folder; refused");
        row("twice", python("z = zipfile.ZipFile(b, 'w'); z.writestr('a', 'x'); z.writestr('a', 'y'); z.close()"),
            "the member \"a\" is there twice");
        row("bzip2", python("z = zipfile.ZipFile(b, 'w', zipfile.ZIP_BZIP2); z.writestr('a', 'x' * 100); z.close()"),
            "the member \"a\" is packed by method 12, only stored and deflated are read");
        row("bomb", python("z = zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED); z.writestr('a', bytes(70 << 20)); z.close()"),
            "the member \"a\" unpacks 71354 bytes to 73400320, more than 100 times; refused");
        row("lying size",
            python("z = zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED); z.writestr('a', b'x' * 1000); z.close()\n"
                   "d = bytearray(b.getvalue()); i = d.rfind(b'PK\\x01\\x02'); d[i+24:i+28] = struct.pack('<I', 500); b = io.BytesIO(d)"),
            "the member \"a\" is damaged: its length is not what the directory says");
        row("lying stored size",
            python("z = zipfile.ZipFile(b, 'w'); z.writestr('a', b'x' * 1000); z.close()\n"
                   "d = bytearray(b.getvalue()); i = d.rfind(b'PK\\x01\\x02'); d[i+20:i+28] = struct.pack('<II', 2**31, 2**31); b = "
                   "io.BytesIO(d)"),
            "the member \"a\" claims 2147483648 packed bytes, the archive has 1100");
        row("encrypted",
            python("z = zipfile.ZipFile(b, 'w'); z.writestr('a', b'x' * 1000); z.close()\n"
                   "d = bytearray(b.getvalue()); i = d.rfind(b'PK\\x01\\x02'); d[i+8] |= 1; d[6] |= 1; b = io.BytesIO(d)"),
            "the member \"a\" is encrypted");
    }
    void badZipsAreRefused() {
        QFETCH(QByteArray, bytes);
        QVERIFY(!bytes.startsWith("FAILED"));
        QTEST(sentenceOf([&] {
                  const ZipReader zip(bytesOf(bytes), "F");
                  for (const std::string& name : zip.names()) zip.read(name);
              }),
              "sentence");
    }

    void zipLimitsHold() {
        const std::string bytes = zipBytes({{"a", "12345"}, {"b", "12345"}}, false);
        ZipLimits few;
        few.maxMembers = 1;
        QCOMPARE(sentenceOf([&] { ZipReader(bytesOf(bytes), "F", few); }), QString("F: 2 members are more than the 1 allowed"));
        ZipLimits small;
        small.maxTotalBytes = 9;
        QCOMPARE(sentenceOf([&] { ZipReader(bytesOf(bytes), "F", small); }), QString("F: unpacks to more than the 9 bytes allowed"));
    }

    void gzipComesBack() {
        const std::string text = std::string(100'000, 'x') + "end";
        const std::string packed = gzipBytes(bytesOf(text));
        QVERIFY(packed.size() < 1000);
        const auto unpacked = [](const std::string& bytes) {
            const std::vector<std::byte> out = gunzip(bytesOf(bytes), "F");
            return std::string(reinterpret_cast<const char*>(out.data()), out.size());
        };
        QCOMPARE(unpacked(packed), text);
        QCOMPARE(unpacked(packed + packed), text + text);
        QCOMPARE(unpacked(packed + std::string(512, '\0')), text);
        QCOMPARE(unpacked(gzipBytes({})), std::string());
        QCOMPARE(unpacked(python("b.write(gzip.compress(b'alpha'))").toStdString()), std::string("alpha"));
    }

    void badGzipIsRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("sentence");
        const QByteArray good = QByteArray::fromStdString(gzipBytes(bytesOf(std::string(5000, 'x'))));
        QTest::newRow("empty") << QByteArray() << "F: not a gzip file";
        QTest::newRow("other") << QByteArray("hello") << "F: not a gzip file";
        QTest::newRow("cut off") << good.left(20) << "F: cut off: the gzip data end at byte 20";
        QTest::newRow("cut off in the header") << good.left(4) << "F: cut off: the gzip data end at byte 4";
        QByteArray crc = good;
        crc[good.size() - 8] = char(crc[good.size() - 8] ^ 1);
        QTest::newRow("CRC") << crc << QString("F: damaged gzip data at byte %1: incorrect data check").arg(good.size() - 4);
        QTest::newRow("tail") << good + "tail" << QString("F: something else follows the gzip data at byte %1").arg(good.size());
        QTest::newRow("bomb") << QByteArray::fromStdString(gzipBytes(bytesOf(std::string(3'000'000, 'x'))))
                              << "F: unpacks to more than the 1000000 bytes allowed";
    }
    void badGzipIsRefused() {
        QFETCH(QByteArray, bytes);
        QTEST(sentenceOf([&] { gunzip(bytesOf(bytes), "F", 1'000'000); }), "sentence");
    }

    void tarComesBack() {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("t.tar.gz").toStdString();
        writeFileAtomically(path, python("t = tarfile.open(fileobj=b, mode='w:gz')\n"
                                         "def add(n, d):\n  i = tarfile.TarInfo(n); i.size = len(d); t.addfile(i, io.BytesIO(d))\n"
                                         "i = tarfile.TarInfo('d'); i.type = tarfile.DIRTYPE; t.addfile(i)\n"
                                         "add('d/a.bin', b'alpha'); add('./d/b.bin', bytes(200000)); add('d/empty', b''); t.close()")
                                      .toStdString());
        const auto members = readArchive(path);
        QCOMPARE(members.size(), size_t(3));
        QCOMPARE(members[1].first, std::string("d/b.bin"));
        QCOMPARE(members[1].second.size(), size_t(200000));
        const std::string target = folder.filePath("out").toStdString();
        QCOMPARE(extractArchive(path, target), (std::vector<std::string>{"d/a.bin", "d/b.bin", "d/empty"}));
        QCOMPARE(readTextFile(target + "/d/a.bin"), std::string("alpha"));
        std::vector<std::string> seen;
        visitArchive(
            path,
            [&](const std::string& name, std::vector<std::byte>&&) {
                seen.push_back(name);
                return true;
            },
            {}, [](const std::string& name) { return name.ends_with("b.bin"); });
        QCOMPARE(seen, (std::vector<std::string>{"d/b.bin"}));
    }

    void badTarsAreRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("sentence");
        const auto made = [&](const char* body) {
            return python(QByteArray("t = tarfile.open(fileobj=b, mode='w')\n"
                                     "def add(n, d=b'x', **k):\n  i = tarfile.TarInfo(n); i.size = len(d)\n"
                                     "  for a in k: setattr(i, a, k[a])\n  t.addfile(i, io.BytesIO(d))\n") +
                          body + "\nt.close()");
        };
        const auto row = [](const char* name, const QByteArray& bytes, const char* sentence) {
            QTest::newRow(name) << bytes << QString("F: ") + sentence;
        };
        row("empty", "", "not a .tar or .tar.gz archive");
        row("text", QByteArray(2000, 'x'), "not a .tar or .tar.gz archive");
        row("parent folder", made("add('a/../../x')"), "the member \"a/../../x\" would lie outside its folder; refused");
        row("absolute", made("add('/etc/x')"), "the member \"/etc/x\" would lie outside its folder; refused");
        row("symbolic link", made("add('l', b'', type=tarfile.SYMTYPE, linkname='/etc/passwd')"), "the member \"l\" is a link; refused");
        row("hard link", made("add('l', b'', type=tarfile.LNKTYPE, linkname='x')"), "the member \"l\" is a link; refused");
        row("device", made("add('dev', b'', type=tarfile.CHRTYPE)"), "the member \"dev\" is not a regular file; refused");
        row("too large", made("add('big', bytes(1001))"), "the member \"big\" of 1001 bytes is over the limit of 1000");
        row("too much", made("add('a', bytes(900)); add('b', bytes(900)); add('c', bytes(900))"),
            "unpacks to more than the 2000 bytes allowed");
        row("too many", made("for i in range(6): add(str(i))"), "more than the 5 members allowed");
        row("cut off", made("add('a', bytes(900))").left(1000), "the member \"a\" is damaged: Truncated tar archive");
    }
    void badTarsAreRefused() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, sentence);
        QVERIFY(!bytes.startsWith("FAILED"));
        const QTemporaryDir folder;
        const std::string path = folder.filePath("t.tar").toStdString();
        writeFileAtomically(path, bytes.toStdString());
        ArchiveLimits limits{5, 1000, 2000};
        QCOMPARE(sentenceOf([&] { readArchive(path, limits); }), QString(sentence).replace("F: ", QString::fromStdString(path) + ": "));
    }
};

QTEST_GUILESS_MAIN(TstZip)
#include "tst_zip.moc"
