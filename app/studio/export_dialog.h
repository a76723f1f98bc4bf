// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/export_job.h"
#include "app/studio/page.h"
#include "widgets/common/job.h"

#include <QDialog>
#include <QTimer>
#include <array>
#include <vector>

class QButtonGroup;
class QLabel;
class QLineEdit;
class QPushButton;
class QRadioButton;
class QStackedWidget;

namespace strata {
class ElidedLabel;
class Field;
} // namespace strata

namespace strata::studio {

class ModelCombo;

/// One of the three things that were done: a mark, what it is, what came of it.
class CheckRow : public QWidget {
    Q_OBJECT
public:
    enum class State { Waiting, Working, Done, Failed, Skipped };
    explicit CheckRow(const QString& title, QWidget* parent = nullptr);
    void set(State state, const QString& detail = {});
    State state() const { return state_; }
    QString detail() const;

protected:
    void changeEvent(QEvent* event) override;

private:
    State state_ = State::Waiting;
    QLabel *mark_, *title_, *detail_;
    void showMark();
};

/// Writes a network to a file and proves it: checkpoint, format, place; then three checked rows. Not modal.
class ExportDialog : public QDialog {
    Q_OBJECT
public:
    ExportDialog(Context& context, const QString& modelId, QWidget* parent = nullptr);

    /// Starts writing to `path()`.
    void exportNow();
    QString path() const;
    void setPath(const QString& path);
    void setFormat(const QString& id);
    QString format() const;
    /// `strata export ...` that writes the same.
    QString command() const;

signals:
    void exported(bool success);

protected:
    void closeEvent(QCloseEvent* event) override;

private:
    Context& context_;
    Jobs jobs_{1};
    std::shared_ptr<ExportProgress> progress_;
    QTimer tick_;
    QString command_; ///< of the export that was made
    QString exportedPath_;

    QStackedWidget* pages_;
    ModelCombo* model_;
    QButtonGroup* formats_;
    std::vector<QLabel*> sizes_;
    std::array<QWidget*, 4> includes_{};
    QLineEdit* path_;
    Field* pathField_;
    QPushButton *export_, *cancel_, *showFolder_, *copy_, *done_, *back_;
    ElidedLabel* resultTitle_;
    std::array<CheckRow*, 3> rows_{};

    QWidget* makeForm();
    QWidget* makeFormats();
    QWidget* makeIncludes();
    QWidget* makeResult();
    QString suggestedPath() const;
    void formatChosen();
    void modelChosen();
    void refreshSizes(int64_t parameters);
    void checkPath();
    void browse();
    void refreshRows();
    void finished(const ExportOutcome& outcome);
    void backToForm();
};

} // namespace strata::studio
