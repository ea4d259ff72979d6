"""The stage: coordinates, pan and zoom, signals, asks, overlay, themes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dgm_studio.core.ask import Ask
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.data import DataLayer
from dgm_studio.gui.layers.exact import ExactLayer
from dgm_studio.gui.layers.grid import GridLayer
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.stage_chrome import nice_ticks
from dgm_studio.gui.theme.theme import Theme
from tests.gui.stage.pixels import near, rgb
from tests.gui.stage.scenery import fill, film


def test_pixels_and_units_agree(stage: Stage) -> None:
    assert stage.box() == pytest.approx((-4, 4, -4, 4))
    assert stage.to_pixel(1, 1).toTuple() == pytest.approx((250, 150))
    assert stage.to_model(QPointF(250, 150)) == pytest.approx((1, 1))


def test_both_axes_have_one_scale(stage: Stage, qtbot: QtBot) -> None:
    stage.resize(600, 400)
    qtbot.waitUntil(lambda: stage.box()[1] == pytest.approx(6))
    assert stage.box() == pytest.approx((-6, 6, -4, 4))


def test_a_point_is_painted_where_it_lies(stage: Stage, look: Theme) -> None:
    stage.accept(Picture(Ask("data"), 0, {"points": np.array([[1.0, 1.0]]), "labels": np.zeros(1, int)}))
    before = rgb(stage)
    stage.clear()
    rows, columns = np.nonzero(np.abs(before - rgb(stage)).max(axis=-1) > 8)
    assert len(rows) > 3
    at = stage.to_pixel(1, 1)
    assert np.mean(columns + 0.5) == pytest.approx(at.x(), abs=0.75)
    assert np.mean(rows + 0.5) == pytest.approx(at.y(), abs=0.75)


def test_a_picture_twice_as_fine_has_four_times_the_dot(stage: Stage, look: Theme) -> None:
    stage.layer("samples").accept(Picture(Ask("samples"), 0, {"frames": np.array([[[0.0, 0.0]]])}))
    once, twice = (near(rgb(stage, scale), look.colour("sample"), 90).sum() for scale in (2, 4))
    assert twice == pytest.approx(4 * once, rel=0.25)
    look.set_presenter(True)
    assert near(rgb(stage, 2), look.colour("sample"), 90).sum() == pytest.approx(1.5**2 * once, rel=0.3)


def test_zoom_about_the_pointer_and_back(stage: Stage, qtbot: QtBot) -> None:
    place = QPointF(250, 150)
    with qtbot.waitSignal(stage.box_changed) as told:
        for _ in range(3):
            event = QWheelEvent(
                place, stage.mapToGlobal(place), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(stage.viewport(), event)
    assert told.args == [pytest.approx(stage.box())]
    assert stage.box()[1] - stage.box()[0] == pytest.approx(8 / 1.2**3)
    assert stage.to_model(place) == pytest.approx((1, 1))
    QTest.keyClick(stage, Qt.Key.Key_A)
    assert stage.box() == pytest.approx((-4, 4, -4, 4))


def test_drag_pans_unless_the_panel_claims_it(stage: Stage, qtbot: QtBot) -> None:
    view, left = stage.viewport(), Qt.MouseButton.LeftButton
    heard: list[tuple[str, float, float]] = []
    for name in ("pressed", "dragged", "released"):
        getattr(stage, name).connect(lambda x, y, name=name: heard.append((name, x, y)))
    QTest.mousePress(view, left, pos=QPoint(200, 200))
    QTest.mouseMove(view, QPoint(250, 200))
    QTest.mouseRelease(view, left, pos=QPoint(250, 200))
    assert stage.box() == pytest.approx((-5, 3, -4, 4))
    assert heard == []
    stage.fit()
    stage.set_claim(lambda x, y: x > 0)
    QTest.mousePress(view, left, pos=QPoint(250, 200))
    QTest.mouseMove(view, QPoint(300, 200))
    QTest.mouseRelease(view, left, pos=QPoint(300, 150))
    assert stage.box() == pytest.approx((-4, 4, -4, 4))
    assert [name for name, _, _ in heard] == ["pressed", "dragged", "released"]
    assert np.array([place for _, *place in heard]) == pytest.approx(np.array([(1, 0), (2, 0), (2, 1)]))


def test_double_click_shows_the_whole(stage: Stage, qtbot: QtBot) -> None:
    QTest.keyClick(stage, Qt.Key.Key_Plus)
    assert stage.box()[1] < 3.5
    QTest.mouseDClick(stage.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert stage.box() == pytest.approx((-4, 4, -4, 4))


def test_hidden_layers_ask_for_nothing(stage: Stage, qtbot: QtBot) -> None:
    assert stage.visible_ids() == ("data", "samples")
    assert [ask.key for ask in stage.asks(64, 0.5)] == ["data", "samples"]
    with qtbot.waitSignal(stage.layers_changed):
        stage.show_layer("samples", False)
    stage.show_layer("velocity", True)
    stage.show_layer("exact", True)
    stage.show_layer("error", True)
    asks = {ask.key: ask for ask in stage.asks(32, 0.5)}
    assert set(asks) == {"data", "velocity", "velocity:exact", "velocity:error"}
    assert asks["velocity"] == Ask("velocity", box=stage.box(), resolution=32, t=0.5)


def test_paths_and_samples_share_one_film(stage: Stage) -> None:
    stage.show_layer("paths", True)
    assert [ask.key for ask in stage.asks(64, 1)] == ["samples", "data"]
    stage.accept(Picture(Ask("samples"), 0, {"frames": film(50, 9)}))
    assert {layer.id: layer.frame_count for layer in stage.layers if layer.frame_count} == {
        "paths": 9,
        "samples": 9,
    }


def test_scrubbing_both_ways(stage: Stage) -> None:
    frames = film(100, 5)
    layer = stage.layer("samples")
    assert isinstance(layer, SamplesLayer)
    stage.accept(Picture(Ask("samples"), 0, {"frames": frames}))
    for index in (4, 2, 0, 3):
        stage.set_frame(index)
        assert np.array_equal(layer.points(), frames[index])  # type: ignore[arg-type]
    stage.accept(Picture(Ask("samples"), 1, {"frames": frames + 1}))
    assert layer.frame == 3  # the next training step's film stays where the person is looking
    stage.set_frame(99)
    assert layer.frame == 4


def test_a_film_streams_in(stage: Stage) -> None:
    layer = stage.layer("samples")
    assert isinstance(layer, SamplesLayer)
    frames = film(10, 3)
    for frame in frames:
        layer.append(frame)
    assert layer.frame == 2
    stage.set_frame(0)
    layer.append(frames[0])
    assert (layer.frame, layer.frame_count) == (0, 4)


def test_pointer_replays_the_grid(stage: Stage, qtbot: QtBot) -> None:
    fill(stage)
    stage.show_layer("grid", True)
    grid = stage.layer("grid")
    assert isinstance(grid, GridLayer)
    end = grid.lines()
    QTest.mouseMove(stage.viewport(), QPoint(100, 50))
    assert grid.fraction == pytest.approx(0.25)
    assert np.abs(grid.lines()).max() > np.abs(end).max()  # type: ignore[arg-type]
    grid.hover(None)
    assert np.array_equal(grid.lines(), end)  # type: ignore[arg-type]


def test_exact_forgets_what_is_no_longer_shown(stage: Stage) -> None:
    exact = stage.layer("exact")
    assert isinstance(exact, ExactLayer)
    for name in ("density", "velocity", "exact"):
        stage.show_layer(name, True)
    stage.asks(64, 1)
    fill(stage)
    assert exact.has_content()
    stage.show_layer("density", False)
    stage.show_layer("velocity", False)
    stage.show_layer("critic", True)
    stage.asks(64, 1)
    assert not exact.has_content()


def test_asking_changes_no_layer(stage: Stage) -> None:
    for name in ("density", "velocity", "exact", "error"):
        stage.show_layer(name, True)
    fill(stage)
    for layer in (stage.layer("exact"), stage.layer("error")):
        held = {name: value for name, value in vars(layer).items() if name != "_kept"}
        layer.wishes(stage.box(), 64, 0.5, ("critic",))
        assert {name: value for name, value in vars(layer).items() if name != "_kept"} == held
        assert layer.has_content()


def test_every_layer_paints_in_both_themes(stage: Stage, look: Theme) -> None:
    fill(stage)
    for name in ("data", "samples"):
        stage.show_layer(name, False)
    stage.set_legend(False)
    for preference in ("dark", "light"):
        look.set_preference(preference)
        empty = rgb(stage)
        assert near(empty, look.colour("stage"), 3).mean() > 0.95
        for layer in stage.layers:
            stage.show_layer(layer.id, True)
            assert (np.abs(rgb(stage) - empty).max(axis=-1) > 8).sum() > 100, (preference, layer.id)
            stage.show_layer(layer.id, False)


def test_classes_have_their_own_colours(stage: Stage, look: Theme) -> None:
    points, labels = np.array([[-1.0, 0.0], [1.0, 0.0]]), np.array([0, 1])
    layer = stage.layer("data")
    assert isinstance(layer, DataLayer)
    layer.set_points(points, labels)
    layer.diameter, layer.opacity = 12.0, 1.0
    layer.set_by_class(True)
    picture = rgb(stage)
    for point, label in zip(points, labels, strict=True):
        at = stage.to_pixel(*point)
        shown = picture[int(at.y()), int(at.x())]
        wanted = look.class_colour(int(label))
        assert shown.tolist() == [wanted.red(), wanted.green(), wanted.blue()]


def test_message_only_while_empty(stage: Stage) -> None:
    bare = rgb(stage)
    stage.set_message("Choose a data set and press Play.")
    told = rgb(stage)
    assert (told != bare).any()
    stage.layer("data").accept(Picture(Ask("data"), 0, {"points": np.array([[9.0, 9.0]])}))
    assert np.array_equal(rgb(stage), bare)


def test_overlay_and_ticks(stage: Stage, look: Theme) -> None:
    bare = rgb(stage)
    stage.set_overlay("path time t", "0.82", "σ = 0.20")
    card = np.argwhere((rgb(stage) != bare).any(axis=-1))
    assert card.min(axis=0).tolist() == [14, 14]
    assert (card.max(axis=0) < [80, 220]).all()
    stage.set_overlay("")
    assert np.array_equal(rgb(stage), bare)
    stage.set_ticks(True)
    assert (rgb(stage) != bare).any()


def test_nice_ticks() -> None:
    assert nice_ticks(-4, 4) == [-4, -3, -2, -1, 0, 1, 2, 3, 4]
    assert nice_ticks(0, 0.33) == pytest.approx([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3])


def test_still_layers_are_not_drawn_again(stage: Stage, qtbot: QtBot) -> None:
    fill(stage)
    for name in ("density", "velocity"):
        stage.show_layer(name, True)
    stage.viewport().repaint()
    kept = {name: stage.layer(name)._kept for name in ("density", "velocity", "data", "samples")}
    stage.set_frame(3)
    stage.viewport().repaint()
    again = {name: stage.layer(name)._kept is kept[name] for name in kept}
    assert again == {"density": True, "velocity": True, "data": True, "samples": False}


def test_merging_resting_layers_changes_no_colour(stage: Stage) -> None:
    fill(stage)
    for layer in stage.layers:
        stage.show_layer(layer.id, True)
    stage.asks(64, 1)
    fill(stage)
    stage.set_frame(7)
    alone = rgb(stage)
    rgb(stage)
    merged = rgb(stage)
    assert np.abs(merged - alone).max() <= 2
    stage.set_frame(3)
    moved = rgb(stage)
    assert (np.abs(moved - alone).max(axis=-1) > 8).sum() > 100
    stage.set_frame(7)
    assert np.abs(rgb(stage) - alone).max() <= 2
