"""Another program's denoiser of points in the Trajectories panel, filmed by the real worker beside the studio's run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from pytestqt.qtbot import QtBot

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.gui.panels.checkpoints.running import YOURS
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from dgm_studio.gui.panels.trajectories.subject import NO_DATA
from tests.gui.layout_contract import check_layout
from tests.gui.panels.conftest import PATIENCE, Opened
from tests.lab.checkpoints.test_foreign_points import CENTRE, straight_to
from tests.lab.recipes import small

SEEN = ("samples", "paths", "clean", "probe", "brush")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A perceptron whose field is centre - x exactly."""
    path = tmp_path_factory.mktemp("guest") / "to-a-point.pt"
    torch.save(straight_to(CENTRE), path)
    return path


@pytest.fixture
def panel(opened: Opened) -> TrajectoriesPanel:
    """In front of a tiny run; its views are off: they are not what is looked at here."""
    made = opened(TrajectoriesPanel, small("diffusion", DataSpec("eight-gaussians", {}, 60)), 1)
    assert isinstance(made, TrajectoriesPanel)
    for name in ("density", "velocity"):
        made.film_mode.show_layer(name, False)
    return made


def settle(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(panel.settled, timeout=PATIENCE)


def test_a_guest_is_filmed_and_the_run_comes_back(panel: TrajectoriesPanel, file: Path, qtbot: QtBot) -> None:
    panel.look(str(file), {"activation": "relu", "prediction": "x0-eps"})
    settle(panel, qtbot)
    rows = panel.film_mode.inputs.guest.rows
    assert {rows[name].badge.full_text() for name in ("activation", "prediction")} == {YOURS}
    assert rows["told"].badge.full_text() == "assumed"
    film = panel.film_mode.lane.film()
    assert film.x.shape == (len(film.t), 2_000, 2)

    # Scrubbed, it shows the film's own points and predicted clean points: all of them the centre at the start.
    panel.film_mode.seek(0)
    assert np.array_equal(panel.film_mode.particles.points(), film.x[0])
    np.testing.assert_allclose(panel.film_mode.clean.points(), np.broadcast_to(CENTRE.numpy(), (2_000, 2)), atol=1e-4)
    low_x, high_x, low_y, high_y = panel.film_mode.stage.home
    for points in (film.x[0], film.x[-1]):
        inside = (points > (low_x, low_y)) & (points < (high_x, high_y))
        assert inside.all(axis=1).mean() > 0.95

    # What it does not have is greyed with the reason.
    chips = panel.film_mode.chips.chips
    assert [name for name in chips if chips[name].isEnabled()] == [name for name in chips if name in SEEN]
    assert NO_DATA in chips["data"].toolTip()
    assert "no velocity field" in chips["velocity"].toolTip()
    assert not panel.film_mode.numbers.distances.isVisible()
    assert file.name in panel.subtitle.full_text()
    assert panel.film_mode.inputs.back.isVisible()

    # The start point is the guest's: Euler's product of its own steps.
    assert panel.film_mode.inputs.sampling is not None
    panel.film_mode.inputs.sampling_wanted.emit("solver", "euler")
    panel.film_mode.inputs.sampling_wanted.emit("steps", 10)
    panel.film_mode.inputs.setting_wanted.emit("count", 50)
    panel.film_mode.inputs.setting_wanted.emit("seed", 3)
    qtbot.waitUntil(lambda: panel.settled() and len(panel.film_mode.lane.frames) == 11, timeout=PATIENCE)
    film, centre = panel.film_mode.lane.film(), CENTRE.numpy()
    assert film.x.shape == (11, 50, 2)
    np.testing.assert_allclose(film.x[-1], centre + (film.x[0] - centre) * 0.9**10, atol=1e-4)
    start = np.array(panel.film_mode.probe.start)
    np.testing.assert_allclose(panel.film_mode.probe.layer.path[-1], centre + (start - centre) * 0.9**10, atol=1e-4)
    for size in ((1364, 900), (1204, 720)):
        panel.resize(*size)
        qtbot.wait(30)
        assert not check_layout(panel)

    panel.film_mode.inputs.back.click()
    settle(panel, qtbot)
    assert panel.film_mode.guests.now is None
    assert chips["velocity"].isEnabled()
    assert panel.film_mode.numbers.distances.isVisible()
    assert not panel.film_mode.inputs.back.isVisible()
    assert panel.film_mode.inputs.where.full_text() == "on Eight Gaussians, as of step 1"


def test_a_setting_is_chosen_otherwise_in_place(panel: TrajectoriesPanel, file: Path, qtbot: QtBot) -> None:
    panel.look(str(file), {"activation": "relu", "prediction": "x0-eps"})
    settle(panel, qtbot)
    ahead = panel.film_mode.lane.film()
    panel.film_mode.inputs.guest.rows["prediction"].chosen.emit("eps-x0")
    qtbot.waitUntil(lambda: panel.settled() and not panel.film_mode.guests.opening, timeout=PATIENCE)
    assert panel.film_mode.guests.now is not None
    assert panel.film_mode.guests.now.choice["prediction"] == "eps-x0"
    back = panel.film_mode.lane.film()
    assert np.array_equal(back.x[0], ahead.x[0])
    away = np.abs(back.x[-1] - CENTRE.numpy()).mean() / np.abs(back.x[0] - CENTRE.numpy()).mean()
    assert away == pytest.approx(np.e, rel=0.05), "the field turned round leads away, by e in the time from 0 to 1"

    panel.film_mode.guests.choose("activation", "swish")
    qtbot.waitUntil(lambda: panel.banner.isVisible() and panel.settled(), timeout=PATIENCE)
    assert "swish" in panel.banner.sentence.text()
    assert panel.film_mode.guests.now is not None
    assert panel.film_mode.guests.now.choice["activation"] == "relu", "what cannot be built leaves all as it was"
    assert np.array_equal(panel.film_mode.lane.film().x, back.x)


def test_what_makes_no_points_goes_where_it_can_be_seen(
    panel: TrajectoriesPanel, file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    other = tmp_path / "classifier.pt"
    torch.save({"0.weight": torch.zeros(10, 784), "0.bias": torch.zeros(10)}, other)
    with qtbot.waitSignal(panel.look_wanted, timeout=PATIENCE) as wanted:
        assert panel.drop(str(other))
    assert wanted.args == ["checkpoints", str(other), {}]
    assert not panel.film_mode.inputs.back.isVisible(), "the run is back"
    assert not panel.drop(str(tmp_path / "points.csv")), "data are the studio's"
    panel.look(str(other), {})  # sent here by hand, it says why
    qtbot.waitUntil(lambda: panel.banner.isVisible() and panel.settled(), timeout=PATIENCE)
    assert panel.film_mode.inputs.where.full_text().startswith("on Eight Gaussians")
    assert panel.drop(str(file))
    settle(panel, qtbot)
    assert panel.film_mode.guests.now is not None
    assert panel.film_mode.inputs.model.full_text() == file.name
