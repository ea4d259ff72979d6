"""Clouds, segments and bars of a plot: never one item a point (a scatter starves the worker)."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.sketch import Bars, Cloud, Pairing, Plot, Segments
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.splat import cloud_image, draw_cloud
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.plot_range import scaled

SHADES = 8
"""Opacities that segments may have: one call of the painter for each."""
LOUD = 0.9
HANDFUL = 8
"""Points that are painted sooner than an image of them is made."""
PAIR_SIZE = 9.0
"""Points that a person connects are large enough to be hit."""


def paint_areas(painter: QPainter, lens: Lens, plot: Plot) -> None:
    """The ground under curves that are filled, each as one shape: pieces would show their seams."""
    foot = lens.top + lens.height if plot.log_y else lens.to_pixels(np.zeros((1, 2)))[0, 1]
    for one in plot.lines:
        if one.filled:
            at = lens.to_pixels(np.column_stack((scaled(one.x, plot.log_x), scaled(one.y, plot.log_y))))
            at = at[np.isfinite(at).all(1)]
            if len(at):
                x, y = np.r_[at[:, 0], at[-1, 0], at[0, 0]], np.r_[at[:, 1], foot, foot]
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme().colour(one.tone, 0.16))
                painter.drawPath(pg.arrayToQPath(x, y))


def paint_bars(painter: QPainter, lens: Lens, plot: Plot) -> None:
    """Histograms, tinted, with an outline along their tops."""
    for bars in plot.bars:
        if len(bars.heights):
            _paint_histogram(painter, lens, bars, plot)


def _paint_histogram(painter: QPainter, lens: Lens, bars: Bars, plot: Plot) -> None:
    edges = np.repeat(scaled(bars.edges, plot.log_x), 2)
    foot = lens.top + lens.height if plot.log_y else lens.to_pixels(np.zeros((1, 2)))[0, 1]
    tops = np.nan_to_num(scaled(bars.heights, plot.log_y), nan=0.0)
    at = lens.to_pixels(np.column_stack((edges[1:-1], np.repeat(tops, 2))))
    outline = [QPointF(at[0, 0], foot), *(QPointF(x, y) for x, y in at.tolist()), QPointF(at[-1, 0], foot)]
    painter.setPen(QPen(theme().colour(bars.tone), 1.6 * lens.scale))
    painter.setBrush(theme().colour(bars.tone, 0.28 if bars.filled else 0.0))
    painter.drawPolygon(outline)
    if bars.knob:  # a person draws it: each bar is seen by itself
        painter.setPen(QPen(theme().colour(bars.tone, 0.45), 1.0 * lens.scale))
        cuts = np.column_stack((at[1:-1:2, 0], np.full(len(at) // 2 - 1, foot), at[1:-1:2, 0], at[1:-1:2, 1]))
        strokes(painter, cuts)


def paint_segments(painter: QPainter, lens: Lens, plot: Plot) -> None:
    """Straight pieces, by shades of opacity."""
    for one in plot.segments:
        if len(one.ends):
            _paint_pieces(painter, lens, one, plot)


def _paint_pieces(painter: QPainter, lens: Lens, one: Segments, plot: Plot) -> None:
    ends = one.ends.reshape(-1, 2)
    at = lens.to_pixels(np.column_stack((scaled(ends[:, 0], plot.log_x), scaled(ends[:, 1], plot.log_y))))
    pieces = at.reshape(-1, 4)
    weights = np.ones(len(pieces)) if one.weights is None else np.clip(one.weights, 0.0, 1.0)
    fine = np.isfinite(pieces).all(1)
    shades = np.where(fine, np.ceil(weights * SHADES), 0).astype(int)
    for shade in np.unique(shades[shades > 0]).tolist():
        pen = QPen(theme().colour(one.tone, LOUD * shade / SHADES), one.width * lens.scale)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        strokes(painter, pieces[shades == shade])


def strokes(painter: QPainter, pieces: Array) -> None:
    """Lines (n, 4) in one call, each stroked by itself: as one path Qt would resolve all their crossings."""
    if len(pieces):
        store = PrimitiveArray(QLineF, 4)
        store.resize(len(pieces))
        store.ndarray()[:] = pieces
        painter.drawLines(*store.drawargs())


class Clouds:
    """The clouds of one plot and the points that are to be connected, each kept as an image while the view rests."""

    def __init__(self) -> None:
        self._clouds: tuple[Cloud, ...] = ()
        self._kept: dict[int, tuple[Cloud, Lens, tuple[QImage, QPointF]]] = {}

    def show(self, plot: Plot) -> None:
        """Paint this plot's from now on."""
        clouds = [*plot.clouds, *(_pair_clouds(plot.pairing) if plot.pairing is not None else ())]
        self._clouds = tuple(_as_drawn(cloud, plot) for cloud in clouds)

    def paint(self, painter: QPainter, lens: Lens, vector: bool) -> None:
        """Stamped dots; on a vector paper, and where they are a handful, round ones."""
        for place, cloud in enumerate(self._clouds):
            if not len(cloud.points):
                continue
            tints = [theme().colour(cloud.tone, LOUD)]
            if vector or len(cloud.points) <= HANDFUL:
                draw_cloud(painter, lens, cloud.points, cloud.size, tints)
                continue
            kept = self._kept.get(place)
            if kept is None or kept[0] is not cloud or kept[1] != lens:
                kept = (cloud, lens, cloud_image(lens, cloud.points, cloud.size, tints))
                self._kept[place] = kept
            image, corner = kept[2]
            painter.drawImage(corner, image)


def _pair_clouds(pairing: Pairing) -> tuple[Cloud, Cloud]:
    return Cloud("", "data", pairing.left, PAIR_SIZE), Cloud("", "sample", pairing.right, PAIR_SIZE)


def _as_drawn(cloud: Cloud, plot: Plot) -> Cloud:
    if not (plot.log_x or plot.log_y):
        return cloud
    x, y = scaled(cloud.points[:, 0], plot.log_x), scaled(cloud.points[:, 1], plot.log_y)
    return Cloud(cloud.name, cloud.tone, np.column_stack((x, y)), cloud.size)
