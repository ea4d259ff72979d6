"""The old future of a branch: faded ways of those that go another way, from where they left; edited points ringed."""

from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from dgm_studio.gui.export.still import picture_of
from dgm_studio.gui.layers.branch import FEW, BranchLayer
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import Theme
from tests.gui.stage.pixels import near


def test_old_ways_and_moves_are_drawn_where_they_are(qtbot: QtBot, look: Theme) -> None:
    stage = Stage(look, ("branch",))
    qtbot.addWidget(stage)
    stage.resize(400, 400)
    with qtbot.waitExposed(stage):
        stage.show()
    stage.set_box((-4.0, 4.0, -4.0, 4.0))
    layer = stage.layer("branch")
    assert isinstance(layer, BranchLayer)
    stage.show_layer("branch", True)
    assert not layer.has_content()

    def pixels() -> np.ndarray:
        image = picture_of(stage)
        return np.frombuffer(image.constBits(), np.uint8).reshape(400, 400, 4)[..., 2::-1].astype(int)

    # Two particles from t = 0.5 to 1, of which the second goes another way; its old way is along y = 0.
    frames = [np.array([[3.0 - k, 2.0], [-2.0 + 2 * k, 0.0]]) for k in range(3)]
    layer.set_old(frames, [0.5, 0.75, 1.0], np.array([1]))
    layer.set_time(0.3)
    assert layer.old_place() is None
    ground = near(pixels(), look.colour("stage"), 10)
    assert not ground[199:202, 105:295].all(axis=0).any(), "the way of the one that was moved"
    assert ground[98:102, 10:390].all(), "not of the other"
    layer.set_time(0.77)
    place = layer.old_place()
    assert place is not None
    assert place.tolist() == [[0.0, 0.0]]
    assert near(pixels(), look.colour("dim"), 70)[198:202, 198:202].all(), "where it would be now"

    layer.clear()
    layer.set_moves(np.array([[-2.0, -2.0]]), np.array([[0.0, -2.0]]))
    ground = near(pixels(), look.colour("stage"), 30)
    assert not ground[299:302, 110:190].all(axis=0).any(), "from where it was"
    assert not ground[292:296, 198:203].all(), "a ring where it is"
    many = np.zeros((FEW + 1, 2))
    layer.set_moves(many - 1.0, many + 1.0)
    assert near(pixels(), look.colour("stage"), 30)[142:146, 248:253].all(), "of many no rings"
    layer.set_moves(np.zeros((1, 1)), np.ones((1, 1)))
    assert not layer.has_content(), "a line has no room for it"
