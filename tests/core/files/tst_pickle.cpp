// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.h"
#include "core/files/named_tensors.h"
#include "core/files/pickle.h"
#include "tests/support/files_support.h"

#include <QTest>

using namespace strata;
using namespace strata::test;

namespace {

using Kind = PickleNode::Kind;

/// The tree as Python's repr() would print it, near enough.
QByteArray text(const PickleNode& node) {
    const auto list = [&](const char* open, const char* close) {
        QByteArray out = open;
        for (size_t i = 0; i < node.items.size(); ++i) out += (i > 0 ? ", " : "") + text(*node.items[i]);
        return out + close;
    };
    switch (node.kind) {
    case Kind::None: return "None";
    case Kind::Bool: return node.integer ? "True" : "False";
    case Kind::Int:
        return node.text.empty() ? QByteArray::number(qlonglong(node.integer)) : "0x" + QByteArray::fromStdString(node.text).toHex();
    case Kind::Real: return QByteArray::number(node.real);
    case Kind::Text: return "'" + QByteArray::fromStdString(node.text) + "'";
    case Kind::Bytes: return "b'" + QByteArray::fromStdString(node.text) + "'";
    case Kind::List: return list("[", "]");
    case Kind::Tuple: return list("(", ")");
    case Kind::Array:
        return "array " + QByteArray::fromStdString(node.descr + (node.fortranOrder ? " F " : " C ") + shapeText(node.shape)) + " " +
               QByteArray::fromStdString(node.items[0]->text).toHex();
    case Kind::Dict: {
        QByteArray out = "{";
        for (size_t i = 0; i + 1 < node.items.size(); i += 2)
            out += (i > 0 ? ", " : "") + text(*node.items[i]) + ": " + text(*node.items[i + 1]);
        return out + "}";
    }
    case Kind::Call: return text(*node.callee) + list("(", ")");
    case Kind::Global: return QByteArray::fromStdString(node.text);
    case Kind::Persistent: return "persistent" + list("(", ")");
    default: return "?";
    }
}

QByteArray read(const QByteArray& bytes, const PickleOptions& options = {}) {
    return text(parsePickle(bytesOf(bytes), "F", options).root());
}

QByteArray line(const char* script) { return runPython(QString("import sys, pickle\n%1").arg(script)); }

} // namespace

class TstPickle : public QObject {
    Q_OBJECT
private slots:
    void whatPythonWritesIsRead_data() {
        QTest::addColumn<int>("protocol");
        for (int protocol = 0; protocol <= 4; ++protocol) QTest::addRow("protocol %d", protocol) << protocol;
    }
    void whatPythonWritesIsRead() {
        QFETCH(int, protocol);
        const QByteArray bytes = line(qPrintable(
            QString(
                "import collections\n"
                "shared = [1, 2]\n"
                "o = {'none': None, 'bools': [True, False], 'ints': [0, 255, 256, 65535, 65536, -1, -2**31, 2**40, -2**63],\n"
                "     'floats': [0.5, -1.25], 'text': 'abc', 'shared': [shared, shared], 'tuples': [(), (1,), (1,2), (1,2,3), (1,2,3,4)],\n"
                "     'od': collections.OrderedDict([('a', 1), ('b', 2)]), 'dict': {1: {}}}\n"
                "sys.stdout.buffer.write(pickle.dumps(o, %1))")
                .arg(protocol)));
        QCOMPARE(
            read(bytes),
            QByteArray(
                "{'none': None, 'bools': [True, False], 'ints': [0, 255, 256, 65535, 65536, -1, -2147483648, 1099511627776, "
                "-9223372036854775808], 'floats': [0.5, -1.25], 'text': 'abc', 'shared': [[1, 2], [1, 2]], 'tuples': [(), (1), (1, 2), "
                "(1, 2, 3), (1, 2, 3, 4)], 'od': {'a': 1, 'b': 2}, 'dict': {1: {}}}"));
    }

    void numpyArraysAreRebuilt_data() {
        QTest::addColumn<int>("protocol");
        for (int protocol = 2; protocol <= 4; ++protocol) QTest::addRow("protocol %d", protocol) << protocol;
    }
    void numpyArraysAreRebuilt() {
        if (!pythonHas({"numpy"})) QSKIP("python3-numpy is not installed");
        QFETCH(int, protocol);
        const QByteArray bytes = line(qPrintable(QString("import numpy as np\n"
                                                         "o = [np.array([[1, 255], [128, 7]], 'u1'), np.array([258], '>u2'), "
                                                         "np.asfortranarray(np.array([[1,2],[3,4]], '<i2')), np.zeros((0,3), 'f4')]\n"
                                                         "sys.stdout.buffer.write(pickle.dumps(o, %1))")
                                                     .arg(protocol)));
        QCOMPARE(
            read(bytes),
            QByteArray("[array |u1 C [2, 2] 01ff8007, array >u2 C [1] 0102, array <i2 F [2, 2] 0100030002000400, array <f4 C [0, 3] ]"));
    }

    void aCifarBatchOfPython2IsRead() {
        // As cPickle of Python 2 wrote data_batch_1: protocol 2, str as (SHORT_)BINSTRING, numpy's rebuild and its state.
        QByteArray bytes = QByteArray("\x80\x02}q", 4) + QByteArray(1, '\0') + "(" +
                           "U\x0b"
                           "batch_label" +
                           "U\x15training batch 1 of 5" + "U\x06labels" + "](K\x06K\x09" + "e" +
                           "U\x04"
                           "data";
        bytes += "cnumpy.core.multiarray\n_reconstruct\n";
        bytes += "cnumpy\nndarray\n";
        bytes += QByteArray("K\0\x85U\x01"
                            "b\x87R",
                            8);
        bytes += QByteArray("(K\x01K\x02K\x03\x86", 8);
        bytes += "cnumpy\ndtype\n";
        bytes += QByteArray("U\x02u1K\0K\x01\x87R", 10);
        bytes += QByteArray("(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb", 23);
        bytes += QByteArray("\x89T\x06\0\0\0"
                            "abcdeftb",
                            14);
        bytes += "u.";
        QCOMPARE(read(bytes),
                 QByteArray("{b'batch_label': b'training batch 1 of 5', b'labels': [6, 9], b'data': array |u1 C [2, 3] 616263646566}"));
    }

    void badPicklesAreRefused_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("sentence");
        const auto row = [](const char* name, const QByteArray& bytes, const char* sentence) {
            QTest::newRow(name) << bytes << QString("F: ") + sentence;
        };
        row("empty", "", "empty, not a pickle");
        row("os.system", "cos\nsystem\n(S'rm -rf /'\ntR.", "the pickle wants to run os.system; refused");
        row("builtins.eval",
            QByteArray("\x80\x04\x8c\x08"
                       "builtins\x8c\x04"
                       "eval\x93\x8c\x01"
                       "1\x85R.",
                       25),
            "the pickle wants to run builtins.eval; refused");
        row("old instance", "(ios\nsystem\n.", "the pickle wants to run os.system; refused");
        row("numpy's load", "cnumpy\nload\n.", "the pickle wants to run numpy.load; refused");
        row("a type called", "cnumpy\nndarray\n)R.", "the pickle calls numpy ndarray in a way that is not known at byte 16");
        row("a number called", "K\1)R.", "the pickle wants to call something that is no function at byte 3");
        row("cut off", QByteArray("\x80\x02X\xff\xff\0\0", 7), "the pickle is cut off: 65535 more bytes needed, 0 there, at byte 2");
        row("no stop", "K\1", "the pickle is cut off: 1 more bytes needed, 0 there, at byte 2");
        row("size of 2^64-1", "\x80\x04\x8e" + QByteArray(8, '\xff'),
            "the pickle is cut off: 18446744073709551615 more bytes needed, 0 there, at byte 2");
        row("protocol 5", "\x80\x05N.", "pickle protocol 5 is not read, at most 4, at byte 0");
        row("unknown opcode", "\xff.", "the pickle opcode 0xff is not known at byte 0");
        row("extension", "\x82\x01.", "the pickle opcode 0x82 is not known at byte 0");
        row("empty stack", "0.", "the pickle takes a value from an empty stack at byte 0");
        row("nothing left", "N0.", "the pickle ends with 0 values on its stack instead of 1 at byte 2");
        row("two left", "NN.", "the pickle ends with 2 values on its stack instead of 1 at byte 2");
        row("no mark", "Nt.", "the pickle lacks a mark at byte 1");
        row("below the mark", "N(0.", "the pickle takes a value from an empty stack at byte 2");
        row("missing memo", "h\x05.", "the pickle asks for memo 5, which it never stored, at byte 0");
        row("memo of 2^20", QByteArray("Nr\0\0\x10\0.", 7), "the memo index 1048576 is over the limit of 1048576 at byte 1");
        row("append to a tuple", ")Na.", "the pickle appends to something that is no list at byte 2");
        row("item of a list", "]NNs.", "the pickle sets an item of something that is no dictionary at byte 3");
        row("odd items", "}(Nu.", "a key of a dictionary has no value at byte 3");
        row("state of a list", "]}b.", "the pickle gives a state to something that takes none at byte 2");
        row("contains itself", QByteArray("]q\0h\0a.", 7), "the pickle holds a value that contains itself at byte 6");
        row("nested", QByteArray(65, ']') + QByteArray(64, 'a') + ".", "the pickle is nested deeper than 64 at byte 129");
        row("stack bomb", QByteArray(70000, 'N') + ".", "the stack of the pickle grows over 65536 values at byte 65536");
        row("mark bomb", QByteArray(70000, '(') + ".", "the stack of the pickle grows over 65536 values at byte 65536");
        row("value bomb", QByteArray("N0").repeated(2200000) + ".", "the pickle holds more than 2097152 values at byte 4194304");
        row("long text", QByteArray("X\x01\0\x01\0", 5) + QByteArray(65537, 'a') + ".",
            "a text of 65537 bytes is over the limit of 65536 at byte 65542");
        row("not an integer", "I1.5\n.", "\"1.5\" is not an integer at byte 0");
        row("not a number", "Fone\n.", "\"one\" is not a number at byte 0");
        row("German number", "F1,5\n.", "\"1,5\" is not a number at byte 0");
        row("persistent id", "NQ.", "the pickle refers to something outside itself at byte 1");
        row("unknown codec", QByteArray("c_codecs\nencode\n(X\x01\0\0\0aX\x05\0\0\0utf-8tR.", 36),
            "the text encoding \"utf-8\" is not known at byte 34");
        row("object array", "cnumpy\ndtype\nU\x02O8\x85R.", "arrays of the numpy type \"O8\" are not read at byte 18");
        row("array without data", "cnumpy.core.multiarray\n_reconstruct\n)R.", "an array of the pickle has no data at byte 38");
    }
    void badPicklesAreRefused() {
        QFETCH(QByteArray, bytes);
        QTEST(sentenceOf([&] { read(bytes); }), "sentence");
    }

    void arraysMustHaveTheirBytes() {
        const auto array = [](const QByteArray& shape, const QByteArray& data) {
            return QByteArray("cnumpy.core.multiarray\n_reconstruct\n)R(K\x01") + shape +
                   "cnumpy\ndtype\nU\x02"
                   "f4\x85R" +
                   data + "tb.";
        };
        const QByteArray four = QByteArray("\x89U\x04"
                                           "abcd");
        QCOMPARE(read(array("K\x01\x85", four)), QByteArray("array |f4 C [1] 61626364"));
        QCOMPARE(sentenceOf([&] { read(array("K\x02\x85", four)); }),
                 QString("F: a numpy array of |f4 [2] needs 8 bytes, has 4, at byte 71"));
        QCOMPARE(sentenceOf([&] { read(array("J\xff\xff\xff\xff\x85", four)); }),
                 QString("F: a size of a numpy array is not known at byte 74"));
        const QByteArray huge("\x8a\x08\0\0\0\0\0\0\0\x40\x85", 11);
        QCOMPARE(sentenceOf([&] { read(array(huge, four)); }), QString("F: the size of a numpy array overflows at byte 79"));
        QCOMPARE(sentenceOf([&] { read(array("K\x01\x85", "\x89N")); }), QString("F: the data of a numpy array are no bytes at byte 66"));
    }

    void copiesFromTheMemoAreCounted() {
        // One text of 60 kB encoded again and again: 13 bytes of pickle would make 60 kB of memory each time.
        QByteArray bytes = "c_codecs\nencode\nq\x01" + QByteArray("X\x60\xea\0\0", 5) + QByteArray(60000, 'a') +
                           QByteArray("X\x06\0\0\0latin1\x86q\x02R", 15);
        for (int i = 0; i < 2000; ++i) bytes += "0h\x01h\x02R";
        PickleOptions options;
        options.maxBytes = 1'000'000;
        QVERIFY(sentenceOf([&] {
                    read(bytes + ".", options);
                }).startsWith("F: the pickle copies its values to more than 1000000 bytes at byte "));
    }

    void allowedGlobalsBecomeCalls() {
        PickleOptions options;
        options.globals = {"torch._utils _rebuild_tensor_v2"};
        options.persistentIds = true;
        QCOMPARE(read("ctorch._utils\n_rebuild_tensor_v2\n(U\x01"
                      "0QK\x05tR.",
                      options),
                 QByteArray("torch._utils _rebuild_tensor_v2(persistent(b'0'), 5)"));
    }

    void severalPicklesEndToEnd() {
        const QByteArray bytes = "K\1.K\2.";
        const PickleDocument first = parsePickle(bytesOf(bytes), "F");
        QCOMPARE(first.consumed(), size_t(3));
        QCOMPARE(parsePickle(bytesOf(bytes).subspan(3), "F").root().integer, int64_t(2));
    }

    void everyTruncationAndFlippedBitIsHandled() {
        const QByteArray bytes =
            line("import collections\n"
                 "sys.stdout.buffer.write(pickle.dumps({'a': [1, 2.5, 'x', b'y', None], 'o': collections.OrderedDict(a=1)}, 2))");
        for (int length = 0; length < bytes.size(); ++length) QVERIFY(!sentenceOf([&] { read(bytes.left(length)); }).isEmpty());
        for (int i = 0; i < bytes.size(); ++i)
            for (int bit = 0; bit < 8; ++bit) {
                QByteArray changed = bytes;
                changed[i] = char(changed[i] ^ (1 << bit));
                sentenceOf([&] { read(changed); }); // nothing but Error
            }
    }
};

QTEST_GUILESS_MAIN(TstPickle)
#include "tst_pickle.moc"
