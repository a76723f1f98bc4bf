// SPDX-License-Identifier: GPL-3.0-or-later
// Writes pictures of Start and every page, empty and filled, in both themes: strata_screenshots FOLDER [WIDTHxHEIGHT...] [--pseudo]
// [--data SPEC] [--run FOLDER]. Run it with QT_SCALE_FACTOR=2 for the double size. The data are Shapes unless named.
#include "app/studio/pseudo_translator.h"
#include "tests/studio/window_support.h"

#include <QCommandLineParser>
#include <QDir>

using namespace strata;
using namespace strata::studio;

namespace {

constexpr std::array<const char*, 6> kNames{"start", "data", "model", "train", "evaluate", "predict"};

void fillProject(TestWindow& test, const QString& data, const QStringList& runs) {
    test.document().edit("Fill", [&](Project& p) {
        p.name = "cats-v2";
        p.data = data.toStdString();
        p.model = makeTemplate("resnet9", {3, 32, 32}, 10);
        for (const QString& run : runs) p.runs.push_back(run.toStdString());
    });
    for (int i = 0; i < 600 && !test.window->context().data.data(); ++i) QTest::qWait(50);
}

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    QCommandLineParser parser;
    parser.addPositionalArgument("folder", "Where the pictures go");
    parser.addPositionalArgument("sizes", "1280x800 ...");
    parser.addOption({"pseudo", "Texts 40 % longer"});
    parser.addOption({"data", "Source of the filled pages", "spec", "shapes:2000"});
    parser.addOption({"run", "Run folders to show", "folder"});
    parser.addOption({"photo", "Photo to predict", "file"});
    parser.process(app);
    QStringList sizes = parser.positionalArguments().mid(1);
    if (parser.positionalArguments().isEmpty()) parser.showHelp(2);
    if (sizes.isEmpty()) sizes << "1280x800";
    const QDir folder(parser.positionalArguments()[0]);
    folder.mkpath(".");
    PseudoTranslator pseudo;
    if (parser.isSet("pseudo")) app.installTranslator(&pseudo);
    qputenv("STRATA_NO_MOTION", "1");

    for (const ThemeMode mode : {ThemeMode::Light, ThemeMode::Dark})
        for (const QString& size : sizes)
            for (const bool filled : {false, true}) {
                TestWindow test(mode, QSize(size.section('x', 0, 0).toInt(), size.section('x', 1).toInt()));
                if (filled) fillProject(test, parser.value("data"), parser.values("run"));
                for (int id = 0; id < int(kNames.size()); ++id) {
                    Request request;
                    if (PageId(id) == PageId::Predict && filled && parser.isSet("photo")) request.paths << parser.value("photo");
                    test.window->go(PageId(id), request);
                    if (PageId(id) == PageId::Evaluate && filled) {
                        test.window->context().actions["evaluate.run"]->trigger();
                        for (int i = 0; i < 400 && !test.window->context().evaluations.newest("test"); ++i) QTest::qWait(100);
                    }
                    QTest::qWait(filled ? 1500 : 300);
                    const QString name =
                        QString("%1-%2-%3-%4%5.png")
                            .arg(kNames[size_t(id)], filled ? "filled" : "empty", mode == ThemeMode::Dark ? "dark" : "light", size,
                                 parser.isSet("pseudo") ? "-pseudo" : "");
                    test.window->grab().save(folder.filePath(name));
                }
            }
    return 0;
}
