"""The conditional slice under the pointer: p(y | x) along the upright line through it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import line_pen
from dgm_studio.gui.theme.theme import Theme, font

REACH = 110.0
"""Design pixels from the line to the curve's highest place."""


class SliceLayer(Layer):
    """The density's column at the pointer's x, divided by its integral over what is in sight (lecture 1: the second
    factor of p(x) p(y | x))."""

    id, title, token, z = "slice", "Slice p(y | x)", "accent", 84.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.values: Array | None = None
        self.map_box: Box = (0.0, 1.0, 0.0, 1.0)
        self.fraction: float | None = None

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        return (Ask("density", box=box, resolution=resolution, t=t),)

    def wants(self, key: str) -> bool:
        return key == "density"

    def accept(self, picture: Picture) -> None:
        self.values, self.map_box = picture.arrays["values"], picture.ask.box
        if self.fraction is not None:
            self.changed()

    def clear(self) -> None:
        self.values = None
        self.changed()

    def has_content(self) -> bool:
        return self.values is not None and self.values.ndim == 2 and self.fraction is not None

    def hover(self, fraction: float | None) -> None:
        if fraction != self.fraction:
            self.fraction = fraction
            self.changed()

    def conditional(self, x: float) -> tuple[Array, Array]:
        """(y (r,), p(y | x) (r,)) in model units; p is 0 where the model has no mass on the line."""
        assert self.values is not None
        left, right, bottom, top = self.map_box
        rows, columns = self.values.shape
        column = int(np.clip((x - left) / (right - left) * columns, 0, columns - 1))
        step = (top - bottom) / rows
        joint = np.nan_to_num(np.asarray(self.values[:, column], dtype=float))
        total = float(joint.sum()) * step
        y = bottom + (np.arange(rows) + 0.5) * step
        return y, joint / total if total > 0 else np.zeros(rows)

    def draw(self, painter: QPainter, lens: Lens) -> None:
        assert self.fraction is not None
        at = lens.left + self.fraction * lens.width
        x = (at - lens.shift_x) / lens.zoom_x
        y, p = self.conditional(x)
        places = lens.to_pixels(np.stack([np.full(len(y), x), y], axis=1))
        painter.setPen(line_pen(self._theme.colour("dim", 0.8), lens.scale, dashed=True))
        painter.drawLine(QPointF(at, lens.top), QPointF(at, lens.top + lens.height))
        top = float(p.max())
        if top <= 0:
            return
        # Towards the side that has room.
        side = 1.0 if self.fraction < 0.7 else -1.0
        across = at + side * REACH * lens.scale * p / top
        curve = [QPointF(a, b) for a, b in zip(across, places[:, 1], strict=True)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(self.token, 0.25))
        painter.drawPolygon(QPolygonF([QPointF(at, curve[0].y()), *curve, QPointF(at, curve[-1].y())]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(line_pen(self._theme.colour(self.token), 1.6 * lens.scale))
        painter.drawPolyline(QPolygonF(curve))
        painter.setFont(font(11.5, 600, tabular=True))
        painter.setPen(self._theme.colour("text"))
        words = f"p(y | x = {x:.2f})"
        wide = painter.fontMetrics().horizontalAdvance(words)
        left = at + 6 * lens.scale if side > 0 else at - wide - 6 * lens.scale
        painter.drawText(QPointF(left, lens.top + lens.height - 12 * lens.scale), words)


LAYER = SliceLayer
