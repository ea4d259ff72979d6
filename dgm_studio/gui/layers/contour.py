"""The marginal p_t as level lines: regions that hold most of it."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from PySide6.QtGui import QPainter

from dgm_studio.core.arrays import Array, same
from dgm_studio.core.ask import EXACT, LEARNED, Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.contours import contours
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import draw_lines, line_pen
from dgm_studio.gui.theme.theme import Theme

SHARES = (0.5, 0.8, 0.95)
"""Of what of p_t is in sight, the regions of highest density hold so much."""


class ContourLayer(Layer):
    """Borders of the smallest regions that hold SHARES of p_t: the model's own, or with `exact` the known one's,
    dashed."""

    id, title, token, z = "contour", "Contours", "accent", 18.0

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.exact = False
        self.levels: list[list[Array]] = []
        """Lines of each share, in model units."""
        self._values: Array | None = None
        self._box: Box | None = None

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        return (Ask("density", EXACT if self.exact else LEARNED, box, resolution, t),)

    def wants(self, key: str) -> bool:
        return key == Ask("density", EXACT if self.exact else LEARNED).key

    def set_exact(self, on: bool) -> None:
        """Of the known law instead of the model."""
        if on != self.exact:
            self.exact = on
            self.clear()

    def accept(self, picture: Picture) -> None:
        values, box = picture.arrays["values"], picture.ask.box
        if values.ndim != 2 or (same(values, self._values) and box == self._box):
            return
        self._values, self._box = values, box
        # Found once for a picture, not once for a painting.
        self.levels = [contours(values, level, box) for level in levels_holding(values, SHARES)]
        self.changed()

    def clear(self) -> None:
        self._values, self.levels = None, []
        self.changed()

    def has_content(self) -> bool:
        return any(self.levels)

    def remark(self) -> str:
        """What the lines hold."""
        said = ", ".join(f"{100 * share:.0f}" for share in SHARES[:-1])
        whose = "the exact p" if self.exact else "p"
        return f"contours hold {said} and {100 * SHARES[-1]:.0f} % of {whose}ₜ"

    def draw(self, painter: QPainter, lens: Lens) -> None:
        token = "exact" if self.exact else self.token
        for number, lines in enumerate(self.levels):
            # The innermost region is the strongest line.
            colour = self._theme.colour(token, 0.95 - 0.2 * number)
            draw_lines(painter, lens, lines, line_pen(colour, lens.scale, dashed=self.exact))


def levels_holding(values: Array, shares: tuple[float, ...]) -> list[float]:
    """The levels above which a map's highest values make up such shares of its sum; [] of an empty map."""
    known = np.asarray(values, dtype=np.float64)[np.isfinite(values)]
    high = np.sort(known[known > 0])[::-1]
    if not len(high):
        return []
    held = np.cumsum(high) / high.sum()
    return [float(high[min(int(np.searchsorted(held, share)), len(high) - 1)]) for share in shares]


LAYER = ContourLayer
