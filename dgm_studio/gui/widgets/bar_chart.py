"""A small bar chart: named bars lie, one a line; many numbered ones stand side by side."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.painted import RIGHT, rounded, smooth, width_of, words

LINE = 22
STANDING = 84
MOST = 96
"""Standing bars at most: neighbours are added up beyond it, so that the sum stays what it is."""


class BarChart(QWidget):
    """`set_values(values, names, unit)`; a bar below zero is in the error colour."""

    def __init__(self, title: str = "Bars", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values: Array = np.empty(0)
        self.names: tuple[str, ...] = ()
        self.unit = ""
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def set_values(self, values: Array, names: tuple[str, ...] = (), unit: str = "", title: str = "") -> None:
        """Show these (k,), each with its name, or numbered from 1 where there are none."""
        self.values, self.names, self.unit = np.asarray(values, dtype=float), names, unit
        if title:
            self.setAccessibleName(title)
        listed = [f"{self._name(k)}: {value:.4g} {unit}".strip() for k, value in enumerate(self.values)]
        shown = listed if len(listed) <= 12 else [*listed[:11], "…", listed[-1]]
        self.setToolTip("\n".join([self.accessibleName(), *shown]))
        self.setAccessibleDescription(", ".join(shown))
        self._rescale()

    def _name(self, k: int) -> str:
        return self.names[k] if k < len(self.names) else str(k + 1)

    def _rescale(self) -> None:
        lines = LINE * max(1, len(self.values)) if self.names else STANDING
        self.setFixedHeight(theme().px(lines))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), self.height())

    def paintEvent(self, event: QPaintEvent, /) -> None:
        if not len(self.values):
            return
        painter = smooth(self)
        if self.names:
            self._paint_lying(painter)
        else:
            self._paint_standing(painter)
        painter.end()

    def _paint_lying(self, painter: QPainter) -> None:
        look, px = theme(), theme().px
        face = font(12, 400)
        left = min(self.width() // 2, max(width_of(name, face) for name in self.names) + px(8))
        texts = [f"{value:.3g}" for value in self.values]
        right = max(width_of(text, font(12, 600, tabular=True)) for text in texts) + px(6)
        reach = float(np.nanmax(np.abs(self.values), initial=0.0)) or 1.0
        room = max(1, self.width() - left - right)
        for k, (value, text) in enumerate(zip(self.values, texts, strict=True)):
            top = px(LINE) * k
            words(painter, QRect(0, top, left - px(6), px(LINE)), self._name(k), face, look.colour("dim"))
            long = room * abs(value) / reach if np.isfinite(value) else 0.0
            bar = QRectF(left, top + px(7), max(px(2), long), px(8))
            rounded(painter, bar, px(2), look.colour("accent" if value >= 0 else "error"))
            at = QRect(self.width() - right, top, right, px(LINE))
            words(painter, at, text, font(12, 600, tabular=True), look.colour("text"), RIGHT)

    def _paint_standing(self, painter: QPainter) -> None:
        look, px = theme(), theme().px
        values = _gathered(np.nan_to_num(self.values), MOST)
        foot, head = px(14), px(12)
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        span = (high - low) or 1.0
        room, wide = self.height() - foot - head, self.width() / len(values)
        zero = head + room * high / span
        for k, value in enumerate(values):
            tall = room * abs(value) / span
            top = zero - tall if value >= 0 else zero
            bar = QRectF(k * wide + 0.5, top, max(1.0, wide - 1.0), max(1.0, tall))
            rounded(painter, bar, min(2.0, wide / 4), look.colour("accent" if value >= 0 else "error"))
        small, tint = font(10, tabular=True), look.colour("faint")
        most = f"{high:.3g} {self.unit}".strip()
        words(painter, QRect(0, 0, self.width(), head), most, small, tint)
        below = QRect(0, self.height() - foot, self.width(), foot)
        words(painter, below, self._name(0), small, tint)
        words(painter, below, self._name(len(self.values) - 1), small, tint, RIGHT)


def _gathered(values: Array, most: int) -> Array:
    """At most `most` bars: neighbours added up."""
    if len(values) <= most:
        return values
    edges = np.linspace(0, len(values), most + 1).astype(int)[:-1]
    return np.asarray(np.add.reduceat(values, edges))
