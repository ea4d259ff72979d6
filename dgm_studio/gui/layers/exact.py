"""The known truth beside what was learned: dashed lines in the exact colour."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PySide6.QtGui import QPainter

from dgm_studio.core.arrays import Array, same
from dgm_studio.core.ask import EXACT, Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.arrows import draw_arrows
from dgm_studio.gui.layers.contours import contours
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.line_curve import CURVE, draw_curve, full_height
from dgm_studio.gui.layers.line_room import EXACT_BELOW, LEVELS
from dgm_studio.gui.layers.lines import draw_lines, line_pen
from dgm_studio.gui.theme.theme import Theme

LEARNED_VIEWS = ("density", "velocity", "score", "critic")
DENSITY_LEVELS = (0.05, 0.2, 0.4, 0.6, 0.8)
"""Shares of the density's largest value."""
PLAIN = "exact density"
"""How the note of a density begins that needs no remark."""
CRITIC_LEVELS = (0.25, 0.5, 0.75)


class ExactLayer(Layer):
    """The exact variants of the learned layers that are on; the exact density where none is."""

    id, title, token, z = "exact", "Exact", "exact", 80.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._pictures: dict[str, Picture] = {}
        self.levels: dict[str, list[Array]] = {}
        """By Ask.key: the level lines of exact maps, in model units."""

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        return tuple(Ask(view, EXACT, box, resolution, t) for view in _compared(visible))

    def heed(self, visible: Collection[str]) -> None:
        # What is no longer asked for would stand still beside what moves on.
        kept = {f"{view}:{EXACT}" for view in _compared(visible)}
        if not kept >= self._pictures.keys():
            self._pictures = {key: picture for key, picture in self._pictures.items() if key in kept}
            self.changed()

    def wants(self, key: str) -> bool:
        return key in {f"{view}:{EXACT}" for view in LEARNED_VIEWS}

    def accept(self, picture: Picture) -> None:
        key = picture.ask.key
        known = self._pictures.get(key)
        self._pictures[key] = picture
        # The truth does not move while a model learns it: the same picture again is not painted again.
        if known is not None and known.ask == picture.ask and _same_arrays(known, picture):
            return
        if "values" in picture.arrays and picture.arrays["values"].ndim == 2:
            # Found once for a picture, not once for a painting.
            self.levels[key] = _level_lines(picture)
        self.changed()

    def clear(self) -> None:
        self._pictures = {}
        self.changed()

    def has_content(self) -> bool:
        return bool(self._pictures)

    def remark(self) -> str:
        """How each is known where it is not simply exact: an estimate, a reference from many samples."""
        said = (picture.note for picture in self._pictures.values())
        notes = dict.fromkeys(note for note in said if note and not note.startswith(PLAIN))
        return f"exact: {'; '.join(notes)}" if notes else ""

    def draw(self, painter: QPainter, lens: Lens) -> None:
        for key, picture in self._pictures.items():
            pen = line_pen(self._theme.colour(self.token), lens.scale, dashed=True)
            values, view = picture.arrays.get("values"), picture.ask.view
            if values is not None and values.ndim == 1:
                pen.setWidthF(CURVE * lens.scale)
                height = values * full_height(lens) if view == "critic" else values
                draw_curve(painter, lens, height, picture.ask.box, pen)
            elif values is not None:
                draw_lines(painter, lens, self.levels[key], pen)
            else:
                colour = self._theme.colour(self.token, 0.9)
                arrows = picture.arrays["x"], picture.arrays["v"]
                draw_arrows(painter, lens, *arrows, colour, dashed=True, level=LEVELS[view] + EXACT_BELOW)


def _compared(visible: Collection[str]) -> list[str]:
    return [view for view in LEARNED_VIEWS if view in visible] or ["density"]


def _same_arrays(one: Picture, other: Picture) -> bool:
    return all(same(array, other.arrays.get(name)) for name, array in one.arrays.items())


def _level_lines(picture: Picture) -> list[Array]:
    values = picture.arrays["values"]
    if picture.ask.view == "critic":
        levels: tuple[float, ...] = CRITIC_LEVELS
    else:
        top = float(np.max(values, initial=0.0, where=np.isfinite(values)))
        levels = tuple(share * top for share in DENSITY_LEVELS) if top > 0 else ()
    return [line for level in levels for line in contours(values, level, picture.ask.box)]


LAYER = ExactLayer
