// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/document/project_document.h"
#include "app/run/evaluation_store.h"
#include "app/run/prediction_service.h"
#include "app/run/run_center.h"
#include "app/studio/actions.h"
#include "app/studio/data_center.h"
#include "app/studio/messages.h"
#include "app/studio/settings.h"

#include <QLabel>
#include <QWidget>

namespace strata::studio {

enum class PageId { Start, Data, Model, Train, Evaluate, Predict };

/// A wish of one page to another ("show these samples", "predict this photo").
struct Request {
    QStringList paths = {};            ///< photos for Predict, a folder or archive for Data
    QString run = {};                  ///< Evaluate, Train: this run
    QString problem = {};              ///< Model: go to the first problem
    std::vector<int64_t> samples = {}; ///< Data: filter to these indices of `split`
    QString split = {}, text = {};     ///< Data: "test"; the chip's text "true cat, predicted dog"
};

/// Everything a page may use. Owned by the main window, outlives the pages.
struct Context {
    ProjectDocument& document;
    DataCenter& data;
    RunCenter& runs;
    ModelShelf& models;
    EvaluationStore& evaluations; ///< predictions of every sample, by network and split
    Messages& messages;
    ActionTable& actions;
    Settings& settings; ///< splitters, columns, sizes: keys "data/splitter"
    std::function<void(PageId, const Request&)> go;
};

/// One page of the window. The frame shows footer() in the page footer.
class Page : public QWidget {
    Q_OBJECT
public:
    Page(Context& context, QWidget* parent = nullptr) : QWidget(parent), context_(context) {}
    /// Called when the page becomes visible, and with what another page asked for.
    virtual void enter(const Request& request) { Q_UNUSED(request) }
    /// Left part of the page footer ("50,000 shown, 3 selected"); the frame elides it.
    QString footer() const { return footer_; }
    /// Buttons at the right of the footer, or null. Owned by the page.
    virtual QWidget* footerActions() { return nullptr; }
    /// Below 1200 px the right panel becomes a drawer: the frame tells.
    virtual void setNarrow(bool narrow) { Q_UNUSED(narrow) }

signals:
    void footerChanged();

protected:
    Context& context_;
    void setFooter(const QString& text) {
        if (text == footer_) return;
        footer_ = text;
        emit footerChanged();
    }

private:
    QString footer_;
};

/// Makers; each in app/studio/pages/NAME_page.cpp.
Page* makeStartPage(Context& context);
Page* makeDataPage(Context& context);
Page* makeModelPage(Context& context);
Page* makeTrainPage(Context& context);
Page* makeEvaluatePage(Context& context);
Page* makePredictPage(Context& context);
/// Opens the export dialog for a model choice ("" for the newest run's best, else the included one).
void showExportDialog(Context& context, QWidget* parent, const QString& modelId);

} // namespace strata::studio
