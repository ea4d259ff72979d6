"""Where cells stand and what the map shows: nothing overlaps, nothing moves, colours mean what the legend says."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dgm_studio.gui.export.still import export_svg
from dgm_studio.gui.panels.text.cells import Cells, Measure
from dgm_studio.gui.panels.text.film import TokenFilm
from dgm_studio.gui.panels.text.map_image import colours, picture
from dgm_studio.gui.panels.text.places import place
from dgm_studio.gui.panels.text.reveal_map import ENTROPY, MASKS, RevealMap
from dgm_studio.gui.theme.oklab import rgb
from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.theme.tokens import DARK
from tests.gui.panels.text.films import film, report, step


class Typewriter:
    """A ruler on which each letter is as wide as it is high."""

    def px(self, size: float) -> int:
        return round(size)

    def wide(self, word: str, letters: float) -> int:
        return round(letters * len(word))


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40), st.integers(90, 700), st.integers(0, 500), st.booleans())
@settings(max_examples=60, deadline=None)
def test_cells_stand_in_rows_and_never_over_each_other(ids: list[int], width: int, room: int, tiny: bool) -> None:
    one = TokenFilm(report(len(ids), ()))
    one.add(step(0, tuple(ids)))
    found = place(one, width, room, Typewriter(), tiny=tiny)
    assert len(found.cells) == len(ids)
    assert not any(a.intersects(b) for a, b in combinations(found.cells, 2))
    assert all(cell.left() >= 0 and cell.right() <= width for cell in found.cells)
    assert all(
        a.y() < b.y() or (a.y() == b.y() and a.x() < b.x()) for a, b in zip(found.cells, found.cells[1:], strict=False)
    )
    for position, token in enumerate(ids[:-1]):
        if token == 5:
            assert found.cells[position + 1].x() == 0, "a line break ends its row"
    for position, cell in enumerate(found.cells):
        assert found.at(cell.center().x(), cell.center().y()) == position


def test_less_room_makes_smaller_cells_and_scrolling_is_the_last_resort() -> None:
    one = film()
    high = [place(one, 260, room, Typewriter(), tiny=True).height for room in (1_000, 150, 90, 0)]
    assert high == sorted(high, reverse=True)
    assert high[0] > high[-1] > 0


def test_the_layout_holds_for_every_moment(look: Theme, qtbot: QtBot) -> None:
    cells = Cells()
    qtbot.addWidget(cells)
    cells.resize(300, 200)
    cells.show_film(film(), 0)
    before = cells.places
    for index in range(4):
        cells.show_moment(index)
        assert cells.places is before
        texts = [seen.text for seen in cells.looks]
        assert [text for text in texts if text] == [
            ["And", "said", "said", "said", "said"],
            ["And", "he", "said", ",", "said"],
            ["And", "said", "said", ",", "said"],
            ["And", "he", "said", ",", "Go"],
        ][index]
    cells.set_guesses(False)
    cells.show_moment(1)
    assert [seen.text for seen in cells.looks] == ["And", "he", "", ",", ""]


def test_a_token_is_brightest_when_new_and_by_its_probability(look: Theme, qtbot: QtBot) -> None:
    cells = Cells()
    qtbot.addWidget(cells)
    cells.show_film(film(), 1)
    he, comma = cells.looks[1], cells.looks[3]
    assert 0 < he.tint < comma.tint, "0.3 before 0.7"
    assert (he.outline, comma.outline) == (1, 1)
    cells.show_moment(3)
    assert cells.looks[3].tint < comma.tint
    assert cells.looks[3].outline == 3
    assert cells.looks[0].tint == 0


def test_only_what_changed_is_painted_again(look: Theme, qtbot: QtBot, qapp: QApplication) -> None:
    cells = Cells()
    qtbot.addWidget(cells)
    cells.resize(400, 200)
    cells.show_film(film(), 3)
    with qtbot.waitExposed(cells):
        cells.show()
    qapp.processEvents()
    before = cells.paints
    cells.show_moment(3)
    qapp.processEvents()
    assert cells.paints == before
    cells.show_moment(0)
    qapp.processEvents()
    assert cells.paints == before + 1


def test_the_map_is_coloured_by_the_step_of_revelation() -> None:
    found = colours(film(), "revealed", DARK)
    assert found.shape == (4, 5, 3)
    assert (found[2, 1] == np.round(255 * rgb(DARK.error))).all(), "masked again in step 2"
    assert (found[1, 3] == found[3, 3]).all(), "one colour for as long as it stands"
    assert found[3, 4].sum() > found[3, 2].sum() > found[3, 3].sum(), "later is brighter"
    assert (found[:, 0] == np.round(255 * rgb(DARK.raised))).all(), "locked"
    entropy = colours(film(), "entropy", DARK).astype(int).sum(axis=2)
    assert entropy[0, 4] > entropy[0, 1], "the unsure are bright"


def test_each_pixel_of_the_map_is_its_cell(qapp: QApplication) -> None:
    cells = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10
    image = picture(cells, 30, 12, DARK.stage)
    for row in range(2):
        for column in range(3):
            seen = image.pixelColor(10 * column + 4, 6 * row + 2)
            assert [seen.red(), seen.green(), seen.blue()] == cells[row, column].tolist()
    assert image.pixelColor(9, 2) == QColor(DARK.stage), "a hairline between columns"


@pytest.mark.parametrize("kind", ["revealed", ENTROPY, MASKS])
def test_a_press_on_the_map_goes_to_its_step(look: Theme, qtbot: QtBot, kind: str) -> None:
    made = RevealMap()
    qtbot.addWidget(made)
    made.resize(324, 224)
    made.show_film(film())
    made.set_kind(kind)
    with qtbot.waitExposed(made):
        made.show()
    heard: list[tuple[int, int]] = []
    made.scrubbed.connect(lambda *one: heard.append(one))
    box = made.box()
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    QTest.mousePress(made, Qt.MouseButton.LeftButton, pos=QPoint(box.right() - 3, box.bottom() - 3))
    assert heard == [(3, -1 if kind == MASKS else 4)]
    made.show_moment(1, 2)
    assert not made.grab().isNull()


def test_cells_as_vectors(look: Theme, qtbot: QtBot, tmp_path: object) -> None:
    from pathlib import Path

    cells = Cells()
    qtbot.addWidget(cells)
    cells.resize(300, 120)
    cells.show_film(film(), 3)
    path = Path(str(tmp_path)) / "cells.svg"
    holder = cells
    export_svg(holder, path)
    text = path.read_text("utf-8")
    assert "said" in text
    assert "<image" not in text


def test_measure_follows_the_scale(look: Theme) -> None:
    small = Measure().wide("unto", 15)
    look.set_presenter(True)
    assert Measure().wide("unto", 15) > 1.3 * small
    look.set_presenter(False)
