"""What lies still under the path in the latent plane: the manifold's pictures, encoded data, posterior ellipses."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import LatentMap
from dgm_studio.export.dots import padding, splat
from dgm_studio.gui.theme.theme import theme

DOT = 3.2
ELLIPSES = 300
"""As many as can be told apart; the first of the map's points."""


MANY, ROOM = 9.0, 1.05
"""From this extent on, the plane reaches to the sphere of the prior's draws; its margin there (lab.pictures)."""


class Frame(NamedTuple):
    """The square of the plane that is seen: `side` widget pixels from (`left`, `top`) for [-extent, extent] squared."""

    left: float
    top: float
    side: float
    extent: float

    def to_pixels(self, uv: Array) -> Array:
        """Points (n, 2) of the plane in widget pixels, v upwards."""
        scale = self.side / (2 * self.extent)
        middle = np.array([self.left + self.side / 2, self.top + self.side / 2])
        return np.asarray(middle + np.asarray(uv, dtype=np.float64).reshape(-1, 2) * (scale, -scale))

    def to_plane(self, x: float, y: float) -> tuple[float, float]:
        """A widget point in the plane, no further out than its edges."""
        scale = 2 * self.extent / max(1.0, self.side)
        u, v = (x - self.left) * scale - self.extent, self.extent - (y - self.top) * scale
        return max(-self.extent, min(self.extent, u)), max(-self.extent, min(self.extent, v))


def draw_circles(painter: QPainter, frame: Frame, origin: Array) -> None:
    """The prior's one, two, three standard deviations around the latent 0 as it lies in the plane; where draws lie near
    a sphere that is further out (high dimensions), the circle on which it meets the plane."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().colour("line"), theme().scale))
    at = QPointF(*frame.to_pixels(origin)[0].tolist())
    reach = frame.side / (2 * frame.extent)
    for radius in range(1, math.ceil(frame.extent) + 1) if frame.extent < MANY else (frame.extent / ROOM,):
        painter.drawEllipse(at, radius * reach, radius * reach)


def points_image(frame: Frame, found: LatentMap, ratio: float) -> QImage:
    """The encoded data on a square of `frame.side`, coloured by class; `ratio` device pixels a widget pixel."""
    look = theme()
    size, side = DOT * look.scale * ratio, round(frame.side * ratio)
    pad = padding(size)
    image = QImage(side + 2 * pad, side + 2 * pad, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    pixels = np.frombuffer(image.bits(), dtype=np.uint32).reshape(image.height(), image.width())
    at = (frame.to_pixels(found.points) - (frame.left, frame.top)) * ratio
    kinds = np.asarray(found.labels)
    several = len(np.unique(kinds)) > 1
    colours = [look.class_colour(label) for label in range(8)] if several else [look.colour("data")]
    rgba = np.array([colour.getRgb() for colour in colours], dtype=np.uint8)
    rgba[:, 3] = 225
    splat(pixels, at, size, rgba, np.where(kinds < 0, 7, kinds % 8) if several else None)
    return image.copy(pad, pad, side, side)


def draw_ellipses(painter: QPainter, frame: Frame, found: LatentMap) -> None:
    """One standard deviation of the posterior around each of the first points."""
    look, reach = theme(), frame.side / (2 * frame.extent)
    at = frame.to_pixels(found.points[:ELLIPSES])
    labels, spreads = found.labels[:ELLIPSES], found.spreads[:ELLIPSES]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    several = len(np.unique(found.labels)) > 1
    for label in np.unique(labels):
        path = QPainterPath()
        for (x, y), (wide, high) in zip(at[labels == label], spreads[labels == label], strict=True):
            path.addEllipse(QPointF(float(x), float(y)), reach * float(wide), reach * float(high))
        colour = look.class_colour(int(label) % 8) if several else look.colour("data")
        colour.setAlphaF(0.5)
        painter.setPen(QPen(colour, look.scale))
        painter.drawPath(path)


def draw_manifold(painter: QPainter, frame: Frame, sheet: QImage, side: int) -> None:
    """The grid of `side` x `side` decoded pictures: each around its own place of the plane, so that the middles of the
    outer ones lie on the square's edges."""
    half = frame.side / (2 * max(1, side - 1))
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    whole = frame.side + 2 * half
    painter.drawImage(QRectF(frame.left - half, frame.top - half, whole, whole), sheet)
