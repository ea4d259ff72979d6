"""What the velocity and the score layer share: arrows on a regular grid."""

from __future__ import annotations

from PySide6.QtGui import QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.arrows import draw_arrows
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_room import LEVELS
from dgm_studio.gui.theme.theme import Theme


class FieldLayer(Layer):
    """Arrows v (m, d) at x (m, d)."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.arrows: tuple[Array, Array] | None = None

    def accept(self, picture: Picture) -> None:
        self.arrows = picture.arrays["x"], picture.arrays["v"]
        self.changed()

    def clear(self) -> None:
        self.arrows = None
        self.changed()

    def has_content(self) -> bool:
        return self.arrows is not None

    def draw(self, painter: QPainter, lens: Lens) -> None:
        assert self.arrows is not None
        draw_arrows(painter, lens, *self.arrows, self._theme.colour("dim", 0.72), level=LEVELS[self.id])
