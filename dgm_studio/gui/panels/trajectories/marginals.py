"""Marginal histograms: the particles' at the frame shown over the data's, for each axis."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.export.histogram import bar_width, bars
from dgm_studio.gui.stage_chrome import nice_ticks
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.painted import CENTRE, smooth, words
from dgm_studio.gui.widgets.section import SectionHeader

AXES = ("x\N{SUBSCRIPT ONE}", "x\N{SUBSCRIPT TWO}")
HEIGHT, FOOT = 92, 16
NOTE = "line: data"


class Marginals(QWidget):
    """`show_data(points)`, then `show_frame(points, t)` of each frame; both (n, d), of which two axes are shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tint = "sample"
        stack = Stack(self, gap=6)
        self.head = SectionHeader("Marginals", note=NOTE)
        stack.addWidget(self.head)
        self.plots = tuple(Histogram() for _ in AXES)
        for plot in self.plots:
            stack.addWidget(plot)

    def show_data(self, points: Array) -> None:
        """What the particles are to look like."""
        for axis, plot in enumerate(self.plots):
            plot.setVisible(axis < points.shape[1])
            if axis < points.shape[1]:
                plot.show_data(points[:, axis], AXES[axis] if points.shape[1] > 1 else "x")

    def set_tint(self, tint: str) -> None:
        """The colour of what carries the particles."""
        self._tint = tint

    def show_frame(self, points: Array | None, t: float) -> None:
        """The particles now; None without a film."""
        for axis, plot in enumerate(self.plots):
            if points is None or axis < points.shape[1]:
                plot.show_points(None if points is None else points[:, axis], self._tint, t)


class Histogram(QWidget):
    """One axis: the data's outline, and the particles' bars on the same scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.data: Array = np.zeros(0)
        self.points: Array | None = None
        self._name, self._tint, self._t = "x", "sample", 1.0
        self._span: tuple[float, float] | None = None
        self._kept: tuple[object, QImage] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), self.height())

    def show_data(self, data: Array, name: str) -> None:
        """The data's (n,)."""
        if data is not self.data or name != self._name:
            self.data, self._name, self._span = np.ascontiguousarray(data), name, None
            self.update()

    def show_points(self, points: Array | None, tint: str, t: float) -> None:
        """The particles' (n,) at t."""
        same = points is None if self.points is None else points is not None and np.shares_memory(points, self.points)
        if not same or (tint, t) != (self._tint, self._t):
            self.points, self._tint, self._t = points, tint, t
            self.setAccessibleName(f"Marginal of {self._name}")
            if points is not None and len(points):
                said = f"{self._name} at t = {t:.2f}: mean {points.mean():.2f}, std {points.std():.2f}"
                against = f"; data: mean {self.data.mean():.2f}, std {self.data.std():.2f}" if len(self.data) else ""
                self.setAccessibleDescription(said + against)
                self.setToolTip(said + against)
            self.update()

    @property
    def span(self) -> tuple[float, float]:
        """What is seen: the data, and half as much beyond them; the film's own ends where there are none."""
        if self._span is not None:
            return self._span
        seen = self.data if len(self.data) else self.points
        if seen is None or not len(seen):
            return -1.0, 1.0
        low, high = np.quantile(seen[np.isfinite(seen)], [0.001, 0.999]).tolist()
        room = 0.25 * max(high - low, 0.1)
        found = low - room, high + room
        if len(self.data):
            self._span = found
        return found

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter, (low, high) = smooth(self), self.span
        floor, points = self.height() - theme().px(FOOT), self.points
        width, most = bar_width(high - low, max(200, len(self.data))), self._most(low, high)
        if points is not None and len(points):
            edges, heights = bars(points[:, None], low, high, width)
            self._paint_bars(painter, edges, heights[:, 0] / most, low, high, floor, self._tint, filled=True)
        painter.drawImage(QPointF(0, 0), self._ground(low, high, width, most, floor))
        said = f"{self._name} at t = {self._t:.2f}" if points is not None else self._name
        words(painter, QRect(theme().px(2), 0, self.width(), theme().px(14)), said, font(11), theme().colour("dim"))
        painter.end()

    def _most(self, low: float, high: float) -> float:
        """The density at the top: the data's own scale, so that one frame's bars can be told from the next one's."""
        seen = self.data if len(self.data) else self.points
        if seen is None or not len(seen):
            return 1.0
        _, heights = bars(seen[:, None], low, high, bar_width(high - low, max(200, len(self.data))))
        return 1.25 * (float(heights.max(initial=0.0)) or 1.0)

    def _ground(self, low: float, high: float, width: float, most: float, floor: int) -> QImage:
        """What stands still: the data's outline, the axis, the figures; painted once."""
        ratio = self.devicePixelRatioF()
        key = (self.size().toTuple(), ratio, theme().tokens, theme().scale, low, high, most, self.data.ctypes.data)
        if self._kept is None or self._kept[0] != key:
            image = QImage(self.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
            image.setDevicePixelRatio(ratio)
            image.fill(0)
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if len(self.data):
                edges, heights = bars(self.data[:, None], low, high, width)
                self._paint_bars(painter, edges, heights[:, 0] / most, low, high, floor, "data", filled=False)
            painter.setPen(QPen(theme().colour("line"), 1.0))
            painter.drawLine(0, floor, self.width(), floor)
            self._paint_figures(painter, low, high, floor)
            painter.end()
            self._kept = key, image
        return self._kept[1]

    def _paint_bars(
        self, painter: QPainter, edges: Array, heights: Array, low: float, high: float, floor: int, tint: str, *,
        filled: bool,
    ) -> None:  # fmt: skip
        across = (np.repeat(edges, 2)[1:-1] - low) / (high - low) * self.width()
        up = floor - np.repeat(np.minimum(heights, 1.0), 2) * floor
        outline = [QPointF(x, y) for x, y in zip(across.tolist(), up.tolist(), strict=True)]
        painter.setPen(QPen(theme().colour(tint), (1.0 if filled else 1.6) * theme().scale))
        painter.setBrush(theme().colour(tint, 0.42) if filled else Qt.BrushStyle.NoBrush)
        if filled:
            # All edges are upright or level: smoothing them costs ten times as much and shows nothing.
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.drawPolygon([QPointF(across[0], floor), *outline, QPointF(across[-1], floor)])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        else:
            painter.drawPolyline(outline)

    def _paint_figures(self, painter: QPainter, low: float, high: float, floor: int) -> None:
        face, px = font(10, tabular=True), theme().px
        for tick in nice_ticks(low, high, 5):
            middle = round((tick - low) / (high - low) * self.width())
            if px(14) < middle < self.width() - px(14):
                place = QRect(middle - px(20), floor + 1, px(40), px(FOOT) - 1)
                text = f"{tick:g}".replace("-", "\N{MINUS SIGN}")
                words(painter, place, text, face, theme().colour("faint"), CENTRE)
