// SPDX-License-Identifier: GPL-3.0-or-later
// Shared by the files that implement spec_edit.h.
#pragma once
#include "widgets/model/layer_look.h"
#include "widgets/model/spec_edit.h"
#include "widgets/model/spec_repeat.h"
#include "widgets/model/spec_wire.h"

#include <QCoreApplication>

namespace strata::modeledit {

inline QString say(const char* text) { return QCoreApplication::translate("ModelEdit", text); }
inline QString qt(const std::string& text) { return QString::fromStdString(text); }

inline Edit refuse(const ModelSpec& spec, const QString& sentence) { return {spec, {}, {}, sentence, {}}; }
inline Edit done(ModelSpec spec, const QString& text, Ids select) { return {std::move(spec), text, std::move(select), {}, {}}; }

/// "Conv2d" for one layer, "3 layers" for more.
QString namesOf(const ModelSpec& spec, const Ids& ids);
/// Settles a place: clamps it, and joins the block it stands within.
Place settled(const ModelSpec& spec, Place place);
/// Gives up repeats of blocks that are gone.
void tidyRepeats(ModelSpec& spec);
/// The sentence for a connection that would point backwards, or "".
QString backwardsSentence(const Wire& wire);

} // namespace strata::modeledit
