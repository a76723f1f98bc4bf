// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <QString>

namespace strata::test {

/// Fills a folder with good and bad files for tst_cli_bad_input: data sets, pictures, models, runs. Each is named for what is
/// wrong with it.
void writeBadData(const QString& folder);
void writeBadPictures(const QString& folder);
void writeBadModels(const QString& folder);
/// Runs that strata itself makes and that are then damaged. Needs writeBadData before.
void writeBadRuns(const QString& folder);

} // namespace strata::test
