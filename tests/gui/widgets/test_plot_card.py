"""Every part of a plot through a shown card: what is drawn, what the hand does to it, what the pointer reads."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dgm_studio.core.knobs import Knob, Value
from dgm_studio.core.sketch import Bars, Cloud, Grip, Line, Mark, Pairing, Picture, Plot, Segments
from dgm_studio.gui.theme.theme import Theme, theme
from dgm_studio.gui.widgets.grip_handle import GripHandle
from dgm_studio.gui.widgets.plot_board import PlotBoard
from dgm_studio.gui.widgets.plot_card import PlotCard
from dgm_studio.gui.widgets.plot_hand import toggled
from dgm_studio.gui.widgets.plot_legend import entries
from dgm_studio.gui.widgets.plot_maps import colours
from dgm_studio.gui.widgets.plot_range import span_of
from dgm_studio.gui.widgets.plot_values import words_at

X = np.linspace(-4.0, 4.0, 81)
BELL = np.exp(-(X**2) / 2)
KNOBS = {
    "mean": Knob("mean", float, 0.0, "Mean", "h.", -2, 2),
    "width": Knob("width", float, 1.0, "Width", "h.", 0.1, 3, log=True),
    "height": Knob("height", float, 0.5, "Height", "h.", 0, 1),
    "bars": Knob("bars", str, "1, 2, 1", "Bars", "h.", numbers=(1, 8)),
    "pairs": Knob("pairs", str, "", "Pairs", "h."),
}


def plot(**parts: object) -> Plot:
    """A plot over [-4, 4] x [0, 1] with these parts."""
    given = {"lines": (), "left": -4.0, "right": 4.0, "low": 0.0, "high": 1.0, **parts}
    return Plot("A plot", "x", "y", **given)  # type: ignore[arg-type]


class Shown:
    """A card on the screen, the knobs that it turns, and what it said."""

    def __init__(self, qtbot: QtBot) -> None:
        self.values: dict[str, Value] = {name: knob.default for name, knob in KNOBS.items()}
        self.said: list[dict[str, Value]] = []
        self.card = PlotCard(wide=True)
        self.card.offer(KNOBS, lambda: self.values)
        self.card.edited.connect(self._hear)
        qtbot.addWidget(self.card)
        self.card.resize(640, 360)
        with qtbot.waitExposed(self.card):
            self.card.show()

    def _hear(self, edits: dict[str, Value]) -> None:
        self.said.append(edits)
        self.values.update(edits)

    def show(self, shown: Plot) -> None:
        """Draw it and paint it."""
        self.card.set_plot(shown)
        QApplication.processEvents()

    def image(self) -> QImage:
        """What is seen of the plot."""
        seen: QImage = self.card.plot.grab().toImage()
        return seen

    def at(self, x: float, y: float) -> QPoint:
        """A place of the plot in the viewport's pixels."""
        return self.card.hand._pixels(x, y).toPoint()

    def colour_at(self, x: float, y: float) -> tuple[int, int, int]:
        """The pixel there."""
        place = self.card.plot.viewport().mapTo(self.card.plot, self.at(x, y))
        found = self.image().pixelColor(place)
        return found.red(), found.green(), found.blue()

    def drag(self, *places: tuple[float, float]) -> None:
        """Over the plot itself, with the left button."""
        view = self.card.plot.viewport()
        first, *rest = (self.at(*place) for place in places)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=first)
        for place in rest:
            QTest.mouseMove(view, place)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=rest[-1] if rest else first)


@pytest.fixture
def shown(qtbot: QtBot, look: Theme) -> Shown:
    """A wide card."""
    return Shown(qtbot)


def stage() -> tuple[int, int, int]:
    """The ground's colour."""
    ground = theme().colour("stage")
    return ground.red(), ground.green(), ground.blue()


def test_a_curve_is_grey_where_it_says_no_more_than_noise(shown: Shown) -> None:
    floor = np.full(len(X), 0.5)
    shown.show(plot(lines=(Line("estimate", "accent", X, BELL, floor=floor),)))
    (items,) = shown.card.items
    assert items.grey is not None
    _, above = items.curve
    _, below = items.grey
    np.testing.assert_array_equal(np.isfinite(above), floor < BELL)
    assert np.isfinite(below[floor >= BELL]).all()
    joined = np.isfinite(above) & np.isfinite(below)
    assert joined.sum() == 2  # the pieces meet at either side of the bell


def test_a_map_is_transparent_where_there_is_nothing(look: Theme) -> None:
    values = np.array([[0.0, 1.0], [np.nan, 2.0]])
    found = colours(Picture("density", "data", values, (0, 1, 0, 1)))
    assert found[0, 0, 3] == found[1, 0, 3] == 0
    assert 0 < found[0, 1, 3] < found[1, 1, 3]
    two = colours(Picture("gap", "data", values - 1, (0, 1, 0, 1), between=("error", "exact"), middle=0.0))
    low, high = theme().colour("error"), theme().colour("exact")
    assert tuple(two[0, 0, :3]) == (low.red(), low.green(), low.blue())
    assert tuple(two[1, 1, :3]) == (high.red(), high.green(), high.blue())
    assert two[0, 1, 3] == 0


def test_maps_bars_clouds_and_segments_are_painted_where_they_are(shown: Shown) -> None:
    grid = np.zeros((8, 8))
    grid[0, 0] = 1.0  # row 0 at the bottom
    shown.show(
        plot(
            pictures=(Picture("map", "accent", grid, (-4.0, 4.0, 0.0, 1.0), contours=(0.5,)),),
            bars=(Bars("bars", "data", np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.25])),),
            clouds=(Cloud("cloud", "sample", np.array([[0.0, 0.9]]), 12.0),),
            segments=(Segments("plan", "exact", np.array([[-2.0, 0.7, 0.0, 0.7]]), width=6.0),),
        )
    )
    for x, y in ((-3.5, 0.05), (1.5, 0.4), (2.5, 0.2), (0.0, 0.9), (-1.0, 0.7)):
        assert shown.colour_at(x, y) != stage(), (x, y)
    for x, y in ((-3.5, 0.95), (2.5, 0.4), (3.5, 0.1), (1.0, 0.7)):
        assert shown.colour_at(x, y) == stage(), (x, y)


def test_a_thousand_points_and_a_thousand_segments_stay_quick_items(shown: Shown) -> None:
    rng = np.random.default_rng(0)
    shown.show(plot())
    before = len(shown.card.plot.items())
    shown.show(
        plot(
            clouds=(Cloud("p", "data", rng.random((1_000, 2))),),
            segments=(Segments("plan", "accent", rng.random((1_000, 4)), rng.random(1_000)),),
        )
    )
    assert len(shown.card.plot.items()) == before


def test_equal_axes_show_a_circle_round(shown: Shown) -> None:
    shown.show(
        plot(equal=True, left=-1.0, right=1.0, low=-1.0, high=1.0, clouds=(Cloud("o", "data", np.zeros((1, 2))),))
    )
    centre, right, top = shown.at(0, 0), shown.at(1, 0), shown.at(0, 1)
    assert abs((right - centre).x() - (centre - top).y()) <= 1


def test_what_is_not_bounded_holds_everything() -> None:
    wide = Plot(
        "t", "x", "y", (), bars=(Bars("b", "data", np.array([0.0, 5.0]), np.array([2.0])),),
        clouds=(Cloud("c", "data", np.array([[-3.0, -1.0]])),), grips=(Grip("g", "data", 7.0, 3.0),),
    )  # fmt: skip
    span = span_of(wide, 400, 300)
    assert span.left < -3
    assert span.right > 7
    assert span.low < -1
    assert span.high > 3
    empty = span_of(Plot("t", "x", "y", ()), 0, 0)
    assert empty.left < empty.right


GRIP = Grip("Middle", "accent", 0.0, 0.5, across="mean")


def stands(handle: GripHandle, place: QPoint) -> bool:
    """Whether its middle is there, to what a knob's rounding moves it."""
    return (handle.geometry().center() - place).manhattanLength() <= 3


def test_a_grip_follows_the_mouse_and_stops_at_the_knobs_ends(shown: Shown, qtbot: QtBot) -> None:
    shown.show(plot(grips=(GRIP,)))
    (handle,) = shown.card.hand.handles
    middle = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(handle, handle.mapFromParent(shown.at(1.0, 0.9)))
    assert shown.said[-1] == {"mean": pytest.approx(1.0, abs=0.02)}
    qtbot.waitUntil(lambda: stands(handle, shown.at(1.0, 0.5)))  # it has no knob upwards
    QTest.mouseMove(handle, handle.mapFromParent(shown.at(3.5, 0.5)))
    assert shown.said[-1] == {"mean": 2.0}
    qtbot.waitUntil(lambda: stands(handle, shown.at(2.0, 0.5)))
    shown.show(plot(grips=(GRIP,)))  # an older sketch does not tear it out of the hand
    assert stands(handle, shown.at(2.0, 0.5))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=middle)
    assert stands(handle, shown.at(0.0, 0.5))


def test_arrow_keys_move_the_grip_that_has_the_focus(shown: Shown) -> None:
    both = Grip("Corner", "accent", 0.0, 0.5, across="width", up="height", from_x=1.0, scale=-1.0)
    shown.show(plot(grips=(both,)))
    (handle,) = shown.card.hand.handles
    handle.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(handle, Qt.Key.Key_Left)  # to the left is wider: the scale is negative
    assert float(shown.said[-1]["width"]) > 1.0
    QTest.keyClick(handle, Qt.Key.Key_Up)  # and upwards is lower
    assert shown.said[-1] == {"height": pytest.approx(0.49)}
    QTest.keyClick(handle, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert shown.said[-1] == {"height": pytest.approx(0.59)}
    assert handle.accessibleName() == "Corner"
    assert "arrow keys" in handle.toolTip()


def test_bars_are_drawn_by_a_stroke(shown: Shown) -> None:
    bars = Bars("mine", "data", np.array([-3.0, -1.0, 1.0, 3.0]), np.array([0.2, 0.4, 0.2]), "bars")
    shown.show(plot(bars=(bars,)))
    shown.drag((-2.0, 0.8), (2.0, 0.6))
    heights = [float(part) for part in str(shown.values["bars"]).split(",")]
    assert heights == pytest.approx([0.6, 0.6, 0.6], abs=0.02)  # the first press gave 0.8, the stroke went over it
    shown.drag((0.0, 2.0), (0.0, -1.0))
    assert float(str(shown.values["bars"]).split(",")[1]) == 0.0
    assert not shown.card.reset.isHidden()
    QTest.mouseClick(shown.card.reset, Qt.MouseButton.LeftButton)
    assert shown.said[-1] == {"bars": "1, 2, 1"}


def test_points_are_connected_and_let_go(shown: Shown) -> None:
    pairing = Pairing(np.array([[-2.0, 0.2], [-2.0, 0.8]]), np.array([[2.0, 0.2], [2.0, 0.8]]), "pairs")
    shown.show(plot(pairing=pairing))
    shown.drag((-2.0, 0.2), (0.0, 0.4), (2.0, 0.8))
    assert shown.values["pairs"] == "0-1"
    shown.drag((-2.0, 0.8), (2.0, 0.2))
    assert shown.values["pairs"] == "0-1, 1-0"
    shown.drag((-2.0, 0.2), (2.0, 0.8))
    assert shown.values["pairs"] == "1-0"
    count = len(shown.said)
    shown.drag((-2.0, 0.2), (0.0, 0.5))  # to nowhere
    shown.drag((0.0, 0.5), (2.0, 0.2))  # from nowhere
    assert len(shown.said) == count


def test_pairs_as_text() -> None:
    assert toggled("", "0-3") == "0-3"
    assert toggled("0-3, 2-1", "0-3") == "2-1"
    assert toggled("2-1,0-3", "1-1") == "2-1, 0-3, 1-1"


def test_the_pointer_reads_curves_bars_and_maps() -> None:
    grid = np.arange(4.0).reshape(2, 2)
    both = plot(
        lines=(Line("bell", "data", X, BELL, doubt=np.full(len(X), 0.1)),),
        bars=(Bars("bars", "data", np.array([-1.0, 1.0]), np.array([0.5])),),
        pictures=(Picture("map", "accent", grid, (-4.0, 4.0, 0.0, 1.0)),),
    )
    x, text = words_at(both, 0.02, 0.9)
    assert x == pytest.approx(0.0, abs=1e-9)
    assert text.splitlines() == ["x  0" if x == 0 else f"x  {x:.4g}", "map  3", "bell  1 ± 0.1", "bars  0.5"]
    assert words_at(plot(), 0.0, 0.0)[1] == ""


def test_the_legend_names_each_part_once() -> None:
    both = plot(
        lines=(Line("p", "data", X, BELL), Line("p", "data", X, BELL)), marks=(Mark("here", "exact", 1.0),),
        clouds=(Cloud("q", "sample", np.zeros((1, 2))),),
    )  # fmt: skip
    assert [(one.name, one.mark) for one in entries(both)] == [("p", "line"), ("here", "dashes"), ("q", "dot")]


def test_a_low_board_has_all_plots_in_one_row(qtbot: QtBot, look: Theme) -> None:
    """Two rows of a projector's type left 20 pixels for curves; now each plot keeps room for them."""
    board = PlotBoard()
    qtbot.addWidget(board)
    board.show_plots([plot(lines=(Line(f"l{k}", "data", X, BELL),)) for k in range(3)])
    board.resize(look.px(900), look.px(220))
    with qtbot.waitExposed(board):
        board.show()
    tops = {card.mapTo(board, card.rect().topLeft()).y() for card in board.shown()}
    assert len(tops) == 1
    assert all(card.plot.height() > look.px(120) for card in board.shown())
    widths = [card.width() for card in board.shown()]
    assert max(widths) - min(widths) < 0.1 * max(widths)
    board.resize(look.px(900), look.px(600))
    qtbot.waitUntil(lambda: board._below.y() > board.cards[0].y())


def test_a_board_shows_as_many_cards_as_there_are_plots(qtbot: QtBot, look: Theme) -> None:
    board = PlotBoard()
    qtbot.addWidget(board)
    board.resize(800, 600)
    with qtbot.waitExposed(board):
        board.show()
    for count in (1, 4, 2):
        board.show_plots([plot(lines=(Line(f"l{k}", "data", X, BELL),)) for k in range(count)])
        assert len(board.shown()) == count
        assert board._below.isVisible() == (count > 1)


def test_an_axis_stays_while_it_is_well_filled(shown: Shown) -> None:
    def top(peak: float) -> float:
        shown.show(Plot("A plot", "x", "y", (Line("curve", "accent", X, peak * BELL),)))
        return float(shown.card.plot.viewRect().bottom())

    first = top(1.0)
    assert top(0.9) == first
    assert top(0.3) < first
    assert top(1.5) > first
    held = shown.card.plot.viewRect()
    shown.show(Plot("Another plot", "x", "y", (Line("curve", "accent", X, 1.45 * BELL),)))
    assert shown.card.plot.viewRect() != held


def test_a_curve_of_one_colour_and_a_broken_one_are_painted(shown: Shown) -> None:
    broken = np.where(np.abs(X) < 1, np.inf, 0.5)
    shown.show(plot(lines=(Line("broken", "accent", X, broken),), marks=(Mark("mark", "error", 3.0),)))
    assert shown.colour_at(-2.0, 0.5) != stage()
    assert shown.colour_at(0.0, 0.5) == stage()
