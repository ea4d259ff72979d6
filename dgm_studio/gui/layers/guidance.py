"""Guidance as three arrows at each place: without a label, with it, and guided."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.arrows import spacing, step_segments
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_room import at_level, spread
from dgm_studio.gui.layers.lines import line_pen, segments_path
from dgm_studio.gui.theme.theme import Theme, font

LOOKS = (
    ("guided, γ = {gamma:.2f}", "sample", 3.4),
    ("with label {label}", "text", 1.7),
    ("without label", "accent", 1.7),
)
"""Words, colour and width of the arrows, the widest below the others."""
USUAL, REACH = 0.9, 0.8
"""Of so many arrows as a share the longest is REACH of the distance to the next place; the rest are to that scale."""
LEAST = 1e-9


class GuidanceLayer(Layer):
    """free and told (m, d) at x (m, d), to one scale; the third is free + gamma (told - free), for the gamma of the
    picture or the one that is set since."""

    id, title, token, z = "guidance", "Guidance", "sample", 74.5

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.parts: tuple[Array, Array, Array] | None = None
        self.gamma = 1.0
        self.label = 0
        self._wanted: float | None = None
        self._note = ""

    def accept(self, picture: Picture) -> None:
        self.parts = picture.arrays["x"], picture.arrays["free"], picture.arrays["told"]
        self.label, self._note = int(picture.numbers["label"]), picture.note
        self.gamma = picture.numbers["gamma"] if self._wanted is None else self._wanted
        self.changed()

    def set_gamma(self, gamma: float | None) -> None:
        """What the scale is now: the arrows follow before another film is made; None where there is none."""
        self._wanted = gamma
        if gamma is not None and gamma != self.gamma:
            self.gamma = gamma
            self.changed()

    def clear(self) -> None:
        self.parts = None
        self.changed()

    def has_content(self) -> bool:
        return self.parts is not None

    def arrows(self) -> tuple[Array, Array, Array]:
        """Guided, with label, without it, each (m, d)."""
        assert self.parts is not None
        _, free, told = self.parts
        return free + self.gamma * (told - free), told, free

    def remark(self) -> str:
        """Which class, where none was chosen."""
        return self._note if self.has_content() else ""

    def draw(self, painter: QPainter, lens: Lens) -> None:
        assert self.parts is not None
        x, arrows = self.parts[0], self.arrows()
        # The scale is that of the two learned ones: while the knob is turned only the guided arrow grows. On a line,
        # where it would grow into its neighbour, it is that of the longest of all.
        scaled, share = (arrows, 1.0) if x.shape[1] == 1 else (arrows[1:], USUAL)
        lengths = np.concatenate([np.linalg.norm(one, axis=1) for one in scaled])
        usual = float(np.quantile(lengths[np.isfinite(lengths)], share))
        factor = REACH * spacing(x[:, 0]) / max(usual, LEAST)
        for k, (v, (_, token, width)) in enumerate(zip(arrows, LOOKS, strict=True)):
            feet, along = x, v
            if x.shape[1] == 1:
                feet = at_level(lens, x, spread(len(LOOKS))[k])
                along = np.stack([v[:, 0], np.zeros(len(v))], axis=1)
            painter.setPen(line_pen(self._theme.colour(token, 0.95), width * lens.scale))
            painter.drawPath(segments_path(step_segments(lens, feet, along, factor)))
        self._draw_key(painter, lens)

    def _draw_key(self, painter: QPainter, lens: Lens) -> None:
        """Which colour is which, in the top right corner."""
        s, words = lens.scale, [one.format(gamma=self.gamma, label=self.label) for one, _, _ in LOOKS]
        painter.setFont(font(11, tabular=True))
        metrics = QFontMetricsF(painter.font())
        wide = max(metrics.horizontalAdvance(one) for one in words) + 46 * s
        frame = QRectF(lens.left + lens.width - wide - 14.5, lens.top + 14.5, wide, (12 + 17 * len(words)) * s)
        painter.setBrush(self._theme.colour("panel"))
        painter.setPen(QPen(self._theme.colour("line"), 1.0))
        painter.drawRoundedRect(frame, 8.0, 8.0)
        for k, (said, (_, token, width)) in enumerate(zip(words, LOOKS, strict=True)):
            y = frame.top() + (14 + 17 * k) * s
            painter.setPen(line_pen(self._theme.colour(token), width * s))
            painter.drawLine(QPointF(frame.left() + 10 * s, y), QPointF(frame.left() + 28 * s, y))
            painter.setPen(self._theme.colour("dim"))
            painter.drawText(QPointF(frame.left() + 36 * s, y + 4 * s), said)


LAYER = GuidanceLayer
