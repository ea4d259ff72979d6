"""Small pictures on the screen: one sheet, rows that fit, what a press and the keys pick."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.theme.theme import Theme
from dgm_studio.gui.widgets.picture_grid import PictureGrid
from dgm_studio.gui.widgets.picture_sheet import sheet_image
from dgm_studio.gui.widgets.picture_tile import PictureTile


def pictures(count: int, channels: int = 1, high: int = 3, wide: int = 2) -> np.ndarray:
    total = count * channels * high * wide
    return (np.arange(total) * 7 % 256).astype(np.uint8).reshape(count, channels, high, wide)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_holds_every_pixel_row_by_row(channels: int) -> None:
    own = pictures(5, channels)
    image = sheet_image(own, 3)
    assert (image.width(), image.height()) == (6, 6)
    for index in range(5):
        top, left = index // 3 * 3, index % 3 * 2
        for row in range(3):
            for column in range(2):
                seen = image.pixelColor(left + column, top + row)
                assert [seen.red(), seen.green(), seen.blue()][:channels] == own[index, :, row, column].tolist()


def test_the_pictures_are_as_large_as_they_can_be(qtbot: QtBot, look: Theme) -> None:
    grid = PictureGrid("some", least=20, gap=0)
    qtbot.addWidget(grid)
    grid.resize(400, 100)
    grid.show_pictures(pictures(4, high=2))
    assert grid.layout_now() == (4, 100.0, 100.0)
    grid.show_pictures(pictures(16, high=2))
    assert grid.layout_now() == (8, 50.0, 50.0)
    grid.set_columns(4)
    assert grid.layout_now()[0] == 4
    boxes = [grid.box(index) for index in range(16)]
    assert all(not first.intersects(second) for k, first in enumerate(boxes) for second in boxes[k + 1 :])


def test_a_press_a_drag_and_the_keys(qtbot: QtBot, look: Theme) -> None:
    grid = PictureGrid("some", least=20, gap=2, keys=True)
    qtbot.addWidget(grid)
    grid.resize(408, 102)
    grid.show_pictures(pictures(8, high=2), [f"picture {index}" for index in range(8)])
    grid.show()
    seen: list[tuple[str, int]] = []
    grid.pressed.connect(lambda index: seen.append(("pressed", index)))
    grid.scrubbed.connect(lambda index: seen.append(("scrubbed", index)))
    QTest.mousePress(grid, Qt.MouseButton.LeftButton, pos=grid.box(2).center().toPoint())
    QTest.mouseMove(grid, grid.box(3).center().toPoint())
    QTest.mouseRelease(grid, Qt.MouseButton.LeftButton)
    assert seen[:2] == [("scrubbed", 2), ("pressed", 2)]
    assert grid.index_at(QPoint(-5, 5)) == -1
    seen.clear()
    grid.select(0)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Return)
    assert seen == [("pressed", 1)]
    QTest.keyClick(grid, Qt.Key.Key_Left)
    QTest.keyClick(grid, Qt.Key.Key_Left)
    assert grid.current == 0


def test_a_tile_tells_a_drag_in_sides_of_the_picture(qtbot: QtBot, look: Theme) -> None:
    tile = PictureTile("one", "drag it", draggable=True)
    qtbot.addWidget(tile)
    tile.resize(216, 216)
    tile.show_picture(pictures(1, high=2, wide=2)[0])
    assert (tile.box().width(), tile.box().height()) == (200.0, 200.0)
    found: list[tuple[float, float]] = []
    tile.dragged.connect(lambda x, y: found.append((x, y)))
    QTest.mousePress(tile, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    QTest.mouseMove(tile, QPoint(150, 80))
    assert found == [(0.25, 0.1)]
