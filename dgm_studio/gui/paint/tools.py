"""The tools: each turns press, drag and release into points, deterministically from the generator given.

How much a tool puts depends on the way it went, not on how often the mouse reported it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dgm_studio.core.arrays import Array
from dgm_studio.gui.paint.canvas import HALF, Canvas

Spot = tuple[float, float]


@dataclass(frozen=True)
class Nib:
    """What every tool draws with: radius in model units, density in points per square unit, class from 0."""

    radius: float = 0.3
    density: float = 120.0
    label: int = 0

    @property
    def disc(self) -> float:
        """Points a full disc of this radius holds: density pi r^2."""
        return self.density * math.pi * self.radius**2


class Tool:
    """One tool between press and release; the base does nothing but remember where it is."""

    id = ""
    title = ""
    key = ""
    help = ""
    holds = False
    """Whether `hold` is to be called while the button is down and the mouse rests."""

    def __init__(self) -> None:
        self.at: Spot = (0.0, 0.0)
        self._owed = 0.0

    @property
    def preview(self) -> tuple[Spot, Spot] | None:
        """A segment to be drawn before it becomes points."""
        return None

    def press(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """The button goes down at model coordinates `at`."""
        self.at, self._owed = at, 0.0

    def drag(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """The mouse moves with the button down."""
        self.at = at

    def hold(self, canvas: Canvas, nib: Nib, rng: np.random.Generator) -> None:
        """The button is down; called about thirty times a second."""

    def release(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """The button goes up."""
        if at != self.at:
            self.drag(canvas, at, nib, rng)

    def _whole(self, amount: float) -> int:
        """The whole points of `amount`; the rest is owed to the next call, so that small moves add up."""
        self._owed += amount
        count = int(self._owed)
        self._owed -= count
        return count


class Brush(Tool):
    """Even points in the swept band: density 2 r per unit of way, and one disc where it began."""

    id, title, key = "brush", "Brush", "B"
    help = "Even points along the stroke"

    def press(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """The first disc, at least one point."""
        super().press(canvas, at, nib, rng)
        canvas.add(along(at, at, max(1, self._whole(nib.disc)), nib.radius, rng), nib.label)

    def drag(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """The band from the last place to this one."""
        count = self._whole(nib.density * 2.0 * nib.radius * math.dist(self.at, at))
        canvas.add(along(self.at, at, count, nib.radius, rng), nib.label)
        self.at = at


class Spray(Tool):
    """Points denser towards the middle, while the button is down: a quarter disc each time it is held."""

    id, title, key = "spray", "Spray", "S"
    help = "A cloud that thickens while you hold"
    holds = True

    def press(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """The first puff."""
        super().press(canvas, at, nib, rng)
        self._owed = 1.0
        self.hold(canvas, nib, rng)

    def hold(self, canvas: Canvas, nib: Nib, rng: np.random.Generator) -> None:
        """One more puff where the mouse is."""
        count = self._whole(nib.disc / 4.0)
        # A Gaussian of standard deviation r / 2.5 cut at r, by its inverse distribution: none is thrown away.
        spread = nib.radius / 2.5
        cut = 1.0 - math.exp(-0.5 * 2.5**2)
        distance = spread * np.sqrt(-2.0 * np.log1p(-cut * rng.random(count)))
        canvas.add(np.asarray(self.at) + around(distance, rng), nib.label)


class Line(Tool):
    """A straight band of even points from press to release."""

    id, title, key = "line", "Line", "L"
    help = "A straight band from press to release"

    def __init__(self) -> None:
        super().__init__()
        self._start: Spot | None = None

    @property
    def preview(self) -> tuple[Spot, Spot] | None:
        """From the press to the mouse."""
        return None if self._start is None else (self._start, self.at)

    def press(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """The line's beginning."""
        super().press(canvas, at, nib, rng)
        self._start = at

    def release(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """Put the points of the whole line: density (2 r length + pi r^2)."""
        super().release(canvas, at, nib, rng)
        start, self._start = self._start or at, None
        count = max(1, self._whole(nib.density * 2.0 * nib.radius * math.dist(start, at) + nib.disc))
        canvas.add(along(start, at, count, nib.radius, rng), nib.label)


class Eraser(Tool):
    """Removes every point nearer than the radius to the way it went, of all classes."""

    id, title, key = "eraser", "Eraser", "E"
    help = "Removes points of every class"

    def press(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """Remove under the first disc."""
        super().press(canvas, at, nib, rng)
        canvas.erase(near_segment(canvas.points, at, at, nib.radius))

    def drag(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """Remove under the whole way, so that a quick stroke leaves no gaps."""
        canvas.erase(near_segment(canvas.points, self.at, at, nib.radius))
        self.at = at


class Move(Tool):
    """Carries the points under the circle; the group stops at the canvas's edge and keeps its shape."""

    id, title, key = "move", "Move", "M"
    help = "Carries the points under the circle"

    def __init__(self) -> None:
        super().__init__()
        self._held: npt.NDArray[np.intp] = np.zeros(0, np.intp)
        self._from: Array = np.zeros((0, 2), np.float32)
        self._start: Spot = (0.0, 0.0)

    def press(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """Take hold of what lies under the circle."""
        super().press(canvas, at, nib, rng)
        self._start = at
        self._held = np.flatnonzero(near_segment(canvas.points, at, at, nib.radius))
        self._from = canvas.points[self._held].astype(np.float64)

    def drag(self, canvas: Canvas, at: Spot, nib: Nib, rng: np.random.Generator) -> None:
        """Carry by the whole way since the press (not step by step: no rounding adds up)."""
        self.at = at
        if len(self._held):
            shift = np.subtract(at, self._start)
            shift = np.clip(shift, -HALF - self._from.min(axis=0), HALF - self._from.max(axis=0))
            canvas.place(self._held, self._from + shift)


TOOLS: tuple[type[Tool], ...] = (Brush, Spray, Line, Eraser, Move)


def around(distance: Array, rng: np.random.Generator) -> Array:
    """Points (n, 2) at the given distances (n,) from the origin, in even directions."""
    angle = rng.uniform(0.0, 2.0 * np.pi, len(distance))
    return np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=1)


def along(start: Spot, end: Spot, count: int, radius: float, rng: np.random.Generator) -> Array:
    """`count` points (count, 2), each even in a disc of `radius` about an even place of the segment."""
    place = rng.random((count, 1))
    centre = np.asarray(start) * (1.0 - place) + np.asarray(end) * place
    return np.asarray(centre + around(radius * np.sqrt(rng.random(count)), rng))


def near_segment(points: Array, start: Spot, end: Spot, radius: float) -> npt.NDArray[np.bool_]:
    """Which points (n, 2) lie within `radius` of the segment."""
    origin, way = np.asarray(start), np.subtract(end, start)
    length2 = float(way @ way)
    along_way = np.clip((points - origin) @ way / length2, 0.0, 1.0) if length2 else np.zeros(len(points))
    off = points - origin - along_way[:, None] * way
    return np.asarray((off**2).sum(axis=1) <= radius**2)
