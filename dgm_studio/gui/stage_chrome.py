"""What a stage paints over its layers: frame, overlay card, colour scale, ticks, and the empty stage's
sentence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from dgm_studio.core.ask import Box
from dgm_studio.gui.layers.layer import Legend
from dgm_studio.gui.layers.sheet import VECTOR_ENGINES
from dgm_studio.gui.theme.theme import Theme, font

RADIUS, MARGIN = 8.0, 14.0


@dataclass(frozen=True)
class Card:
    """The overlay's three texts: what ("path time t"), how much ("0.82"), and a note beside it ("σ =
    0.20")."""

    title: str
    value: str
    note: str = ""


class Chrome:
    """Frame, card and colour scale, each kept as a small image until it changes: text and rounded shapes are dear, and
    Qt for Python holds the interpreter's lock while it draws them."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._kept: dict[str, tuple[object, QImage]] = {}
        self._card: tuple[object, QRectF] = (None, QRectF())
        self._remarks: tuple[object, QRectF] = (None, QRectF())

    def paint(
        self,
        painter: QPainter,
        area: QRectF,
        card: Card | None,
        legend: Legend | None,
        remarks: tuple[str, ...] = (),
        *,
        axes: bool = False,
    ) -> None:
        """Over everything else; with `axes` along the bottom the colour scale and the remarks are at the top."""
        theme = self._theme
        if remarks:
            place = (remarks, theme.scale, area.getRect(), axes, None if legend is None else legend.title)
            if self._remarks[0] != place:
                self._remarks = (place, remarks_rect(theme, area, remarks, legend, axes=axes))
            where = self._remarks[1]
            self._piece(painter, "remarks", remarks, where, lambda p: draw_remarks(p, theme, where, remarks))
        if legend is not None:
            held = QRectF(area)
            if axes:
                held.setBottom(legend_rect(theme, area, legend).height() + 2 * MARGIN + area.top())
            where = legend_rect(theme, held, legend)
            scale = (legend.title, legend.low, legend.high, legend.colours.tobytes())
            self._piece(painter, "legend", scale, where, lambda p: draw_legend(p, theme, held, legend))
        if card is not None:
            key = (card, theme.scale, area.getRect())
            if self._card[0] != key:  # measuring text is dear too
                self._card = (key, card_rect(theme, area, card))
            where = self._card[1]
            self._piece(painter, "card", card, where, lambda p: draw_card(p, theme, area, card))
        high, thin = RADIUS + 2, 2.0
        for name, where in {
            "top": QRectF(area.left(), area.top(), area.width(), high),
            "bottom": QRectF(area.left(), area.bottom() - high, area.width(), high),
            "left": QRectF(area.left(), area.top() + high, thin, area.height() - 2 * high),
            "right": QRectF(area.right() - thin, area.top() + high, thin, area.height() - 2 * high),
        }.items():
            self._piece(painter, name, None, where, lambda p: draw_frame(p, theme, area))

    def _piece(
        self, painter: QPainter, name: str, what: object, where: QRectF, draw: Callable[[QPainter], None]
    ) -> None:
        if painter.paintEngine().type() in VECTOR_ENGINES:
            painter.save()
            painter.setClipRect(where, Qt.ClipOperation.IntersectClip)
            draw(painter)
            painter.restore()
            return
        ratio = painter.device().devicePixelRatioF()
        key = (what, where.getRect(), ratio, self._theme.scale, id(self._theme.tokens))
        kept = self._kept.get(name)
        if kept is None or kept[0] != key:
            size = (math.ceil(where.width() * ratio), math.ceil(where.height() * ratio))
            image = QImage(*size, QImage.Format.Format_ARGB32_Premultiplied)
            image.setDevicePixelRatio(ratio)
            image.fill(0)
            inner = QPainter(image)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing)
            inner.translate(-where.topLeft())
            draw(inner)
            inner.end()
            kept = self._kept[name] = (key, image)
        painter.drawImage(where.topLeft(), kept[1])


def draw_frame(painter: QPainter, theme: Theme, area: QRectF) -> None:
    """Corners in the colour behind the stage, and a hairline around it."""
    inner = area.adjusted(0.5, 0.5, -0.5, -0.5)
    corners = QPainterPath()
    corners.addRect(area.adjusted(-1, -1, 1, 1))
    corners.addRoundedRect(inner, RADIUS, RADIUS)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("bg"))
    painter.drawPath(corners)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.colour("line"), 1.0))
    painter.drawRoundedRect(inner, RADIUS, RADIUS)


def _card_fonts() -> tuple[QFont, QFont, QFont]:
    return font(12), font(17, 600, tabular=True), font(12, tabular=True)


def card_rect(theme: Theme, area: QRectF, card: Card) -> QRectF:
    """Where the card lies, in whole pixels around its edge."""
    s = theme.scale
    small, big, aside = _card_fonts()
    title, value, note = QFontMetricsF(small), QFontMetricsF(big), QFontMetricsF(aside)
    gap = 24 * s if card.note else 0.0
    words = max(
        title.horizontalAdvance(card.title),
        value.horizontalAdvance(card.value) + gap + note.horizontalAdvance(card.note),
    )
    # At least the picture's width, so that the card does not breathe with every digit.
    width, height = math.ceil(max(150 * s, words + 24 * s)), math.ceil(50 * s)
    return QRectF(area.left() + MARGIN, area.top() + MARGIN, width + 1, height + 1)


def draw_card(painter: QPainter, theme: Theme, area: QRectF, card: Card) -> None:
    """The overlay card in the top-left corner."""
    s = theme.scale
    small, big, aside = _card_fonts()
    note = QFontMetricsF(aside)
    frame = card_rect(theme, area, card).adjusted(0.5, 0.5, -0.5, -0.5)
    _panel(painter, theme, frame)
    left, right = frame.left() + 12 * s, frame.right() - 12 * s
    painter.setFont(small)
    painter.setPen(theme.colour("dim"))
    painter.drawText(QPointF(left, frame.top() + 19 * s), card.title)
    painter.setFont(big)
    painter.setPen(theme.colour("text"))
    painter.drawText(QPointF(left, frame.top() + 40 * s), card.value)
    painter.setFont(aside)
    painter.setPen(theme.colour("dim"))
    painter.drawText(QPointF(right - note.horizontalAdvance(card.note), frame.top() + 39 * s), card.note)


def legend_rect(theme: Theme, area: QRectF, legend: Legend) -> QRectF:
    """Where the colour scale lies, in whole pixels around its edge."""
    s = theme.scale
    words = QFontMetricsF(font(11, tabular=True)).horizontalAdvance(legend.title)
    where = QRectF(0, 0, math.ceil(max(144 * s, words + 20 * s)) + 1, math.ceil(52 * s) + 1)
    where.moveBottomRight(QPointF(area.right() - MARGIN, area.bottom() - MARGIN))
    return where


def draw_legend(painter: QPainter, theme: Theme, area: QRectF, legend: Legend) -> None:
    """The colour scale in the bottom-right corner."""
    s = theme.scale
    words = font(11, tabular=True)
    metrics = QFontMetricsF(words)
    frame = legend_rect(theme, area, legend).adjusted(0.5, 0.5, -0.5, -0.5)
    width = frame.width()
    _panel(painter, theme, frame)
    strip = QRectF(frame.left() + 10 * s, frame.top() + 22 * s, width - 20 * s, 6 * s)
    painter.drawImage(strip, _strip(legend))
    painter.setFont(words)
    painter.setPen(theme.colour("dim"))
    painter.drawText(QPointF(strip.left(), frame.top() + 16 * s), legend.title)
    below = frame.top() + 43 * s
    painter.drawText(QPointF(strip.left(), below), legend.low)
    painter.drawText(QPointF(strip.right() - metrics.horizontalAdvance(legend.high), below), legend.high)


def remarks_rect(theme: Theme, area: QRectF, remarks: tuple[str, ...], legend: Legend | None, *, axes: bool) -> QRectF:
    """Where the remarks lie, in whole pixels: bottom left beside the colour scale; with `axes` below the card."""
    s = theme.scale
    metrics = QFontMetricsF(font(11))
    taken = 0.0 if legend is None or axes else legend_rect(theme, area, legend).width() + MARGIN
    words = max(metrics.horizontalAdvance(remark) for remark in remarks)
    width = math.ceil(min(words + 20 * s, area.width() - 2 * MARGIN - taken)) + 1
    where = QRectF(0, 0, max(width, 1), math.ceil((10 + 15 * len(remarks)) * s) + 1)
    if axes:
        where.moveTopLeft(QPointF(area.left() + MARGIN, area.top() + 2 * MARGIN + math.ceil(50 * s)))
    else:
        where.moveBottomLeft(QPointF(area.left() + MARGIN, area.bottom() - MARGIN))
    return where


def draw_remarks(painter: QPainter, theme: Theme, where: QRectF, remarks: tuple[str, ...]) -> None:
    """A line each, cut short where there is no room."""
    s, words = theme.scale, font(11)
    metrics = QFontMetricsF(words)
    frame = where.adjusted(0.5, 0.5, -0.5, -0.5)
    _panel(painter, theme, frame)
    painter.setFont(words)
    painter.setPen(theme.colour("dim"))
    for k, remark in enumerate(remarks):
        text = metrics.elidedText(remark, Qt.TextElideMode.ElideRight, frame.width() - 18 * s)
        painter.drawText(QPointF(frame.left() + 10 * s, frame.top() + (15 * k + 16) * s), text)


def draw_message(painter: QPainter, theme: Theme, area: QRectF, message: str) -> None:
    """One sentence in the middle."""
    painter.setFont(font(13))
    painter.setPen(theme.colour("dim"))
    inner = area.adjusted(area.width() * 0.15, 0, -area.width() * 0.15, 0)
    painter.drawText(inner, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), message)


def draw_axes(painter: QPainter, theme: Theme, area: QRectF, box: Box) -> None:
    """Of a line: a hairline where the density is 0, and the ticks; no density is below it."""
    _, _, y_low, y_high = box
    base = area.bottom() + y_low / (y_high - y_low) * area.height()
    painter.setPen(QPen(theme.colour("faint", 0.6), 1.0))
    painter.drawLine(QPointF(area.left(), base), QPointF(area.right(), base))
    draw_ticks(painter, theme, area, box, y_from=1e-9)


def draw_ticks(painter: QPainter, theme: Theme, area: QRectF, box: Box, y_from: float = -math.inf) -> None:
    """Subtle numbers along the bottom and the left edge, no lines; those along y begin at `y_from`."""
    words = font(10, tabular=True)
    metrics = QFontMetricsF(words)
    painter.setFont(words)
    painter.setPen(theme.colour("faint"))
    x_low, x_high, y_low, y_high = box
    clear = 36 * theme.scale
    for x in nice_ticks(x_low, x_high):
        at = area.left() + (x - x_low) / (x_high - x_low) * area.width()
        if area.left() + clear < at < area.right() - clear:
            text = f"{x:g}"
            painter.drawText(QPointF(at - metrics.horizontalAdvance(text) / 2, area.bottom() - 7 * theme.scale), text)
    for y in nice_ticks(y_low, y_high):
        at = area.bottom() - (y - y_low) / (y_high - y_low) * area.height()
        if y >= y_from and area.top() + clear < at < area.bottom() - clear:
            painter.drawText(QPointF(area.left() + 8 * theme.scale, at + metrics.ascent() / 2 - 1), f"{y:g}")


def nice_ticks(low: float, high: float, about: int = 8) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten in [low, high], about `about` of them."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.999)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(k * step, 12) for k in range(first, last + 1)]


def _panel(painter: QPainter, theme: Theme, frame: QRectF) -> None:
    painter.setBrush(theme.colour("panel"))
    painter.setPen(QPen(theme.colour("line"), 1.0))
    painter.drawRoundedRect(frame, RADIUS, RADIUS)


def _strip(legend: Legend) -> QImage:
    """The table as an image one pixel high."""
    rgb = np.asarray(legend.colours, dtype=np.uint32)
    pixels = np.ascontiguousarray((255 << 24) | (rgb[:, 0] << 16) | (rgb[:, 1] << 8) | rgb[:, 2])
    return QImage(pixels.data, len(pixels), 1, 4 * len(pixels), QImage.Format.Format_RGB32).copy()
