"""Further views of a film in the Film mode: what is coloured, brushed, drawn and said is what the film holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.gui.layers.guidance import GuidanceLayer
from dgm_studio.gui.layers.step_arrows import StepLayer
from dgm_studio.gui.panels.trajectories.film_mode import FilmMode
from dgm_studio.gui.panels.trajectories.film_views import NO_NOISE, no_guidance
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from dgm_studio.gui.panels.trajectories.twin import NOT_FORWARD
from tests.gui.panels.conftest import PATIENCE, Opened
from tests.lab.recipes import small

DATA = DataSpec("eight-gaussians", {}, 300)


@pytest.fixture
def film(opened: Opened, qtbot: QtBot) -> FilmMode:
    """A tiny diffusion's film of 60 particles by a solver with noise, settled."""
    return filmed(opened, qtbot)


def filmed(opened: Opened, qtbot: QtBot, **knobs: int) -> FilmMode:
    panel = opened(TrajectoriesPanel, small("diffusion", DATA, solver="euler-maruyama", **knobs))
    assert isinstance(panel, TrajectoriesPanel)
    panel.film_mode.inputs.setting_wanted.emit("count", 60)
    settle(panel.film_mode, qtbot)
    return panel.film_mode


def settle(film: FilmMode, qtbot: QtBot) -> None:
    qtbot.waitUntil(film.settled, timeout=PATIENCE)


def brush(film: FilmMode, low: tuple[float, float], high: tuple[float, float]) -> None:
    """Shift and drag."""
    view, held = film.stage.viewport(), Qt.KeyboardModifier.ShiftModifier
    first, last = film.stage.to_pixel(*low).toPoint(), film.stage.to_pixel(*high).toPoint()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, held, first)
    QTest.mouseMove(view, last)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, held, last)


def test_a_brushed_set_is_followed_while_the_others_fade(film: FilmMode, qtbot: QtBot) -> None:
    film.seek(2)
    x, home = film.lane.frames[2].x, film.stage.box()
    brush(film, (-0.5, -3.0), (2.0, 3.0))
    inside = (x[:, 0] > -0.5) & (x[:, 0] < 2.0) & (np.abs(x[:, 1]) < 3)
    followed = film.views.brush.followed
    assert followed is not None
    assert (followed != inside).sum() <= 2, "up to a pixel"
    assert 0 < followed.sum() < 60
    assert film.particles.followed is followed
    assert film.stage.box() == home, "the stage was not panned"
    settle(film, qtbot)
    said = film.numbers.views.parts["Followed"][1].items()
    assert said["Particles"] == f"{followed.sum()} of 60"
    assert any(key.startswith("End at mode ") and value.endswith("%") for key, value in said.items())
    film.restart()
    settle(film, qtbot)
    assert film.particles.followed is followed, "another film of the same noise has the same particles"
    film.show_layer("brush", False)
    assert film.particles.followed is None
    film.show_layer("brush", True)
    brush(film, (0.0, 0.0), (0.0, 0.0))
    assert film.views.brush.followed is None, "a click lets go"


def test_guidance_follows_the_knob_before_the_film_does(opened: Opened, qtbot: QtBot) -> None:
    film = filmed(opened, qtbot, classes=8)
    layer = film.stage.layer("guidance")
    assert isinstance(layer, GuidanceLayer)
    film.inputs.sampling_wanted.emit("label", 3)
    film.show_layer("guidance", True)
    settle(film, qtbot)
    assert (layer.label, layer.gamma) == (3, 1.0)
    film.seek(2)
    settle(film, qtbot)
    guided, told, free = layer.arrows()
    assert np.allclose(guided, told, atol=1e-6)
    film.inputs.sampling_wanted.emit("guidance", 3.0)
    assert np.allclose(layer.arrows()[0], free + 3 * (told - free)), "at once"
    subject = film.shooting.subject()
    assert subject is not None
    assert no_guidance(subject) == ""
    assert "not told classes" in no_guidance(replace(subject, knobs=()))


def test_colours_follow_what_is_chosen(film: FilmMode, qtbot: QtBot) -> None:
    for kind, title in (("origin", "angle of the start"), ("mode", "mode at the end"), ("time", "path time t")):
        film.inputs.setting_wanted.emit("colour", kind)
        settle(film, qtbot)
        assert film.particles.colouring is not None
        assert film.particles.colouring.scale[0] == title
        assert film.ways.colouring is film.particles.colouring
        if kind == "mode":
            means = film.studio.catalogue is not None and 2 * np.exp(1j * np.pi * np.arange(8) / 4)
            end = film.lane.frames[-1].x
            nearest = np.abs((end[:, 0] + 1j * end[:, 1])[:, None] - means).argmin(axis=1)
            which = film.particles.colouring.which
            assert which is not None
            assert len(set(zip(nearest.tolist(), which.tolist(), strict=True))) == len(set(nearest.tolist()))
    assert film.session()["colour"] == "time"
    film.inputs.setting_wanted.emit("colour", "plain")
    assert film.particles.colouring is None


def test_drift_noise_and_the_exact_path_are_those_of_the_film(film: FilmMode, qtbot: QtBot) -> None:
    assert "built without classes" in film.chips.chips["guidance"].toolTip()
    for name in ("drift", "noise", "gap", "contour"):
        assert film.chips.chips[name].isEnabled(), name
        film.show_layer(name, True)
    settle(film, qtbot)
    film.seek(3)
    settle(film, qtbot)
    drift, frames = film.stage.layer("drift"), film.lane.frames
    assert isinstance(drift, StepLayer)
    parts = drift.parts()
    assert parts is not None
    assert np.allclose(parts.x + parts.drift + parts.noise, frames[4].x, atol=1e-6)
    assert frames[3].drift is not None
    assert np.array_equal(parts.drift, frames[3].drift)
    lengths = film.numbers.views.parts["Step"][1].items()
    assert float(lengths["Mean noise"]) == pytest.approx(np.linalg.norm(parts.noise, axis=1).mean(), rel=0.01)
    twin = film.views.twin.lane.frames
    assert np.array_equal(twin[0].x, frames[0].x), "the same start noise"
    rms = np.sqrt(((twin[-1].x - frames[-1].x) ** 2).sum(axis=1).mean())
    said = film.numbers.views.parts["Path error"][1].items()
    assert float(said["rms at the end"]) == pytest.approx(rms, rel=0.01)
    assert film.stage.layer("contour").has_content()

    # Without noise the exact path is the exact probability flow: along the exact field itself only the solver errs.
    film.inputs.sampling_wanted.emit("solver", "rk4")
    film.inputs.setting_wanted.emit("field", "exact")
    film.inputs.sampling_wanted.emit("steps", 60)
    settle(film, qtbot)
    assert film.chips.chips["noise"].toolTip() == NO_NOISE
    rough = float(film.numbers.views.parts["Path error"][1].items()["rms at the end"])
    assert rough < 0.02
    film.inputs.setting_wanted.emit("direction", "forward")
    settle(film, qtbot)
    assert film.chips.chips["gap"].toolTip() == NOT_FORWARD
