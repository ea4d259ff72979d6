"""The Likelihood mode with real widgets and a real worker: what is plotted is what the worker found."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.likelihood import GAUSSIAN, LikelihoodReport
from dgm_studio.core.recipe import Recipe
from dgm_studio.gui.panels.trajectories.likelihood_mode import LikelihoodMode
from dgm_studio.gui.panels.trajectories.likelihood_settings import Settings
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from tests.gui.layout_contract import check_layout
from tests.gui.panels.conftest import PATIENCE, Opened
from tests.lab.recipes import small

DATA = DataSpec("eight-gaussians", {}, 100)


def shown(
    opened: Opened, family: str, qtbot: QtBot, data: DataSpec = DATA, *, maps: bool = False
) -> tuple[TrajectoriesPanel, LikelihoodMode]:
    """The mode in front of a tiny run, settled."""
    panel = opened(TrajectoriesPanel, small(family, data), 1)
    assert isinstance(panel, TrajectoriesPanel)
    mode = panel.mode_of("likelihood")
    assert isinstance(mode, LikelihoodMode)
    mode.settings = Settings(solve_steps=8)
    mode.show_layer("density", maps)
    panel.show_mode("likelihood")
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    return panel, mode


def learn(panel: TrajectoriesPanel, recipe: Recipe, qtbot: QtBot) -> None:
    """Another run, while the mode is in front."""
    with qtbot.waitSignal(panel.studio.run.opened, timeout=PATIENCE):
        panel.studio.run.train(recipe)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)


def told(mode: LikelihoodMode) -> LikelihoodReport:
    assert mode.lane.report is not None
    return mode.lane.report


def test_a_dragged_point_is_weighed_where_it_is_dropped(opened: Opened, qtbot: QtBot) -> None:
    panel, mode = shown(opened, "diffusion", qtbot, maps=True)
    view = mode.stage.viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=mode.stage.to_pixel(*mode.handle.start).toPoint())
    for place in ((0.0, 0.5), (1.0, 1.0)):
        QTest.mouseMove(view, mode.stage.to_pixel(*place).toPoint())
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=mode.stage.to_pixel(1.0, 1.0).toPoint())
    assert mode.handle.start == pytest.approx((1.0, 1.0), abs=0.05)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    report = told(mode)
    np.testing.assert_allclose(report.x[-1], mode.handle.start)
    np.testing.assert_allclose(mode.handle.layer.path, report.x)
    assert len(report.t) == 9
    assert report.error is not None

    # Both plots hold the worker's arrays; the closed form is there, and the band is one estimate's spread.
    course, rates = (card.shown for card in mode.plots)
    assert course is not None
    assert rates is not None
    lines = {one.name: one for one in course.lines}
    np.testing.assert_array_equal(lines["exact trace"].y, report.log_p)
    assert report.known is not None
    np.testing.assert_array_equal(lines["closed form"].y, report.known)
    np.testing.assert_array_equal({one.name: one for one in rates.lines}["exact trace"].y, report.divergence)
    band = lines["Hutchinson ± sd"].band
    assert band is not None
    np.testing.assert_allclose(band[1] - band[0], 2 * report.hutchinson["rademacher"].log_p_spread)

    # Another law of probes has been drawn already: only the plots change.
    mode.inputs.setting_wanted.emit("law", GAUSSIAN)
    assert told(mode) is report
    course = mode.plots[0].shown
    assert course is not None
    np.testing.assert_array_equal(course.lines[0].y, report.hutchinson[GAUSSIAN].log_p)

    # Scrubbed, the numbers and the map are of that moment.
    mode.scrub("way", 4.0)
    assert mode.time == report.t[4]
    assert all(ask.t == report.t[4] for ask in mode.asks() if ask.view == "density")
    said = mode.numbers.here.items()["log p there"].removesuffix(" nats")
    assert float(said) == pytest.approx(report.log_p[4], abs=1e-3)
    assert panel.transport.tracks["way"].note.startswith(f"t = {report.t[4]:.2f}")
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert mode.numbers.map.items()["Path time t"] == f"{report.t[4]:.2f}"
    check_layout(panel)
    film = mode.film_source()
    assert film is not None
    np.testing.assert_array_equal(film.film().x[:, 0], report.x)
    assert (film.frames, film.index) == (9, 4)


def test_other_models_are_weighed_each_in_its_kind(opened: Opened, qtbot: QtBot) -> None:
    panel, mode = shown(opened, "diffusion", qtbot)
    keys = [key for key, _ in mode._sources()]
    for key in (keys[1], next(one for one in keys if one.startswith("exact:straight:"))):
        mode.settings = Settings(solve_steps=24)
        mode.inputs.source_wanted.emit(key)
        qtbot.waitUntil(panel.settled, timeout=PATIENCE)
        report = told(mode)
        assert report.known_value is not None
        assert report.value == pytest.approx(report.known_value, abs=0.2)
        assert "exact" in mode.subtitle()
    mode.inputs.source_wanted.emit(keys[0])
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert told(mode).value != pytest.approx(report.known_value, abs=0.2)

    # Of a flow of layers nothing is solved: each adds its log-determinant.
    learn(panel, small("realnvp", DATA), qtbot)
    report = told(mode)
    assert report.changes is not None
    bars = mode.plots[1].shown
    assert bars is not None
    np.testing.assert_allclose(bars.bars[0].heights[::2], report.changes)
    assert not mode.inputs.solve.rows["solve_steps"].isEnabled()
    mode.go(0.0)
    assert panel.transport.tracks["way"].note.startswith("after 0 layers")
    assert all(ask.t == 1.0 for ask in mode.asks())

    # A model that only samples says so.
    learn(panel, small("gan", DATA), qtbot)
    assert "it only samples" in panel.banner.sentence.text()
    assert not mode.chips.chips["probe"].isEnabled()
    assert mode.lane.report is None
    assert mode.below.isHidden()


def test_on_a_line_the_point_stays_on_the_axis_and_a_session_keeps_it(opened: Opened, qtbot: QtBot) -> None:
    panel, mode = shown(opened, "diffusion", qtbot, DataSpec("two-gaussians-1d", {}, 100))
    mode.handle.move((0.8, 0.7))
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert mode.handle.start == (0.8, 0.0)
    assert told(mode).x.shape == (9, 1)
    held = panel.session()
    assert held["likelihood"]["point"] == [0.8, 0.0]
    mode.handle.start, mode.settings = (0.0, 0.0), Settings()
    panel.restore(held)
    assert mode.handle.start == (0.8, 0.0)
    assert mode.settings.solve_steps == 8
