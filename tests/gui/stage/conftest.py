"""A shown stage of known size over a known box."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import Theme


@pytest.fixture
def stage(qtbot: QtBot, look: Theme) -> Stage:
    """400 x 400 pixels over [-4, 4]^2: 50 pixels a unit."""
    made = Stage(look)
    qtbot.addWidget(made)
    made.resize(400, 400)
    with qtbot.waitExposed(made):
        made.show()
    made.set_box((-4.0, 4.0, -4.0, 4.0))
    return made
