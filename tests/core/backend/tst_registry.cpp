// SPDX-License-Identifier: Apache-2.0
#include "core/backend/registry.h"
#include "core/base/atomic_file.h"
#include "tests/support/case_test.h"

#include <QTemporaryDir>

using namespace strata;
using namespace strata::test;

class TstRegistry : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { qunsetenv("STRATA_MODULE_PATH"); }

    void theCpuComesFirstAndDescribesItself() {
        const std::vector<DeviceStatus> devices = listDevices();
        QCOMPARE(devices[0].name, std::string("cpu"));
        QVERIFY(devices[0].available && devices[0].info.totalBytes > 0 && !devices[0].info.instructionSet.empty());
        QVERIFY(device("cpu") == cpuDevice());
    }

    void aMissingAcceleratorIsOneLine() {
        if (device("auto").name() != "cpu") QSKIP("this machine has an accelerator");
        for (const DeviceStatus& status : listDevices())
            if (!status.available) QVERIFY(!status.reason.empty() && status.reason.find('\n') == std::string::npos);
        STRATA_FAILS(device("cuda:0"), "there is no device cuda:0: the CUDA module (strata_cuda.so) is not installed");
    }

    void anUnknownNameIsOneLine() { STRATA_FAILS(device("toaster"), "there is no device toaster; strata devices lists what is there"); }

    void aModuleOfAnotherInterfaceIsRefused() {
        const std::string path = copyOfMirror("other_version.so");
        qputenv("STRATA_MIRROR_FAULT", "version");
        STRATA_FAILS(loadModule(path),
                     fmt::format("{} was built for device interface 999, this program has {}", path, kBackendInterfaceVersion).c_str());
        qunsetenv("STRATA_MIRROR_FAULT");
    }

    void aModuleThatCannotOpenSaysWhy() {
        const std::string path = copyOfMirror("broken.so");
        qputenv("STRATA_MIRROR_FAULT", "reason");
        STRATA_FAILS(loadModule(path), "no mirror on this wall");
        qunsetenv("STRATA_MIRROR_FAULT");
    }

    void whatIsNoModuleIsRefused() {
        const std::string text = folder_.filePath("text.so").toStdString();
        writeFileAtomically(text, "not a library\n");
        QVERIFY(sentenceOf([&] { loadModule(text); }).find(text) != std::string::npos);
        const std::string missing = folder_.filePath("missing.so").toStdString();
        QVERIFY(sentenceOf([&] { loadModule(missing); }).find(missing) != std::string::npos);
        STRATA_FAILS(loadModule("libz.so.1"), "libz.so.1 is not a Strata module (it has no strataModule)");
    }

    void refusedModulesLeaveNoDevice() {
        for (const DeviceStatus& status : listDevices()) QVERIFY(!status.name.starts_with("mirror"));
    }

    void aGoodModuleIsLoadedByTheSameEntry() {
        loadModule(copyOfMirror("good.so"));
        QCOMPARE(device("mirror:0").name(), std::string("mirror:0"));
        QVERIFY(device("mirror:0") == device("mirror:0"));
        QVERIFY(!(device("mirror:0") == device("mirror:1")));
        QVERIFY(!(device("mirror:0") == cpuDevice()));
    }

private:
    /// Another file, so that the loader takes it for another library.
    std::string copyOfMirror(const QString& name) {
        const QString path = folder_.filePath(name);
        [&] { QVERIFY(QFile::copy(QStringLiteral(STRATA_BINARY_DIR "/tests/strata_mirror.so"), path)); }();
        return path.toStdString();
    }
    QTemporaryDir folder_;
};

QTEST_GUILESS_MAIN(TstRegistry)
#include "tst_registry.moc"
