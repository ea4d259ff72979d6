"""What the colour of a particle may say: where it started, at which mode it ends, or the time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QColor

from dgm_studio.core.arrays import Array
from dgm_studio.gui.layers.layer import Legend
from dgm_studio.gui.theme.colormaps import heat_map
from dgm_studio.gui.theme.oklab import from_oklab
from dgm_studio.gui.theme.theme import Theme

SECTORS = 16
"""Angles of a start that are told apart in the plane; each in two shades, near the middle and far from it."""
STRETCHES = 16
"""Places of a start on the line, and times, that are told apart."""
MODES = 8
"""Modes that are told apart; the ninth has the colour of the first again."""
SHADES = {"dark": (0.84, 0.68), "light": (0.45, 0.60)}
"""OKLab lightness of starts near the middle and far from it, on either stage."""
CHROMA = 0.13
SPAN = {"dark": (0.3, 1.0), "light": (0.0, 0.72)}
"""The part of the heat map that either stage does not swallow."""


@dataclass(frozen=True, eq=False)
class Colouring:
    """`which` (n,) picks one row of `table(theme)` (c, 3) uint8 for each particle; None: all have that of the time.
    `scale` is the title and the two ends of the legend, which has the first `shown` colours."""

    table: Callable[[Theme], Array]
    which: Array | None
    scale: tuple[str, str, str]
    shown: int

    def classes(self, count: int, t: float) -> Array | None:
        """Which colour each of `count` particles has at time t; None where it speaks of other particles."""
        if self.which is None:
            return np.full(count, stretch(t))
        return self.which if len(self.which) == count else None

    def colours(self, theme: Theme, opacity: float) -> list[QColor]:
        """All that it picks from."""
        made = [QColor(*colour) for colour in self.table(theme).tolist()]
        for colour in made:
            colour.setAlphaF(opacity)
        return made

    def legend(self, theme: Theme) -> Legend:
        """Its scale; of angles the shade near the middle."""
        return Legend(*self.scale, self.table(theme)[: self.shown])


class Ink(NamedTuple):
    """How ways are coloured: by the first of the colours, by each particle's group (m,), or by each step's (p - 1,)."""

    colours: list[QColor]
    groups: Array | None = None
    steps: Array | None = None


def way_ink(
    colouring: Colouring | None, theme: Theme, plain: QColor, count: int, which: slice | Array, times: Sequence[float]
) -> Ink:
    """The ink of the ways of `which` of `count` particles over `times`: `plain` without a colouring that knows them."""
    if colouring is None or (colouring.which is not None and len(colouring.which) != count):
        return Ink([plain])
    colours = colouring.colours(theme, plain.alphaF())
    if colouring.which is not None:
        return Ink(colours, groups=colouring.which[which])
    return Ink(colours, steps=np.array([stretch(t) for t in times[:-1]], dtype=np.intp))


def by_origin(start: Array) -> Colouring:
    """Of particles that start at (n, d): in the plane by angle and distance, on the line by rank."""
    if start.shape[1] == 1:
        rank = np.argsort(np.argsort(start[:, 0], kind="stable"), kind="stable")
        which = rank * STRETCHES // max(1, len(start))
        return Colouring(_heat, which, ("rank of the start", "lowest", "highest"), STRETCHES)
    about = start[:, :2] - start[:, :2].mean(axis=0)
    turn = np.arctan2(about[:, 1], about[:, 0]) / (2 * np.pi) % 1.0
    far = np.linalg.norm(about, axis=1)
    sector = np.minimum((turn * SECTORS).astype(int), SECTORS - 1)
    which = sector + SECTORS * (far > np.median(far))
    return Colouring(_angles, which, ("angle of the start", "0°", "360°"), SECTORS)


def by_mode(which: Array, modes: int) -> Colouring:
    """Of particles that end nearest to mode `which` (n,) of so many."""
    shown = min(modes, MODES)
    return Colouring(_classes, np.asarray(which, dtype=np.intp) % MODES, ("mode at the end", "1", f"{shown}"), shown)


def by_time() -> Colouring:
    """Each particle, and each stretch of its way, by the time it is of."""
    return Colouring(_heat, None, ("path time t", "0", "1"), STRETCHES)


def stretch(t: float) -> int:
    """Which of STRETCHES a time in [0, 1] is in."""
    return max(0, min(int(t * STRETCHES), STRETCHES - 1))


def _heat(theme: Theme) -> Array:
    low, high = SPAN[theme.tokens.name]
    return np.asarray(heat_map(theme.tokens)[np.rint(255 * np.linspace(low, high, STRETCHES)).astype(int)])


def _classes(theme: Theme) -> Array:
    own = [theme.class_colour(k) for k in range(MODES)]
    return np.array([(one.red(), one.green(), one.blue()) for one in own], dtype=np.uint8)


def _angles(theme: Theme) -> Array:
    """Hues all around at one lightness, and once more for far starts."""
    angle = 2 * np.pi * (np.arange(SECTORS) + 0.5) / SECTORS
    plane = CHROMA * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lab = [np.column_stack([np.full(SECTORS, light), plane]) for light in SHADES[theme.tokens.name]]
    return np.round(255 * from_oklab(np.concatenate(lab))).astype(np.uint8)
