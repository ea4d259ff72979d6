"""Compare with real widgets and a real worker: films side by side are what the worker makes, over one clock."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.panels.trajectories.compare_lineup import EXACT_OF_RUN
from dgm_studio.gui.panels.trajectories.compare_mode import CompareMode
from dgm_studio.gui.panels.trajectories.panel import TrajectoriesPanel
from dgm_studio.lab.native import save
from dgm_studio.lab.run import Run
from tests.gui.layout_contract import check_layout
from tests.gui.panels.conftest import Opened
from tests.lab.recipes import small

DATA = DataSpec("gaussian", {}, 400)
PATIENCE = 60_000


@pytest.fixture
def panel(opened: Opened) -> TrajectoriesPanel:
    """In front, Compare not yet seen."""
    made = opened(TrajectoriesPanel, small("diffusion", DATA))
    assert isinstance(made, TrajectoriesPanel)
    return made


def begun(panel: TrajectoriesPanel, preset: str, *, errors: bool = False) -> CompareMode:
    """That comparison of forty particles, without the plot unless wanted."""
    mode = panel.mode_of("compare")
    assert isinstance(mode, CompareMode)
    mode.settings["count"] = 40
    mode.player.set_speed(50.0)
    mode.show_errors(errors)
    mode.lineup.take(preset)
    panel.show_mode("compare")
    return mode


def settle(mode: CompareMode, qtbot: QtBot) -> None:
    qtbot.waitUntil(mode.settled, timeout=PATIENCE)


def shown(mode: CompareMode, place: int) -> Array:
    """What the stage of that film shows."""
    layer = mode.grid.stages[place].layer("samples")
    assert isinstance(layer, SamplesLayer)
    points = layer.points()
    assert points is not None
    return points


def test_films_of_4_8_16_and_64_steps_begin_alike_and_share_one_clock(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    mode = begun(panel, "steps", errors=True)
    settle(mode, qtbot)
    lanes = mode.lineup.lanes
    assert [len(lane.film.frames) for lane in lanes] == [5, 9, 17, 65]
    assert all(np.array_equal(lane.film.frames[0].x, lanes[0].film.frames[0].x) for lane in lanes)
    assert len(mode.times) == 65
    for index in (0, 7, 40, 64):
        panel.transport.scrubbed.emit("compare", float(index))
        time = mode.times[index]
        for place, lane in enumerate(lanes):
            newest = max(k for k, frame in enumerate(lane.film.frames) if frame.t <= time + 1e-6)
            assert np.array_equal(shown(mode, place), lane.film.frames[newest].x)
    assert [label.full_text() for label in mode.grid.heads] == [
        f"{place + 1}  {count} steps · t 1.00" for place, count in enumerate((4, 8, 16, 64))
    ]
    # The numbers: more steps are nearer to the reference, and the table shows what the worker measured.
    errors = [
        lane.measures.error.value for lane in lanes if lane.measures is not None and lane.measures.error is not None
    ]
    assert len(errors) == 4
    assert errors == sorted(errors, reverse=True)
    cells = mode.scores.table.table.cells
    assert [cells["evaluations", place].value.text() for place in range(4)] == ["4", "8", "16", "64"]
    # One solver is one curve, whose measured slope stands beside the claimed one.
    plot = mode.scores.plot.shown
    assert plot is not None
    assert [one.name for one in plot.lines] == ["Euler", "claimed order"]
    assert len(plot.clouds) == 4
    slope = mode.scores.errors.of(0)[-1].slope
    assert slope is not None
    assert slope.value == pytest.approx(1.0, abs=0.2)
    assert cells["order", 2].value.text() == f"{slope.value:.2f}"
    assert cells["claimed", 3].value.text() == "1"
    check_layout(panel)


def test_learned_beside_exact_then_a_file_then_one_that_is_none(
    panel: TrajectoriesPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    mode = begun(panel, "learned-exact")
    settle(mode, qtbot)
    learned, exact = mode.lineup.lanes
    assert learned.film.step == exact.film.step == 3
    assert learned.particles.tint == "sample"
    assert exact.particles.tint == "exact"
    assert not np.allclose(learned.film.frames[-1].x, exact.film.frames[-1].x)
    before = learned.film.frames
    mode.inputs.chosen.emit(1)
    mode.inputs.sampling_wanted.emit("steps", 2)
    settle(mode, qtbot)
    assert (len(exact.film.frames), learned.film.frames is before) == (3, True)
    assert mode.inputs.again.property("kind") == "plain"
    # A checkpoint of the studio's own, of another step than the run.
    path = save(Run(small("diffusion", DATA)), tmp_path / "older")
    mode.inputs.source_wanted.emit(str(path))
    settle(mode, qtbot)
    assert exact.report is not None
    assert exact.report.remark.endswith("as of step 0.")
    assert mode.grid.heads[1].full_text().startswith("2  older.safetensors")
    assert mode.inputs.source.currentData() == str(path)
    mode.inputs.source_wanted.emit(EXACT_OF_RUN)
    settle(mode, qtbot)
    assert (mode.lineup.lanes[1].report, exact.particles.tint) == (None, "exact")
    # What cannot be had says why.
    buttons = mode.inputs.presets.buttons
    assert not buttons["guidance"].isEnabled()
    assert "classes" in buttons["guidance"].toolTip()
    assert not buttons["reflow"].isEnabled()
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing")
    mode.inputs.source_wanted.emit(str(broken))
    settle(mode, qtbot)
    assert panel.banner.isVisible()
    assert panel.banner.sentence.full_text().startswith("Film 2: ")
    assert learned.film.frames is before


def test_paths_are_exact_films_and_one_can_be_added_and_removed(panel: TrajectoriesPanel, qtbot: QtBot) -> None:
    mode = begun(panel, "paths")
    settle(mode, qtbot)
    assert [lane.report.exact for lane in mode.lineup.lanes if lane.report is not None] == ["law"] * 3
    starts = [lane.film.frames[0].x for lane in mode.lineup.lanes]
    scale = starts[1] / starts[0]
    assert np.allclose(scale, scale[0, 0], rtol=1e-4)  # the same noise, as wide as each path begins
    QTest.mouseClick(mode.grid.heads[2], Qt.MouseButton.LeftButton)
    assert mode.current == 2
    mode.inputs.films.links["add"].click()
    settle(mode, qtbot)
    assert np.array_equal(mode.lineup.lanes[3].film.frames[-1].x, mode.lineup.lanes[2].film.frames[-1].x)
    assert mode.lineup.preset == ""
    mode.inputs.films.links["remove"].click()
    settle(mode, qtbot)
    assert len(mode.lineup.lanes) == 3
    # Colours by origin: of films from the same noise a particle has the same one everywhere.
    mode.inputs.setting_wanted.emit("colour", "origin")
    told = [lane.particles.colouring for lane in mode.lineup.lanes]
    assert all(one is not None and told[0] is not None and np.array_equal(one.which, told[0].which) for one in told)
    assert mode.settled()
    held = mode.session()
    mode.lineup.contenders = mode.lineup.contenders[:1]
    mode.restore(held)
    assert [one.held() for one in mode.lineup.contenders] == held["films"]
