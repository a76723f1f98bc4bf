// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"
#include "core/train/config.h"

#include <QWidget>
#include <optional>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QScrollArea;
class QSpinBox;
class QStackedWidget;

namespace strata {
class Field;
class ParamForm;
class ScheduleSketch;
} // namespace strata

namespace strata::studio {

/// How long a run will take, from what earlier runs of this network measured; nullopt: nothing was measured.
std::optional<double> estimateSeconds(const RunCenter& runs, const Project& project, int64_t trainCount);
/// Parameters under Advanced that differ from their defaults.
int advancedDifferences(const TrainConfig& config);

/// The form of the project's training settings: six fields, the rest under Advanced. Edits are undo steps of Section::Training
/// that merge by field. While a run trains it shows that run's settings, read-only, until [Edit for next run].
class TrainSettings : public QWidget {
    Q_OBJECT
public:
    TrainSettings(Context& context, QWidget* parent = nullptr);

    QPushButton* startButton() const { return start_; }
    QPushButton* findButton() const { return find_; }
    bool readOnly() const { return readOnly_; }
    bool advancedShown() const;
    void setAdvancedShown(bool shown);
    void setLearningRate(double rate); ///< an undo step
    void focusFirst();

signals:
    void findAsked();
    void advancedToggled(bool shown);

private:
    Context& context_;
    Jobs jobs_;
    QScrollArea* scroll_ = nullptr;
    QComboBox *loss_, *optimizer_, *schedule_;
    QLineEdit* rate_;
    QPushButton *find_, *start_, *pause_, *stop_, *advanced_, *editNext_, *dataLink_;
    QSpinBox *batch_, *epochs_;
    Field* rateField_ = nullptr;
    ScheduleSketch* sketch_;
    ParamForm *optimizerForm_, *lossForm_, *scheduleForm_, *otherForm_;
    QWidget *advancedBox_, *banner_, *optimizerPart_, *lossPart_;
    QLabel *bannerText_, *deviceText_, *note_;
    QStackedWidget* bottom_;
    bool readOnly_ = false, loading_ = false;
    QString shownRun_;     ///< whose settings are shown read-only
    QString editedBeside_; ///< the run beside which the next one's settings are edited
    std::optional<TrainConfig> runConfig_;

    void build();
    QWidget* makeBasics();
    QWidget* makeAdvanced();
    QWidget* makeBottom();
    void connectEdits();
    void refresh();
    void refreshRun();
    void refreshBottom();
    void display(const TrainConfig& config);
    const TrainConfig& shown() const;
    int64_t stepsPerEpoch(const TrainConfig& config) const;
    void edit(const QString& text, const QString& key, const std::function<void(TrainConfig&)>& change);
    void editParam(ComponentChoice TrainConfig::*part, const QString& title, const QString& param, const Json& value);
    void editOther(const QString& param, const Json& value);
    void attempt(const std::function<void()>& work); ///< says what it throws
    void startRun();
};

} // namespace strata::studio
