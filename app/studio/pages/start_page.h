// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "app/studio/page.h"

class QBoxLayout;

namespace strata::studio {

/// A tile or row of the Start page that can be pressed: painted surface, hover, focus ring; Enter and Space press it; arrows go to
/// the next one in the section.
class StartItem : public QWidget {
    Q_OBJECT
public:
    explicit StartItem(const QString& accessibleName, QWidget* parent = nullptr);
signals:
    void pressed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool dashed_ = false; ///< a place to drop something on
};

/// Welcome: try it now, recent projects, templates, datasets.
class StartPage : public Page {
    Q_OBJECT
public:
    explicit StartPage(Context& context);
    void enter(const Request& request) override;

signals:
    void openAsked(const QString& path);

private:
    Jobs jobs_{1};
    QWidget *tryRow_, *recent_, *templates_, *datasets_;
    QWidget* section(const QString& title, QWidget* content);
    void fillTry();
    void fillRecent();
    void fillTemplates();
    void fillDatasets();
    void addDataset(QBoxLayout& column, const QString& name, const QString& detail, const QString& button,
                    const std::function<void()>& open);
    void openTemplate(const QString& id);
    void startTour();
    void tourStep(int step);
};

} // namespace strata::studio
