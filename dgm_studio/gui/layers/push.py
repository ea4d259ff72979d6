"""What pushes the samples: arrows at places the model chose itself."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QPainter

from dgm_studio.gui.layers.arrows import draw_arrows
from dgm_studio.gui.layers.field import FieldLayer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_room import spread

ROWS = 6
"""Levels that the arrows of a line take turns on."""


class PushLayer(FieldLayer):
    """Arrows v (m, d) at scattered x (m, d), in the colour of what goes wrong: they say where to go instead."""

    id, title, token, z = "push", "Push", "error", 75.0
    longest = 34.0
    """Design pixels: scattered arrows have no grid whose spacing could bound them."""

    def draw(self, painter: QPainter, lens: Lens) -> None:
        assert self.arrows is not None
        longest = self.longest * lens.scale
        colour = self._theme.colour(self.token, 0.9)
        draw_arrows(
            painter,
            lens,
            *self.arrows,
            colour,
            longest=longest,
            level=spread(ROWS)[np.arange(len(self.arrows[0])) % ROWS],
        )


LAYER = PushLayer
