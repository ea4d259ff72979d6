"""A stage of space and time: t across from noise (0) to data (1), x upwards, a marginal at the right."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from dgm_studio.core.ask import Box
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.over_time import KINDS, STRIP, MapOverTime, MarginalOverTime, OverTime
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.stage_chrome import nice_ticks
from dgm_studio.gui.theme.theme import Theme, font, theme

ACROSS = (-0.07, 1.35)
"""What is seen of t: room for the figures along x, and for the marginal."""
BELOW, ABOVE = 34, 32
"""Room under and over x in design pixels, for the words along the edges."""


class TimeStage(Stage):
    """Layers of gui.layers.over_time by the ids of the chips."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(theme(), KINDS, parent)
        self._view.setAspectLocked(False)
        self._span = (-4.0, 4.0)
        self.t: float | None = None
        marginal = self.layer(MarginalOverTime.id)
        assert isinstance(marginal, MarginalOverTime)
        marginal.maps = tuple(layer for layer in self.layers if isinstance(layer, MapOverTime))
        self.show_layer(marginal.id, True)
        self.setAccessibleName("Space and time")
        self.fit()

    def kinds(self) -> dict[str, type[Layer]]:
        """Its own."""
        return dict(KINDS)

    @property
    def parts(self) -> tuple[OverTime, ...]:
        """Its layers."""
        return tuple(layer for layer in self.layers if isinstance(layer, OverTime))

    def set_span(self, span: tuple[float, float]) -> None:
        """See at least this much of x."""
        self._span = span
        tall = max(1.0, float(self.viewport().height()))
        unit = (span[1] - span[0]) / max(0.3 * tall, tall - (BELOW + ABOVE) * theme().scale)
        scale = unit * theme().scale
        self.set_box((*ACROSS, span[0] - BELOW * scale, span[1] + ABOVE * scale))

    def fit(self) -> None:
        """Show the whole again, with room for the words."""
        self.set_span(self._span)

    def show_time(self, t: float | None) -> None:
        """The t of the marginal."""
        self._set("t", t)

    def _note(self) -> str:
        """What colour and dashes mean, and how each is known."""
        found, learned, exact = [], self.layer("density"), self.layer("exact")
        assert isinstance(learned, MapOverTime)
        assert isinstance(exact, MapOverTime)
        if learned.isVisible() and learned.has_content():
            found.append(f"colour: p at each t over its peak, {learned.note}")
        if exact.isVisible() and exact.has_content() and exact.note != learned.note:
            found.append(f"dashed: {exact.note}")
        return "; ".join(found)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The layers, and the axes over them."""
        super().drawForeground(painter, rect)
        if not self.is_empty():
            painter.save()
            draw_time_axes(painter, theme(), QRectF(self.viewport().rect()), self.box(), self.t, self._note())
            painter.restore()


def draw_time_axes(painter: QPainter, look: Theme, area: QRectF, box: Box, t: float | None, note: str | None) -> None:
    """Figures along t and x, the two ends in words, and over the strip which t it is of."""
    s, words = look.scale, font(11, tabular=True)
    metrics = QFontMetricsF(words)

    def at(x: float) -> float:
        return area.left() + (x - box[0]) / (box[1] - box[0]) * area.width()

    def upon(y: float) -> float:
        return area.bottom() - (y - box[2]) / (box[3] - box[2]) * area.height()

    painter.setFont(words)
    foot, head = area.bottom() - 26 * s, area.top() + 24 * s
    for x in (0.0, 1.0, STRIP[0]):
        painter.fillRect(QRectF(round(at(x)), head, 1.0, foot - head), look.colour("faint", 0.5))
    painter.setPen(look.colour("dim"))
    for x in (0.0, 0.25, 0.5, 0.75, 1.0):
        text = {0.0: "noise, t = 0", 1.0: "data, t = 1"}.get(x, f"{x:g}")
        wide = metrics.horizontalAdvance(text)
        left = min(max(at(x) - wide / 2, area.left() + 8 * s), area.right() - wide - 8 * s)
        painter.drawText(QPointF(left, area.bottom() - 10 * s), text)
    for y in nice_ticks(box[2], box[3], 7):
        height = upon(y)
        if area.top() + 30 * s < height < foot - 6 * s:
            text = f"{y:g}".replace("-", "\N{MINUS SIGN}")
            place = max(area.left() + 8 * s, at(0.0) - metrics.horizontalAdvance(text) - 8 * s)
            painter.drawText(QPointF(place, height + metrics.ascent() / 2 - 1), text)
    painter.drawText(QPointF(max(area.left() + 8 * s, at(0.0) - 16 * s), area.top() + 18 * s), "x")
    if note:
        left = at(0.0) + 10 * s
        room = at(STRIP[0]) - left - 12 * s
        words_above = metrics.elidedText(note, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QPointF(left, area.top() + 18 * s), words_above)
    if t is not None:
        text = f"at t = {t:.2f}"
        left = min(at(STRIP[0]), area.right() - metrics.horizontalAdvance(text) - 8 * s)
        painter.drawText(QPointF(left, area.top() + 18 * s), text)
