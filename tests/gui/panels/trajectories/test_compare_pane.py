"""Films and plot in one pane: where the plot stands, and what is written above the films."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QBoxLayout
from pytestqt.qtbot import QtBot

from dgm_studio.gui.panels.race.grid import StageGrid
from dgm_studio.gui.panels.trajectories.compare_pane import LEAST_WIDE, ComparePane, beside
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.plot_card import PlotCard


@pytest.mark.parametrize(
    ("count", "width", "height", "right"),
    [
        (4, 538, 450, True),  # 1280 x 720: two by two, not four stamps in a row
        (4, 698, 600, True),
        (2, 698, 600, False),
        (3, 538, 450, False),
        (3, 800, 240, True),  # at a projector: low and wide
        (1, 500, 900, False),
    ],
)
def test_the_plot_stands_where_the_films_are_largest(count: int, width: float, height: float, right: bool) -> None:
    assert beside(count, width, height) is right


def test_a_low_pane_keeps_the_whole_plot_and_heads_drop_the_time_before_a_word(qtbot: QtBot) -> None:
    grid, plot = StageGrid(Stage(theme(), ("data",)), ("data",)), PlotCard(wide=True)
    pane = ComparePane(grid, plot)
    qtbot.addWidget(pane)
    grid.show_count(3)
    pane.resize(theme().px(800), theme().px(240))
    pane.show()
    pane.arrange()
    qtbot.waitUntil(lambda: plot.width() >= theme().px(LEAST_WIDE) and pane.rect().contains(plot.geometry()))
    layout = pane.layout()
    assert isinstance(layout, QBoxLayout)
    assert layout.direction() == QBoxLayout.Direction.LeftToRight
    pane.show_heads(["Euler", "Heun", "Midpoint"], [0.25, None, 0.5])
    assert [label.text() for label in grid.heads] == ["1  Euler · t 0.25", "2  Heun", "3  Midpoint · t 0.50"]
    pane.show_heads(["Euler", "Heun", "A solver with a rather long name"], [0.25, None, 0.5])
    assert [label.full_text() for label in grid.heads][:2] == ["1  Euler", "2  Heun"]
    pane.resize(theme().px(538), theme().px(450))
    pane.arrange()
    assert layout.direction() == QBoxLayout.Direction.TopToBottom
