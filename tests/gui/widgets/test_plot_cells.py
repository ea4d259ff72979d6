"""Maps that are tables: sharp cells at shares of full colour, their numbers where these fit, names on the axes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dgm_studio.core.sketch import Picture, Plot
from dgm_studio.gui.theme.oklab import contrast
from dgm_studio.gui.theme.theme import Theme, theme
from dgm_studio.gui.widgets.plot_card import PlotCard
from dgm_studio.gui.widgets.plot_cells import FULLEST, in_cell
from dgm_studio.gui.widgets.plot_legend import entries
from dgm_studio.gui.widgets.plot_maps import colours
from dgm_studio.gui.widgets.plot_values import words_at


def table(values: object, name: str = "law") -> Plot:
    """One table over the whole plot, with words at its rows and columns."""
    grid = np.array(values, dtype=float)
    rows, columns = grid.shape
    return Plot(
        "A table", "to", "from", (),
        pictures=(Picture(name, "accent", grid, (0.0, float(columns), 0.0, float(rows)), cells=True),),
        left=0.0, right=float(columns), low=0.0, high=1.2 * rows,
        names_across=tuple((column + 0.5, f"c{column}") for column in range(columns)),
        names_up=tuple((row + 0.5, f"r{row}") for row in range(rows)),
    )  # fmt: skip


@pytest.fixture
def card(qtbot: QtBot, look: Theme) -> PlotCard:
    """On the screen, wide enough for numbers."""
    made = PlotCard(wide=True)
    qtbot.addWidget(made)
    made.resize(500, 360)
    with qtbot.waitExposed(made):
        made.show()
    return made


def pixels(card: PlotCard, x: tuple[float, float], y: tuple[float, float]) -> set[str]:
    """The colours that are seen in a box of the plot."""
    (left, right), (low, high) = x, y
    image, view = card.plot.grab().toImage(), card.plot.viewport()
    first, last = (view.mapTo(card.plot, card.hand._pixels(*at).toPoint()) for at in ((left, high), (right, low)))
    return {
        image.pixelColor(across, down).name()
        for across in range(first.x(), last.x())
        for down in range(first.y(), last.y())
    }


def draw(card: PlotCard, plot: Plot) -> None:
    card.set_plot(plot)
    QApplication.processEvents()


def test_a_table_is_full_at_one_not_at_its_largest_value(look: Theme) -> None:
    found = colours(table([[0.0, 0.25], [0.5, 1.0]]).pictures[0])
    np.testing.assert_array_equal(found[..., 3], np.rint(255 * FULLEST * np.sqrt([[0, 0.25], [0.5, 1]])))


def test_cells_are_sharp_and_bear_their_numbers(card: PlotCard) -> None:
    """Left of its number a cell has one colour up to its border; in the middle there is ink as well."""
    draw(card, table([[0.0, 1.0], [0.5, 0.25]]))
    assert len(pixels(card, (1.04, 1.25), (0.06, 0.9))) == 1
    assert len(pixels(card, (1.3, 1.7), (0.3, 0.7))) > 1
    (nothing,) = pixels(card, (0.05, 0.25), (0.1, 0.9))
    assert nothing == theme().colour("stage").name()


def test_numbers_that_do_not_fit_are_left_out(card: PlotCard) -> None:
    draw(card, table(np.full((40, 40), 0.5)))
    within = pixels(card, (10.2, 10.8), (10.3, 10.7))
    assert len(within) == 1


def test_names_stand_on_the_axes_in_place_of_figures(card: PlotCard) -> None:
    plot = table([[0.1, 0.9], [0.6, 0.4]])
    draw(card, plot)
    assert card.plot.getAxis("bottom")._tickLevels == [[(0.5, "c0"), (1.5, "c1")]]
    assert card.plot.getAxis("left")._tickLevels == [[(0.5, "r0"), (1.5, "r1")]]
    assert words_at(plot, 1.2, 0.4)[1].splitlines() == ["to  c1", "from  r0", "law  0.9"]
    assert entries(plot) == []  # the table bears its name itself


def test_a_card_without_a_legend_is_as_high_as_one_with(card: PlotCard) -> None:
    draw(card, table([[0.1, 0.9]]))
    assert card.plot.height() > 0.8 * card.height() - 40


def test_figures_in_cells() -> None:
    assert [in_cell(value) for value in (0.0, 1.0, 0.001, 0.126, 0.999)] == ["0", "1", "0.00", "0.13", "1.00"]


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("tone", ["accent", "data", "sample", "exact", "error"])
def test_words_read_on_every_cell(look: Theme, tone: str, dark: bool) -> None:
    look.set_preference("dark" if dark else "light")
    stage = look.colour("stage")
    for share in np.linspace(0, 1, 21):
        picture = Picture("law", tone, np.array([[share]]), (0, 1, 0, 1), cells=True)
        pixel = colours(picture)[0, 0]
        opaque = float(pixel[3]) / 255
        bare = (stage.red(), stage.green(), stage.blue())
        ground = QColor(*(round(opaque * int(p) + (1 - opaque) * s) for p, s in zip(pixel[:3], bare, strict=True)))
        assert contrast(look.tokens.text, ground.name()) > 4.5, share
