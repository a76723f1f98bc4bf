// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/run/prediction_service.h"

#include <QComboBox>

namespace strata::studio {

/// The choice of a network in Evaluate, Predict and Export; follows the shelf. Keeps what is chosen while it is there.
class ModelCombo : public QComboBox {
    Q_OBJECT
public:
    explicit ModelCombo(ModelShelf& shelf, QWidget* parent = nullptr);
    QString currentId() const { return currentData().toString(); }
    /// Null where nothing is chosen or it is gone.
    const ModelChoice* choice() const { return shelf_.find(currentId()); }
    /// Emits chosen() where it changes something. False where there is no such network.
    bool choose(const QString& id);
    /// The best network of a run, or its last. False where it has none yet.
    bool chooseRun(const QString& runPath);

signals:
    void chosen(); ///< another network, or another state of the same one (a new best epoch)

private:
    ModelShelf& shelf_;
    QString title_;
    void refill();
    void report();
};

} // namespace strata::studio
