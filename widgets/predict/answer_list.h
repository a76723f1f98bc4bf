// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "core/predict/predictor.h"

#include <QAbstractListModel>
#include <QListView>
#include <QVariantAnimation>
#include <vector>

namespace strata {

/// The most probable classes. Bars run from where they were to where they are.
class AnswerModel : public QAbstractListModel {
    Q_OBJECT
public:
    enum Role { ProbabilityRole = Qt::UserRole + 1, ShownRole, ClassRole };
    explicit AnswerModel(QObject* parent = nullptr);

    void setAnswers(const std::vector<ClassProbability>& answers);
    const std::vector<ClassProbability>& answers() const { return answers_; }
    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    std::vector<ClassProbability> answers_;
    std::vector<double> from_, shown_; ///< lengths of the bars
    QVariantAnimation motion_;
};

/// "cat 71.3 %" with a bar, the first in large; arrows choose the class in focus.
class AnswerList : public QListView {
    Q_OBJECT
public:
    explicit AnswerList(QWidget* parent = nullptr);
    /// Keeps the class in focus while it is among the answers, else the first.
    void setAnswers(const std::vector<ClassProbability>& answers);
    const std::vector<ClassProbability>& answers() const { return model_->answers(); }
    /// Index of the class in focus, -1 if none.
    int64_t focusClass() const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void focusClassChanged(qint64 classIndex);

private:
    AnswerModel* model_;
    bool filling_ = false;
};

/// The picture that the network received, in whole multiples of its pixels, within 128 x 128.
class ReceivedView : public QWidget {
    Q_OBJECT
public:
    explicit ReceivedView(QWidget* parent = nullptr);
    void setPicture(const QImage& picture);
    const QImage& picture() const { return picture_; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QImage picture_;
};

} // namespace strata
