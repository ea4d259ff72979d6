"""Rings of predicted clean points, and the start point with its path."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.export.still import picture_of
from dgm_studio.gui.layers.clean import CleanLayer
from dgm_studio.gui.layers.probe import ProbeLayer
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import Theme
from tests.gui.stage.pixels import near


@pytest.fixture
def bare(qtbot: QtBot, look: Theme) -> Stage:
    """400 x 400 pixels over [-4, 4]^2, with these two layers alone."""
    made = Stage(look, ("clean", "probe"))
    qtbot.addWidget(made)
    made.resize(400, 400)
    with qtbot.waitExposed(made):
        made.show()
    made.set_box((-4.0, 4.0, -4.0, 4.0))
    return made


def pixels(stage: Stage) -> np.ndarray:
    image = picture_of(stage)
    return np.frombuffer(image.constBits(), np.uint8).reshape(400, 400, 4)[..., 2::-1].astype(int)


def test_rings_are_hollow_and_stand_where_the_frame_says(bare: Stage, look: Theme) -> None:
    layer = bare.layer("clean")
    assert isinstance(layer, CleanLayer)
    layer.append(np.array([[1.0, 1.0], [-2.0, 0.5]]))
    layer.append(None)
    layer.append(np.array([[3.0, -1.0]]))
    bare.show_layer("clean", True)
    assert layer.points().tolist() == [[3.0, -1.0]], "a film that grows is followed"
    layer.set_frame(0)
    shown = near(pixels(bare), look.colour("sample"), 70)
    assert shown[146:154, 246:254].any()
    assert not shown[149:151, 249:251].any(), "hollow"
    layer.set_frame(1)
    assert not layer.has_content(), "this frame has no prediction"
    layer.set_frame(2)
    layer.set_tint("exact")
    assert near(pixels(bare), look.colour("exact"), 70)[246:254, 346:354].any()
    layer.clear()
    assert layer.frame_count == 0


def test_the_start_point_has_a_handle_a_path_and_a_dot(bare: Stage, look: Theme) -> None:
    layer = bare.layer("probe")
    assert isinstance(layer, ProbeLayer)
    bare.show_layer("probe", True)
    assert not layer.has_content()
    layer.set_start((-2.0, 0.0))
    layer.set_path(np.array([[-2.0, 0.0], [0.0, 0.0], [2.0, 0.0]]))
    layer.set_frame(2)
    shown = pixels(bare)
    ink = near(shown, look.colour("text"), 60)
    assert ink[199:202, 130:280].any(axis=0).all(), "the path"
    assert ink[190:194, 99:102].any(), "the handle's ring"
    assert near(shown, look.colour("sample"), 60)[198:202, 298:302].all(), "where it is now"
    layer.set_frame(7)
    assert layer.here() is not None
    assert layer.here().tolist() == [2.0, 0.0], "the nearest frame where there are fewer"  # type: ignore[union-attr]
