"""Edit and branch with real widgets and a real worker: the frames so far, a new future, the old one a click away."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.gui.layers.branch import BranchLayer
from dgm_studio.gui.layers.over_time import OldOverTime
from dgm_studio.gui.panels.trajectories.branch_card import BranchCard
from dgm_studio.gui.panels.trajectories.branching import ENDED, FORWARD, NO_OLD
from dgm_studio.gui.panels.trajectories.film_mode import FilmMode
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from tests.gui.layout_contract import check_layout
from tests.gui.panels.conftest import PATIENCE, Opened
from tests.lab.recipes import small

DATA = DataSpec("eight-gaussians", {}, 200)
STEPS, AT = 6, 2


@pytest.fixture
def panel(opened: Opened, qtbot: QtBot) -> TrajectoriesPanel:
    """On frame AT of a film of 60 particles by Heun's method, its views off: they are not what is looked at here."""
    made = opened(TrajectoriesPanel, small("diffusion", DATA, solver="heun"), 1)
    assert isinstance(made, TrajectoriesPanel)
    for name in ("density", "velocity"):
        made.film_mode.show_layer(name, False)
    made.film_mode.inputs.setting_wanted.emit("count", 60)
    qtbot.waitUntil(lambda: made.settled() and len(made.film_mode.lane.frames[0].x) == 60, timeout=PATIENCE)
    made.film_mode.seek(AT)
    return made


def go_on(mode: FilmMode, qtbot: QtBot) -> None:
    """By the button; then until the branch has been played to its end."""
    card, branches = mode.inputs.branch, len(mode.branching.takes)
    assert card.go_on.isVisible()
    card.go_on.click()
    assert len(mode.branching.takes) == max(2, branches + 1)
    qtbot.waitUntil(mode.settled, timeout=PATIENCE)


def drag(mode: FilmMode, particle: int, by: tuple[int, int]) -> None:
    """With the mouse, in pixels."""
    x, y = mode.particles.points()[particle]
    at, view = mode.stage.to_pixel(float(x), float(y)).toPoint(), mode.stage.viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(view, at + QPoint(*by))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at + QPoint(*by))


def lonely(mode: FilmMode) -> int:
    """A particle with no other near it, away from the probe's handle."""
    points = mode.particles.points()
    apart = np.linalg.norm(points[:, None] - points[None], axis=2) + 9 * np.eye(len(points))
    apart = np.minimum(apart.min(axis=1), np.linalg.norm(points - mode.probe.start, axis=1))
    return int(np.where(np.abs(points).max(axis=1) < 3, apart, 0).argmax())


def test_a_particle_is_dragged_and_goes_another_way(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    mode, film = panel.film_mode, panel.film_mode.lane.film()
    card, layer, chip = mode.inputs.branch, mode.stage.layer("branch"), mode.chips.chips["branch"]
    assert isinstance(card, BranchCard)
    assert isinstance(layer, BranchLayer)
    assert (chip.isEnabled(), chip.toolTip()) == (False, NO_OLD)
    card.edit.click()
    assert card.what.full_text().startswith(f"Frame {AT + 1}, t = ")
    moved = lonely(mode)
    drag(mode, moved, (60, -40))
    assert mode.branching.editing.moved().tolist() == [moved]
    assert "1 particle moved" in card.what.full_text()
    assert check_layout(panel) == []
    card.undo.click()
    assert not card.undo.isEnabled()
    drag(mode, moved, (60, -40))
    edited = mode.particles.points()[moved].copy()
    assert not np.array_equal(edited, film.x[AT, moved])
    go_on(mode, qtbot)

    branch = mode.lane.film()
    assert branch.x.shape == film.x.shape
    np.testing.assert_allclose(branch.t, film.t, atol=1e-6)
    np.testing.assert_array_equal(branch.x[:AT], film.x[:AT])
    np.testing.assert_array_equal(branch.x[AT, moved], edited)
    others = np.arange(60) != moved
    np.testing.assert_allclose(branch.x[-1, others], film.x[-1, others], atol=1e-5)
    assert not np.allclose(branch.x[-1, moved], film.x[-1, moved], atol=1e-2)
    assert branch.evaluations[-1] == film.evaluations[-1] + 1, "the field at the frame that was left is asked for again"
    assert mode.player.index == STEPS

    # The old future stays, at the time that is shown.
    assert chip.isEnabled()
    for index in (AT, STEPS - 1):
        mode.seek(index)
        place = layer.old_place()
        assert place is not None
        np.testing.assert_array_equal(place, film.x[index, [moved]])
    mode.seek(AT - 1)
    assert layer.old_place() is None

    # One click back, one click forth, each at the time that is shown; the worker shows each film's own model.
    assert [button.text() for button in card.buttons] == ["Film", "Branch 1"]
    assert card.note.full_text() == f"Leaves film at t = {film.t[AT]:.2f}: 1 particle moved."
    card.buttons[0].click()
    assert (mode.lane.name, mode.player.index) == ("film", AT - 1)
    np.testing.assert_array_equal(mode.lane.film().x, film.x)
    card.buttons[1].click()
    np.testing.assert_array_equal(mode.lane.film().x, branch.x)
    np.testing.assert_array_equal(mode.particles.points(), branch.x[AT - 1])
    mode.show_layer("velocity", True)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    assert check_layout(panel) == []

    panel.restart()
    assert mode.branching.takes == []
    assert not chip.isEnabled()
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    np.testing.assert_array_equal(mode.lane.film().x, film.x)


def test_noise_for_those_that_are_brushed_and_another_solver(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    mode, film = panel.film_mode, panel.film_mode.lane.film()
    card = mode.inputs.branch
    mode.views.brush.follow(np.arange(60) < 20)
    card.edit.click()
    card.noise_wanted.emit(0.5)
    shift = (mode.branching.editing.x - film.x[AT])[:20]
    assert mode.branching.editing.moved().tolist() == list(range(20))
    assert abs(shift.std() - 0.5) < 0.15
    card.noise_wanted.emit(0.5)
    assert mode.branching.editing.noise == pytest.approx(0.5**0.5)
    card.leave.click()
    np.testing.assert_array_equal(mode.particles.points(), film.x[AT])

    # Knobs that are turned while a frame is edited are the branch's: the film is not made again.
    card.edit.click()
    mode.inputs.sampling_wanted.emit("solver", "euler-maruyama")
    mode.inputs.setting_wanted.emit("field", "exact")
    assert not mode._soon.isActive()
    go_on(mode, qtbot)
    assert mode.shooting.shot is not None
    assert (mode.shooting.shot.sampling["solver"], mode.shooting.shot.exact) == ("euler-maruyama", True)
    assert "along the exact field" in card.note.full_text()
    assert "solver euler-maruyama" in card.note.full_text()
    assert mode.particles.tint == "exact"
    card.buttons[0].click()
    assert mode.inputs.sampling is not None
    assert mode.inputs.sampling.values()["solver"] == "heun"
    assert mode.inputs.again.property("kind") == "plain", "what is set is what the film was made with"
    assert mode.shooting.settings.field == "learned"


def test_what_cannot_be_branched_says_why(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    mode, card = panel.film_mode, panel.film_mode.inputs.branch
    mode.go(1.0)
    assert (card.edit.isEnabled(), card.edit.toolTip()) == (False, ENDED)
    mode.inputs.setting_wanted.emit("direction", "forward")
    qtbot.waitUntil(
        lambda: bool(mode.shooting.shot and mode.shooting.shot.forward) and mode.lane.whole, timeout=PATIENCE
    )
    mode.seek(1)
    assert (card.edit.isEnabled(), card.edit.toolTip()) == (False, FORWARD)

    # A branch that the worker refuses leaves the film as it was.
    mode.inputs.setting_wanted.emit("direction", "reverse")
    qtbot.waitUntil(lambda: bool(mode.shooting.shot and not mode.shooting.shot.forward), timeout=PATIENCE)
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)
    before = mode.lane.film().x
    mode.seek(AT)
    card.edit.click()
    mode.branching.editing.x = mode.branching.editing.x[:, :1]
    card.go_on.click()
    qtbot.waitUntil(panel.banner.isVisible, timeout=PATIENCE)
    assert "data have shape" in panel.banner.sentence.full_text()
    assert (mode.branching.takes, mode.lane.name, mode.player.index) == ([], "film", AT)
    np.testing.assert_array_equal(mode.lane.film().x, before)


def test_on_a_line_the_old_future_is_in_space_and_time(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    mode, card = panel.film_mode, panel.film_mode.inputs.branch
    mode.run.train(small("diffusion", DataSpec("two-gaussians-1d", {}, 100), solver="heun"), steps=1)
    qtbot.waitUntil(lambda: mode.shooting.on_line and mode.run.step == 1, timeout=PATIENCE)
    assert mode.space_time.on, "though the stage still showed the plane"
    qtbot.waitUntil(lambda: panel.settled() and mode.lane.frames[0].x.shape[1] == 1, timeout=PATIENCE)
    film = mode.lane.film()
    mode.seek(AT)
    card.edit.click()
    assert "nothing is dragged" in card.help.full_text()
    card.noise_wanted.emit(0.4)
    go_on(mode, qtbot)
    layer = mode.space_time.stage.layer("branch")
    assert isinstance(layer, OldOverTime)
    np.testing.assert_allclose(layer.old[:, :, 0], np.broadcast_to(film.t[AT:], (60, STEPS + 1 - AT)), atol=1e-6)
    np.testing.assert_array_equal(layer.old[:, :, 1], film.x[AT:, :, 0].T)
    assert mode.chips.chips["branch"].isVisible()
    card.buttons[0].click()
    assert not layer.has_content(), "the film has left nothing"


def test_a_model_without_a_middle_is_greyed(opened: Opened, qtbot: QtBot) -> None:
    made = opened(TrajectoriesPanel, small("gan", DATA), 1)
    assert isinstance(made, TrajectoriesPanel)
    qtbot.waitUntil(made.settled, timeout=PATIENCE)
    card = made.film_mode.inputs.branch
    assert not card.edit.isEnabled()
    assert "no middle of a path" in card.edit.toolTip()
