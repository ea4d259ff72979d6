"""The Paint window, driven by mouse and keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import DataEntry
from dgm_studio.core.dataspec import PointSet
from dgm_studio.gui.paint.canvas import CLASSES, HALF, LIMIT
from dgm_studio.gui.paint.form import on_canvas
from dgm_studio.gui.paint.swatches import Swatch
from dgm_studio.gui.paint.throttle import Throttle
from dgm_studio.gui.paint.tools import TOOLS, Spot, near_segment
from dgm_studio.gui.paint.window import FEED_MS, PaintWindow
from dgm_studio.gui.theme.theme import Theme, theme
from tests.gui.layout_contract import check_layout

LEFT = Qt.MouseButton.LeftButton


def entries() -> list[DataEntry]:
    ring = np.stack([2 * np.cos(np.arange(64)), 2 * np.sin(np.arange(64))], axis=1).astype(np.float32)
    wide = ring * 5
    return [
        DataEntry(Card("ring", "Ring", ""), (), ring, np.arange(64) % 3),
        DataEntry(Card("wide", "Wide", ""), (), wide, np.arange(64) % 11),
    ]


@pytest.fixture
def window(qtbot: QtBot, look: Theme) -> PaintWindow:
    made = PaintWindow(entries(), seed=1)
    qtbot.addWidget(made)
    made.resize(960, 700)
    with qtbot.waitExposed(made):
        made.show()
    return made


def spot(window: PaintWindow, at: Spot) -> QPoint:
    return window.view.to_pixel(at).toPoint()


def stroke(window: PaintWindow, *way: Spot) -> None:
    view = window.view
    QTest.mousePress(view, LEFT, Qt.KeyboardModifier.NoModifier, spot(window, way[0]))
    for at in way[1:]:
        QTest.mouseMove(view, spot(window, at))
    QTest.mouseRelease(view, LEFT, Qt.KeyboardModifier.NoModifier, spot(window, way[-1]))


def key(window: PaintWindow, text: str) -> None:
    QTest.keyClick(window, Qt.Key(ord(text.upper())))


def test_pixels_and_units_are_inverse(window: PaintWindow) -> None:
    for at in ((0.0, 0.0), (-4.0, 4.0), (3.1, -2.2)):
        assert window.view.to_model(window.view.to_pixel(at)) == pytest.approx(at)
    box = window.view.square
    assert window.view.to_model(box.topLeft()) == pytest.approx((-HALF, HALF))


def test_brush_draws_where_the_mouse_went(window: PaintWindow) -> None:
    stroke(window, (-1.0, 0.0), (1.0, 0.5))
    points = window.canvas.points
    pixel = 2 * HALF / window.view.square.width()
    assert len(points) > 100
    assert near_segment(points, (-1.0, 0.0), (1.0, 0.5), window.form.nib.radius + pixel).all()
    assert window.counter.text() == f"{len(points):,} points"


def test_spray_goes_on_while_held(window: PaintWindow, qtbot: QtBot) -> None:
    key(window, "s")
    at = spot(window, (1.0, 1.0))
    QTest.mousePress(window.view, LEFT, Qt.KeyboardModifier.NoModifier, at)
    first = len(window.canvas)
    qtbot.waitUntil(lambda: len(window.canvas) > 2 * first)
    QTest.mouseRelease(window.view, LEFT, Qt.KeyboardModifier.NoModifier, at)
    held = len(window.canvas)
    centre = window.view.to_model(QPointF(at))
    assert (np.hypot(*(window.canvas.points - centre).T) <= window.form.nib.radius + 1e-6).all()
    with qtbot.waitSignal(window.view.stroked, timeout=100, raising=False) as more:
        pass
    assert not more.signal_triggered
    assert len(window.canvas) == held
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(window.canvas) == 0


def test_line_erase_and_move(window: PaintWindow) -> None:
    key(window, "l")
    QTest.mousePress(window.view, LEFT, Qt.KeyboardModifier.NoModifier, spot(window, (-2, 0)))
    QTest.mouseMove(window.view, spot(window, (2, 0)))
    assert len(window.canvas) == 0
    assert window.view.tool.preview is not None
    QTest.mouseRelease(window.view, LEFT, Qt.KeyboardModifier.NoModifier, spot(window, (2, 0)))
    before = window.canvas.points.copy()
    key(window, "e")
    stroke(window, (0.0, 0.0))
    centre = window.view.to_model(QPointF(spot(window, (0.0, 0.0))))
    assert np.array_equal(window.canvas.points, before[~near_segment(before, centre, centre, window.form.nib.radius)])
    assert len(window.canvas) < len(before)
    key(window, "m")
    start, end = (QPointF(spot(window, at)) for at in ((1.5, 0.0), (1.5, 2.0)))
    held = near_segment(
        window.canvas.points, window.view.to_model(start), window.view.to_model(start), window.form.nib.radius
    )
    placed = window.canvas.points.copy()
    stroke(window, (1.5, 0.0), (1.5, 2.0))
    shift = np.subtract(window.view.to_model(end), window.view.to_model(start))
    assert held.any()
    assert np.allclose(window.canvas.points[held] - placed[held], shift, atol=1e-5)
    assert np.array_equal(window.canvas.points[~held], placed[~held])


def test_every_tool_has_its_key_and_icon(window: PaintWindow) -> None:
    for tool in reversed(TOOLS):
        key(window, tool.key.lower())
        assert type(window.view.tool) is tool


def test_classes_by_key_and_by_click_and_their_colours(window: PaintWindow) -> None:
    for label in range(CLASSES):
        key(window, str(label + 1))
        stroke(window, (label - 3.5, 0.0))
    assert set(window.canvas.labels) == set(range(CLASSES))
    assert window.counter.text().endswith("8 classes")
    swatch = window.form.swatches.findChildren(Swatch)[4]
    QTest.mouseClick(swatch, LEFT)
    assert window.form.nib.label == 4
    # What is seen: at each dab's place some pixels have exactly the class's colour.
    QTest.mouseMove(window.view, QPoint(1, 1))
    image: QImage = window.view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    for label in range(CLASSES):
        at = window.view.to_pixel((label - 3.5, 0.0)).toPoint()
        seen = {image.pixelColor(at.x() + i, at.y() + j).name() for i in range(-12, 13) for j in range(-12, 13)}
        assert theme().class_colour(label).name() in seen


def test_radius_by_key_wheel_and_slider(window: PaintWindow) -> None:
    first = window.form.nib.radius
    key(window, "]")
    assert window.view.nib.radius == pytest.approx(first * 1.15)
    for _ in range(40):
        key(window, "[")
    assert window.view.nib.radius == 0.05
    at = QPointF(window.view.rect().center())
    none = Qt.MouseButton.NoButton
    turn = QWheelEvent(
        at, window.view.mapToGlobal(at), QPoint(), QPoint(0, 120), none,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(window.view, turn)
    assert window.view.nib.radius == pytest.approx(0.05 * 1.15)
    window.form.density.slider.setFocus()
    QTest.keyClick(window.form.density.slider, Qt.Key.Key_End)
    assert window.view.nib.density == 1000


def test_undo_redo_clear_by_keys_and_buttons(window: PaintWindow) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    assert not window.undo.isEnabled()
    stroke(window, (0, 0), (1, 1))
    one = window.canvas.points.copy()
    stroke(window, (-1, 0), (-1, 1))
    two = window.canvas.points.copy()
    QTest.keyClick(window, Qt.Key.Key_Z, control)
    assert np.array_equal(window.canvas.points, one)
    QTest.keyClick(window, Qt.Key.Key_Z, control | shift)
    assert np.array_equal(window.canvas.points, two)
    QTest.keyClick(window, Qt.Key.Key_Delete)
    assert len(window.canvas) == 0
    assert not window.clear.isEnabled()
    QTest.mouseClick(window.undo, LEFT)
    assert np.array_equal(window.canvas.points, two)
    QTest.mouseClick(window.redo, LEFT)
    assert len(window.canvas) == 0


def test_done_waits_for_ten_points(window: PaintWindow, qtbot: QtBot) -> None:
    assert not window.done_button.isEnabled()
    assert "at least 10 points" in window.done_button.toolTip()
    assert "at least 10 points" in window.message.full_text()
    window.finish()
    assert window.isVisible()
    stroke(window, (0, 0), (1, 1))
    assert window.done_button.isEnabled()
    assert window.message.full_text() == ""
    with qtbot.waitSignal(window.finished_painting) as told:
        QTest.mouseClick(window.done_button, LEFT)
    own = told.args[0]
    assert isinstance(own, PointSet)
    assert np.array_equal(own.points, window.canvas.points)
    assert not window.isVisible()


def test_cancel_and_escape_keep_the_drawing(window: PaintWindow, qtbot: QtBot) -> None:
    stroke(window, (0, 0), (1, 1))
    count = len(window.canvas)
    with qtbot.waitSignal(window.cancelled):
        QTest.mouseClick(window.cancel_button, LEFT)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    with qtbot.waitSignal(window.cancelled):
        QTest.keyClick(window, Qt.Key.Key_Escape)
    window.show()
    with qtbot.waitSignal(window.cancelled) as once:
        window.close()
    assert once.signal_triggered
    assert len(window.canvas) == count


def test_feed_is_off_at_first_then_tells_each_stroke_s_end(window: PaintWindow, qtbot: QtBot) -> None:
    told: list[PointSet] = []
    window.changed.connect(told.append)
    stroke(window, (0, 0), (1, 1))
    assert told == []
    with qtbot.waitSignal(window.changed):
        QTest.mouseClick(window.form.feed.switch, LEFT)
    assert np.array_equal(told[-1].points, window.canvas.points)
    stroke(window, (-1, 0), (-1, 1))
    assert np.array_equal(told[-1].points, window.canvas.points)
    count = len(told)
    QTest.keyClick(window, Qt.Key.Key_Delete)
    assert len(told) == count


def test_feed_is_throttled_during_a_stroke(window: PaintWindow, qtbot: QtBot) -> None:
    stroke(window, (0, 0), (1, 1))
    QTest.mouseClick(window.form.feed.switch, LEFT)
    told: list[PointSet] = []
    window.changed.connect(told.append)
    QTest.mousePress(window.view, LEFT, Qt.KeyboardModifier.NoModifier, spot(window, (-2, -2)))
    for step in range(200):
        QTest.mouseMove(window.view, spot(window, (-2 + step / 50, -2)))
    assert len(told) <= 1 + 200 // 5
    before = len(told)
    with qtbot.waitSignal(window.changed, timeout=5 * FEED_MS):
        pass
    assert len(told) == before + 1
    assert np.array_equal(told[-1].points, window.canvas.points)
    QTest.mouseRelease(window.view, LEFT, Qt.KeyboardModifier.NoModifier, spot(window, (2, -2)))
    assert np.array_equal(told[-1].points, window.canvas.points)


def test_throttle_tells_at_once_then_the_last_once(qtbot: QtBot) -> None:
    throttle = Throttle(60_000)
    told: list[int] = []
    throttle.fired.connect(lambda: told.append(1))
    for _ in range(50):
        throttle.touch()
    assert len(told) == 1
    throttle.flush()
    assert len(told) == 2
    quick = Throttle(20)
    with qtbot.waitSignals([quick.fired, quick.fired], timeout=2_000):
        for _ in range(50):
            quick.touch()


def test_start_from_a_data_set(window: PaintWindow) -> None:
    stroke(window, (0, 0), (1, 1))
    one = window.canvas.points.copy()
    QTest.mouseClick(window.form.starts[0], LEFT)
    assert np.array_equal(window.canvas.points, entries()[0].thumbnail)
    assert np.array_equal(window.canvas.labels, entries()[0].labels)
    QTest.mouseClick(window.form.starts[1], LEFT)
    assert len(window.canvas) == 64
    assert np.abs(window.canvas.points).max() <= HALF
    assert window.canvas.labels.max() < CLASSES
    window.undo.click()
    window.undo.click()
    assert np.array_equal(window.canvas.points, one)


def test_on_canvas_keeps_the_shape() -> None:
    points = np.array([[10.0, 5.0], [-2.0, 1.0]])
    fitted = on_canvas(points)
    assert np.abs(fitted).max() == pytest.approx(0.95 * HALF)
    assert np.allclose(fitted / points, fitted[0, 0] / points[0, 0])
    assert on_canvas(points / 5) is not None
    assert np.array_equal(on_canvas(points / 5), points / 5)


def test_full_canvas_says_so(window: PaintWindow) -> None:
    window.set_points(np.zeros((LIMIT, 2)), np.zeros(LIMIT, dtype=int))
    assert window.message.full_text() == ""
    stroke(window, (1, 1))
    assert len(window.canvas) == LIMIT
    assert "20,000 points" in window.message.full_text()
    QTest.keyClick(window, Qt.Key.Key_Delete)
    assert "20,000" not in window.message.full_text()


def test_a_message_never_moves_the_canvas(window: PaintWindow) -> None:
    box = window.view.geometry()
    stroke(window, (0, 0), (1, 1))
    QApplication.processEvents()
    assert window.view.geometry() == box


def test_closing_in_the_middle_of_a_stroke(window: PaintWindow) -> None:
    key(window, "s")
    QTest.mousePress(window.view, LEFT, Qt.KeyboardModifier.NoModifier, spot(window, (0, 0)))
    window.close()
    assert not window.view._holding.isActive()
    assert window.canvas.can_undo


@pytest.mark.parametrize("presenter", [False, True])
def test_layout_contract(window: PaintWindow, look: Theme, presenter: bool) -> None:
    look.set_presenter(presenter)
    window.resize(1280, 720)
    QApplication.processEvents()
    assert check_layout(window, scale=look.scale) == []


def test_typing_a_density_is_not_a_shortcut(window: PaintWindow) -> None:
    stroke(window, (0, 0), (1, 1))
    count = len(window.canvas)
    window.form.density.begin_edit()
    editor = window.form.density.slider.editor
    QTest.keyClick(editor, Qt.Key.Key_Delete)
    QTest.keyClicks(editor, "245")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert window.view.nib.density == 245
    assert window.form.nib.label == 0
    assert len(window.canvas) == count
