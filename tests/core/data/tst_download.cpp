// SPDX-License-Identifier: Apache-2.0
#include "core/base/fs.h"
#include "core/data/dataset.h"
#include "core/data/download.h"
#include "core/data/http_fetch.h"
#include "core/data/md5.h"
#include "tests/support/data_files.h"
#include "tests/support/http_server.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

using namespace strata;
using namespace strata::test;

class TstDownload : public QObject {
    Q_OBJECT
private slots:
    void initTestCase();
    void md5EqualsTheVectorsOfRfc1321_data();
    void md5EqualsTheVectorsOfRfc1321();
    void aFileArrivesWithProgress();
    void aBrokenTransferIsContinued_data();
    void aBrokenTransferIsContinued();
    void aPartOfEarlierIsContinued();
    void aPartOfAnotherFileIsGivenUp();
    void busyServersAreAskedAgain();
    void stopKeepsThePart();
    void failuresAreToldInOneSentence_data();
    void failuresAreToldInOneSentence();
    void cifar10IsFetchedUnpackedAndOpened();
    void withoutNetworkTheOtherWaysAreNamed();

private:
    QTemporaryDir folder_;
    std::string body_;
    FetchPatience quick_{.connectSeconds = 2, .stallSeconds = 1, .attempts = 3, .pauseSeconds = 0.01};
    std::string target(const char* name) const { return folder_.filePath(name).toStdString(); }
    std::string md5() const {
        Md5 sum;
        sum.add(std::as_bytes(std::span(body_)));
        return sum.hex();
    }
};

void TstDownload::initTestCase() {
    for (int i = 0; i < 300000; ++i) body_ += char(i * 7 + i / 251);
}

void TstDownload::md5EqualsTheVectorsOfRfc1321_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("sum");
    QTest::newRow("empty") << QByteArray() << QByteArray("d41d8cd98f00b204e9800998ecf8427e");
    QTest::newRow("a") << QByteArray("a") << QByteArray("0cc175b9c0f1b6a831c399e269772661");
    QTest::newRow("abc") << QByteArray("abc") << QByteArray("900150983cd24fb0d6963f7d28e17f72");
    QTest::newRow("message digest") << QByteArray("message digest") << QByteArray("f96b697d7cb7938d525a2f31aaf161d0");
    QTest::newRow("alphabet") << QByteArray("abcdefghijklmnopqrstuvwxyz") << QByteArray("c3fcd3d76192e4007dfb496cca67e13b");
    QTest::newRow("letters") << QByteArray("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
                             << QByteArray("d174ab98d277d9f5a5611c2c9f419d9f");
    QTest::newRow("digits") << QByteArray("1234567890").repeated(8) << QByteArray("57edf4a22be3c955ac49da2e2107b67a");
}

void TstDownload::md5EqualsTheVectorsOfRfc1321() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, sum);
    for (const qsizetype piece : {qsizetype(1), qsizetype(7), qsizetype(1000)}) {
        Md5 md5;
        for (qsizetype at = 0; at < text.size(); at += piece) {
            const QByteArray part = text.mid(at, piece);
            md5.add(std::as_bytes(std::span(part.constData(), size_t(part.size()))));
        }
        QCOMPARE(QByteArray::fromStdString(md5.hex()), sum);
    }
    writeBytes(target("md5"), text.toStdString());
    QCOMPARE(QByteArray::fromStdString(md5OfFile(target("md5"))), sum);
}

void TstDownload::aFileArrivesWithProgress() {
    HttpServer server({.body = body_});
    std::vector<DownloadProgress> seen;
    downloadFile(server.url(), target("plain/deep/file"), md5(), [&](const DownloadProgress& p) { seen.push_back(p); });
    QVERIFY(readTextFile(target("plain/deep/file")) == body_);
    QVERIFY(!fs().status(target("plain/deep/file.part")).exists);
    QVERIFY(!seen.empty());
    QCOMPARE(seen.back().received, uint64_t(body_.size()));
    QCOMPARE(seen.back().total, uint64_t(body_.size()));
    for (size_t i = 1; i < seen.size(); ++i) QVERIFY(seen[i].received >= seen[i - 1].received);
}

void TstDownload::aBrokenTransferIsContinued_data() {
    QTest::addColumn<bool>("ranges");
    QTest::addColumn<bool>("stall");
    QTest::newRow("closed, ranges") << true << false;
    QTest::newRow("closed, no ranges") << false << false;
    QTest::newRow("stalled, ranges") << true << true;
}

void TstDownload::aBrokenTransferIsContinued() {
    QFETCH(bool, ranges);
    QFETCH(bool, stall);
    const std::string file = target(QTest::currentDataTag());
    std::unique_ptr<HttpServer> server;
    if (stall) {
        // A stalled answer keeps this one-by-one server busy, so the second attempt goes to another one.
        HttpServer stalled({.body = body_, .closeAfter = 100000, .stall = true});
        FetchPatience once = quick_;
        once.attempts = 1;
        const std::string message = errorOf([&] { downloadPatiently(stalled.url(), file, md5(), once, {}, {}, {}); });
        QVERIFY2(message.ends_with("does not answer"), message.c_str());
        QCOMPARE(fs().status(file + ".part").size, uint64_t(100000));
        server = std::make_unique<HttpServer>(HttpServer::Behaviour{.body = body_});
        downloadPatiently(server->url(), file, md5(), quick_, {}, {}, {});
        QCOMPARE(server->bodyBytesSent(), int64_t(body_.size()) - 100000);
    } else {
        server = std::make_unique<HttpServer>(HttpServer::Behaviour{.body = body_, .ranges = ranges, .closeAfter = 123456});
        downloadPatiently(server->url(), file, md5(), quick_, {}, {}, {});
        QCOMPARE(server->requests(), 2);
        QCOMPARE(server->bodyBytesSent(), int64_t(body_.size()) + (ranges ? 0 : 123456));
    }
    QVERIFY(readTextFile(file) == body_);
}

void TstDownload::aPartOfEarlierIsContinued() {
    writeBytes(target("earlier.part"), body_.substr(0, 250000));
    HttpServer server({.body = body_});
    downloadFile(server.url(), target("earlier"), md5());
    QCOMPARE(server.bodyBytesSent(), int64_t(50000));
    QVERIFY(readTextFile(target("earlier")) == body_);
    writeBytes(target("whole.part"), body_); // broken off just before it got its name: the server answers 416
    downloadFile(server.url(), target("whole"), md5());
    QVERIFY(readTextFile(target("whole")) == body_);
}

void TstDownload::aPartOfAnotherFileIsGivenUp() {
    writeBytes(target("other.part"), std::string(200000, 'x'));
    HttpServer server({.body = body_});
    downloadFile(server.url(), target("other"), md5());
    QVERIFY(readTextFile(target("other")) == body_);
}

void TstDownload::busyServersAreAskedAgain() {
    HttpServer server({.body = body_, .failures = 2});
    downloadPatiently(server.url(), target("busy"), md5(), quick_, {}, {}, {});
    QVERIFY(readTextFile(target("busy")) == body_);
    QCOMPARE(server.requests(), 3);
}

void TstDownload::stopKeepsThePart() {
    HttpServer server({.body = body_, .bytesPerSecond = 200000});
    std::stop_source source;
    ErrorKind kind{};
    QElapsedTimer timer;
    const std::string file = target("stopped"), message = errorOf(
                                                    [&] {
                                                        downloadFile(
                                                            server.url(), file, md5(),
                                                            [&](const DownloadProgress& p) {
                                                                if (p.received > 50000 && !source.stop_requested()) {
                                                                    source.request_stop();
                                                                    timer.start();
                                                                }
                                                            },
                                                            source.get_token());
                                                    },
                                                    &kind);
    QVERIFY(kind == ErrorKind::Cancelled);
    QCOMPARE(message, "the download was stopped; " + file + ".part is kept and continued next time");
    QVERIFY(timer.elapsed() < 500);
    const uint64_t kept = fs().status(file + ".part").size;
    QVERIFY(kept > 50000 && kept < body_.size());
    QVERIFY(readTextFile(file + ".part") == body_.substr(0, kept));
}

void TstDownload::failuresAreToldInOneSentence_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("sum");
    QTest::addColumn<QString>("message");
    QTest::newRow("404") << 404 << ""
                         << ""
                         << "cannot download URL: the server answers 404";
    QTest::newRow("403") << 403 << ""
                         << ""
                         << "cannot download URL: the server answers 403";
    QTest::newRow("500") << 500 << ""
                         << ""
                         << "cannot download URL: the server answers 500";
    QTest::newRow("checksum")
        << 200 << "" << QString(32, '0')
        << "URL: the checksum of the download is MD5, but 00000000000000000000000000000000 was expected; the file was removed";
    QTest::newRow("nobody listens") << 0 << "http://127.0.0.1:1/x"
                                    << ""
                                    << "cannot reach 127.0.0.1:1: no connection";
    QTest::newRow("no such host") << 0 << "http://host.invalid/x"
                                  << ""
                                  << "cannot reach host.invalid: no network";
    QTest::newRow("local file") << 0 << "file:///etc/passwd"
                                << ""
                                << "cannot download file:///etc/passwd: not an http or https address";
}

void TstDownload::failuresAreToldInOneSentence() {
    QFETCH(int, status);
    QFETCH(QString, url);
    QFETCH(QString, sum);
    QFETCH(QString, message);
    HttpServer server({.body = body_, .status = status});
    const QString address = url.isEmpty() ? QString::fromStdString(server.url()) : url;
    ErrorKind kind{};
    const std::string file = target("failed");
    const std::string got = errorOf([&] { downloadPatiently(address.toStdString(), file, sum.toStdString(), quick_, {}, {}, {}); }, &kind);
    QCOMPARE(QString::fromStdString(got), message.replace("URL", address).replace("MD5", QString::fromStdString(md5())));
    QVERIFY(kind == ErrorKind::BadInput);
    QVERIFY(!fs().status(file).exists);
    QVERIFY(!fs().status(file + ".part").exists);
}

void TstDownload::cifar10IsFetchedUnpackedAndOpened() {
    writeCifar10(target("stand-in"), 4);
    makeArchive(target("stand-in"), "cifar-10-batches-bin", target("c.tar.gz"));
    HttpServer server({.body = readTextFile(target("c.tar.gz"))});
    const std::string folder = target("cifar"), sum = md5OfFile(target("c.tar.gz"));
    downloadCifar10(folder, {}, {}, server.url(), sum);
    const DataSource source = openSource("cifar10:" + folder);
    QCOMPARE(source.test->size(), int64_t(4));
    QCOMPARE(source.fingerprint, openSource("cifar10:" + target("stand-in")).fingerprint);
    QVERIFY(!fs().status(folder + "/cifar-10-binary.tar.gz").exists);
    downloadCifar10(folder, {}, {}, "http://host.invalid/", "0"); // all is there: nothing is fetched
    QCOMPARE(server.requests(), 1);

    writeBytes(target("mini/readme"), "hello");
    makeArchive(target("mini"), "x", target("m.tar.gz"));
    HttpServer wrong({.body = readTextFile(target("m.tar.gz"))});
    QCOMPARE(errorOf([&] { downloadCifar10(target("wrong"), {}, {}, wrong.url(), md5OfFile(target("m.tar.gz"))); }),
             target("wrong") + "/cifar-10-binary.tar.gz: the archive does not hold the six files of CIFAR-10's binary version");
}

void TstDownload::withoutNetworkTheOtherWaysAreNamed() {
    const std::string folder = target("none");
    QCOMPARE(errorOf([&] { downloadCifar10(folder, {}, {}, "http://host.invalid/cifar-10-binary.tar.gz", "0"); }),
             "cannot reach host.invalid: no network. Put the files of cifar-10-binary.tar.gz into " + folder +
                 ", or use --data shapes or fashion-mnist, which need no download");
}

QTEST_GUILESS_MAIN(TstDownload)
#include "tst_download.moc"
