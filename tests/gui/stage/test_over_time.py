"""Space and time: every layer paints, the strip is the marginal, what stands still is not painted again."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import EXACT, Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.over_time import MapOverTime, MarginalOverTime, ProbeOverTime
from dgm_studio.gui.panels.trajectories.time_stage import TimeStage
from dgm_studio.gui.theme.theme import Theme
from tests.gui.stage.pixels import rgb

BOX: Box = (-3.0, 3.0, 0.0, 1.0)
TIMES = np.linspace(0, 1, 9).tolist()
ROWS, COLUMNS = 48, 24


def bell(t: float, x: Array) -> Array:
    """N(2 t - 1, 0.25)."""
    return np.asarray(np.exp(-0.5 * ((x - 2 * t + 1) / 0.5) ** 2) / (0.5 * (2 * np.pi) ** 0.5))


@pytest.fixture
def stage(qtbot: QtBot, look: Theme) -> TimeStage:
    made = TimeStage()
    qtbot.addWidget(made)
    made.resize(500, 360)
    made.show()
    x = -3 + (np.arange(ROWS) + 0.5) * 6 / ROWS
    values = np.stack([bell((k + 0.5) / COLUMNS, x) for k in range(COLUMNS)], axis=1).astype(np.float32)
    made.layer("density").accept(Picture(Ask("space_time", box=BOX), 0, {"values": values}, note="by the flow"))
    made.layer("exact").accept(Picture(Ask("space_time", EXACT, BOX), 0, {"values": values}, note="exact"))
    rng = np.random.default_rng(0)
    noise = rng.normal(size=500).astype(np.float32) * 0.5
    frames = [noise + 2 * t - 1 for t in TIMES]
    made.layer("data").accept(Picture(Ask("data"), 0, {"points": frames[-1][:, None]}))
    for layer in made.parts:
        layer.set_film(TIMES, frames, 4)
        layer.set_scale((-3.0, 3.0), 1.0)
    probe = made.layer("probe")
    assert isinstance(probe, ProbeOverTime)
    probe.set_start((0.0, 0.5))
    made.set_span((-3.0, 3.0))
    return made


def test_every_layer_paints_in_both_themes(stage: TimeStage, look: Theme) -> None:
    assert {one.id for one in stage.parts if one.has_content()} >= {
        "density",
        "exact",
        "data",
        "paths",
        "samples",
        "probe",
    }
    for preference in ("dark", "light"):
        look.set_preference(preference)
        for layer in (one for one in stage.parts if one.has_content()):
            for other in stage.parts:
                stage.show_layer(other.id, False)
            before = rgb(stage)
            stage.show_layer(layer.id, True)
            if layer.id == MarginalOverTime.id:
                before = rgb(stage)
                stage.show_layer("density", True)
            assert (np.abs(rgb(stage) - before).max(axis=-1) > 8).sum() > 100, (preference, layer.id)


def test_the_marginal_is_the_map_s_column_between_its_neighbours(stage: TimeStage) -> None:
    shown = stage.layer("density")
    assert isinstance(shown, MapOverTime)
    for t in (0.0, 0.37, 1.0):
        curve = shown.at(t)
        assert curve[:, 0] == pytest.approx(bell(min(max(t, 0.5 / COLUMNS), 1 - 0.5 / COLUMNS), curve[:, 1]), abs=0.01)
    assert shown.shares.max(axis=0) == pytest.approx(1.0)


def test_another_frame_paints_only_what_moves(stage: TimeStage) -> None:
    for layer in stage.parts:
        stage.show_layer(layer.id, True)
    rgb(stage)
    kept = {layer.id: layer._kept for layer in stage.parts}
    for layer in stage.parts:
        layer.set_frame(6)
    still = {layer.id for layer in stage.parts if layer._kept is kept[layer.id] and layer._kept is not None}
    assert {"density", "exact", "data"} <= still
    assert not {"paths", "samples", "marginal"} & still


def test_words_have_room_at_any_size_and_fit_brings_the_whole_back(stage: TimeStage) -> None:
    for height in (150, 360, 900):
        stage.resize(500, height)
        _, _, low, high = stage.box()
        below, above = (-3.0 - low, high - 3.0)
        unit = (high - low) / stage.viewport().height()
        assert below / unit > 20
        assert above / unit > 20
    home = stage.box()
    stage.look_at((0.2, 0.4, -1.0, 1.0))
    stage.fit()
    assert stage.box() == pytest.approx(home)
