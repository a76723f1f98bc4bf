// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <fmt/format.h>
#include <string>

namespace strata {

/// core's UTF-8 for Qt.
inline QString qstring(const std::string& text) { return QString::fromStdString(text); }

/// "71.3 %" of a part of 1, without locale.
inline QString percentText(double part) { return qstring(fmt::format("{:.1f} %", 100 * part)); }

} // namespace strata
