// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/studio/application.h"
#include "app/studio/main_window.h"
#include "app/studio/pseudo_translator.h"
#include "widgets/common/theme.h"

#include <QCommandLineParser>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>

using namespace strata;
using namespace strata::studio;

int main(int argc, char** argv) {
    // libgomp's threads would spin between predictions and starve the window and the run. It reads this when it is loaded, before
    // main(): so once more from the start.
    if (!getenv("OMP_WAIT_POLICY")) {
        setenv("OMP_WAIT_POLICY", "passive", 1);
        execv("/proc/self/exe", argv); // where that fails the threads spin, no more
    }
    Application app(argc, argv);
    QApplication::setApplicationName("strata-studio");
    QApplication::setApplicationDisplayName("Strata");
    QApplication::setApplicationVersion(STRATA_VERSION);
    QApplication::setDesktopFileName("org.strata.Studio");

    QCommandLineParser parser;
    parser.setApplicationDescription("Strata: look at data, build a network, train it, try it.");
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument("files", "A project, a dataset folder or archive, or photos to predict.", "[files...]");
    parser.process(app);

    PseudoTranslator pseudo;
    if (qEnvironmentVariableIsSet("STRATA_PSEUDO_LOCALE")) QApplication::installTranslator(&pseudo);
    Settings settings;
    applyTheme(app, ThemeMode(settings.value("window/theme", int(ThemeMode::System)).toInt()));
    MainWindow window(settings);
    QObject::connect(&app, &Application::failed, &window,
                     [&window](const QString& sentence) { window.context().messages.error(sentence); });
    if (parser.positionalArguments().isEmpty()) window.restoreSession();
    window.show();
    if (!parser.positionalArguments().isEmpty()) window.dropPaths(parser.positionalArguments());
    return QApplication::exec();
}
