"""Space and time in one picture: x upwards against t across, for data on a line; the marginal of one t at its right.

These layers are not of every stage: their axes are others (gui.panels.trajectories.time_stage).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.export.histogram import bar_width, bars
from dgm_studio.gui.layers.contours import contours
from dgm_studio.gui.layers.heat import draw_heat, heat_image, with_alpha
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import draw_lines, line_pen
from dgm_studio.gui.layers.probe import draw_handle
from dgm_studio.gui.splat import draw_cloud
from dgm_studio.gui.theme.colormaps import density_map
from dgm_studio.gui.theme.theme import Theme

STRIP = (1.06, 1.32)
"""Where the marginal of the shown t stands, in units of t: density grows to the right."""
WAYS = 100
"""Particles whose ways are drawn."""
GLOW = 175
"""The colour map's last entry that is used, of 255: ways have to stand out against the densest place."""
LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)


class OverTime(Layer):
    """What they share: the film's times and places, the frame shown, and the marginal's scale."""

    moves: ClassVar[bool] = True
    """Whether another frame is another picture: what stands still is painted once, and lies lowest."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.times: Sequence[float] = ()
        self.frames: Sequence[Array] = ()
        self.index = 0
        self.most = 1.0
        """The density at which the marginal's strip ends."""
        self.span: tuple[float, float] = (-4.0, 4.0)
        """What is seen of x."""

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        return ()  # one ask serves several of them: who owns the stage asks

    def wants(self, key: str) -> bool:
        return False  # and hands each what is for it

    def set_film(self, times: Sequence[float], frames: Sequence[Array], index: int) -> None:
        """Times, and the places (n,) at each; both may still grow."""
        self.times, self.frames, self.index = times, frames, index
        self.changed()

    def set_scale(self, span: tuple[float, float], most: float) -> None:
        """x in sight, and the density that fills the strip."""
        if (span, most) != (self.span, self.most):
            self.span, self.most = span, most
            self.changed()

    def set_frame(self, index: int) -> None:
        if index != self.index:
            self.index = index
            if self.moves:
                self.changed()

    @property
    def now(self) -> int:
        """The frame shown, the last where there are fewer; -1 without a film."""
        return min(self.index, len(self.times) - 1)

    def clear(self) -> None:
        self.times, self.frames = (), ()
        self.changed()

    def in_strip(self, density: Array) -> Array:
        """Places across for densities."""
        return STRIP[0] + (STRIP[1] - STRIP[0]) * np.clip(density / max(self.most, 1e-12), 0.0, 1.0)


class MapOverTime(OverTime):
    """p_t(x) (x, t) over `span` and t from 0 to 1; each t to its own peak, for noise may be much wider than data."""

    id, title, token, z = "density", "Density", "accent", 0.0
    moves = False
    dashed = False
    """As what is exact is drawn."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.values: Array | None = None
        self.shares: Array = np.zeros((0, 0))
        self.map_box: Box = (0.0, 1.0, 0.0, 1.0)
        self.note = ""

    def accept(self, picture: Picture) -> None:
        self.values, self.note = picture.arrays["values"], picture.note
        self.map_box = (0.0, 1.0, *picture.ask.box[:2])
        self.shares = self.values / np.maximum(self.values.max(axis=0), 1e-30)
        self.changed()

    def set_exact(self, on: bool) -> None:
        """Whether what is shown is the known truth."""
        self.dashed = on
        self.set_tint("exact" if on else self.token)

    def forget(self) -> None:
        """Another model: what is shown is not of it."""
        self.values = None
        self.changed()

    def has_content(self) -> bool:
        return self.values is not None

    def draw(self, painter: QPainter, lens: Lens) -> None:
        colours = density_map(lens.tokens)[np.linspace(0, GLOW, 256).astype(int)]
        draw_heat(painter, lens, heat_image(self.shares, 0.0, 1.0, with_alpha(colours, 1.0)), self.map_box)

    def at(self, t: float) -> Array:
        """(p, x) of each row (rows, 2) at t, between the columns on either side."""
        assert self.values is not None
        rows, columns = self.values.shape
        place = float(np.clip(t * columns - 0.5, 0, columns - 1))
        low = int(place)
        share = place - low
        density = (1 - share) * self.values[:, low] + share * self.values[:, min(low + 1, columns - 1)]
        x = self.map_box[2] + (np.arange(rows) + 0.5) * (self.map_box[3] - self.map_box[2]) / rows
        return np.stack([density, x], axis=1)


class LinesOverTime(MapOverTime):
    """The exact p_t(x) as level lines, at shares of each t's peak."""

    id, title, token, z = "exact", "Exact", "exact", 40.0
    dashed = True

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.levels: list[Array] = []

    def accept(self, picture: Picture) -> None:
        super().accept(picture)
        self.levels = [line for level in LEVELS for line in contours(self.shares, level, self.map_box)]

    def draw(self, painter: QPainter, lens: Lens) -> None:
        draw_lines(painter, lens, self.levels, line_pen(self._theme.colour(self.token), lens.scale, dashed=True))


class WaysOverTime(OverTime):
    """The ways of the first particles up to the frame shown."""

    id, title, token, z = "paths", "Paths", "sample", 50.0

    def has_content(self) -> bool:
        return self.now > 0

    def draw(self, painter: QPainter, lens: Lens) -> None:
        upto = self.now + 1
        places = np.stack([frame[:WAYS] for frame in self.frames[:upto]], axis=1)
        times = np.broadcast_to(np.asarray(self.times[:upto]), places.shape)
        ways = np.stack([times, places], axis=2)
        draw_lines(painter, lens, list(ways), line_pen(self._theme.colour(self.tint, 0.55), lens.scale))


class OldOverTime(OverTime):
    """The future that a branch has left, faded."""

    id, title, token, z = "branch", "Old future", "dim", 49.0
    moves = False

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.old: Array = np.empty((0, 0, 2))

    def set_film(self, times: Sequence[float], frames: Sequence[Array], index: int) -> None:
        """Another film, of which nothing was left yet."""
        self.old = np.empty((0, 0, 2))
        super().set_film(times, frames, index)

    def set_old(self, frames: Sequence[Array], times: Sequence[float], which: Array) -> None:
        """Frames (n, 1) at `times`, and which particles (k,) go another way now."""
        places = np.stack([frame[which[:WAYS], 0] for frame in frames], axis=1)
        self.old = np.stack([np.broadcast_to(np.asarray(times), places.shape), places], axis=2)
        self.changed()

    def has_content(self) -> bool:
        return len(self.old) > 0

    def draw(self, painter: QPainter, lens: Lens) -> None:
        draw_lines(painter, lens, list(self.old), line_pen(self._theme.colour(self.tint, 0.6), lens.scale))


class ParticlesOverTime(OverTime):
    """Where the particles are at the frame shown: the first as dots on its t, all as a histogram in the strip."""

    id, title, token, z = "samples", "Particles", "sample", 70.0

    def has_content(self) -> bool:
        return self.now >= 0

    def draw(self, painter: QPainter, lens: Lens) -> None:
        t, places = self.times[self.now], self.frames[self.now]
        (left, foot), (_, head) = lens.to_pixels(np.array([[t, self.span[0]], [t, self.span[1]]])).tolist()
        painter.fillRect(QRectF(left - lens.scale / 2, head, lens.scale, foot - head), self._theme.colour("dim", 0.9))
        draw_strip(painter, lens, self, places, self._theme.colour(self.tint), filled=True)
        heads = np.stack([np.full(min(WAYS, len(places)), t), places[:WAYS]], axis=1)
        draw_cloud(painter, lens, heads, 4.5, [self._theme.colour(self.tint)])


class DataOverTime(OverTime):
    """The data's histogram in the strip."""

    id, title, token, z = "data", "Data", "data", 45.0
    moves = False

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.points: Array = np.zeros(0)

    def accept(self, picture: Picture) -> None:
        self.points = picture.arrays["points"][:, 0]
        self.changed()

    def has_content(self) -> bool:
        return len(self.points) > 0

    def draw(self, painter: QPainter, lens: Lens) -> None:
        draw_strip(painter, lens, self, self.points, self._theme.colour(self.token), filled=False)


class MarginalOverTime(OverTime):
    """p at the shown t in the strip, of the maps that are seen: beside the particles' histogram."""

    id, title, token, z = "marginal", "Marginal", "accent", 80.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.maps: tuple[MapOverTime, ...] = ()

    def has_content(self) -> bool:
        return self.now >= 0 and any(one.isVisible() and one.has_content() for one in self.maps)

    def draw(self, painter: QPainter, lens: Lens) -> None:
        for one in self.maps:
            if one.isVisible() and one.has_content():
                curve = one.at(self.times[self.now])
                pen = line_pen(self._theme.colour(one.tint), 2.0 * lens.scale, dashed=one.dashed)
                draw_lines(painter, lens, [np.stack([self.in_strip(curve[:, 0]), curve[:, 1]], axis=1)], pen)


class ProbeOverTime(OverTime):
    """The way of one chosen point, from its handle on; of a datum that is noised also its exact mean and spread."""

    id, title, token, z = "probe", "Start point", "sample", 90.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.start: tuple[float, float] | None = None
        """(t, x) of the handle."""
        self.way: Array = np.zeros((0, 2))
        self.mean: Array = np.zeros((0, 2))
        self.std: Array = np.zeros(0)

    def set_start(self, start: tuple[float, float]) -> None:
        """Move the handle; the way follows when it has been made."""
        self.start = start
        self.changed()

    def set_way(self, way: Array, mean: Array, std: Array) -> None:
        """(t, x) of the way (F, 2) and of the exact mean (F, 2) with its spread (F,), both empty where unknown."""
        self.way, self.mean, self.std = way, mean, std
        self.changed()

    def has_content(self) -> bool:
        return self.start is not None

    def draw(self, painter: QPainter, lens: Lens) -> None:
        if len(self.mean):
            exact = self._theme.colour("exact")
            draw_lines(painter, lens, [self.mean], line_pen(exact, 1.6 * lens.scale, dashed=True))
            aside = np.stack([np.zeros(len(self.std)), self.std], axis=1)
            edges = [self.mean - aside, self.mean + aside]
            draw_lines(painter, lens, edges, line_pen(exact, lens.scale, dashed=True))
        ink, ground = self._theme.colour("text"), self._theme.colour("stage")
        for colour, width in ((ground, 5.0), (ink, 2.0)):
            draw_lines(painter, lens, [self.way] if len(self.way) > 1 else [], line_pen(colour, width * lens.scale))
        assert self.start is not None
        draw_handle(painter, lens, QPointF(*lens.to_pixels(np.array(self.start)).tolist()), ink, ground)


def heights(points: Array, span: tuple[float, float]) -> tuple[Array, Array]:
    """Edges (b + 1,) and densities (b,) of the histogram of points (n,) over a span."""
    width = bar_width(span[1] - span[0], max(1, len(points)))
    edges, found = bars(points[:, None], span[0], span[1], width)
    return edges, found[:, 0]


def draw_strip(painter: QPainter, lens: Lens, layer: OverTime, points: Array, colour: QColor, *, filled: bool) -> None:
    """A histogram that stands on its side: bars from the strip's foot to the right."""
    edges, density = heights(points, layer.span)
    across = np.repeat(layer.in_strip(density), 2)
    up = np.repeat(edges, 2)[1:-1]
    outline = np.concatenate([[[STRIP[0], edges[0]]], np.stack([across, up], axis=1), [[STRIP[0], edges[-1]]]])
    at = [QPointF(x, y) for x, y in lens.to_pixels(outline).tolist()]
    painter.setPen(QPen(colour, (1.0 if filled else 1.8) * lens.scale))
    shade = QColor(colour)
    shade.setAlphaF(0.42)
    painter.setBrush(shade if filled else Qt.BrushStyle.NoBrush)
    painter.drawPolyline(at) if not filled else painter.drawPolygon(at)


KINDS: dict[str, type[OverTime]] = {
    kind.id: kind
    for kind in (
        MapOverTime,
        LinesOverTime,
        DataOverTime,
        WaysOverTime,
        OldOverTime,
        ParticlesOverTime,
        MarginalOverTime,
        ProbeOverTime,
    )
}
