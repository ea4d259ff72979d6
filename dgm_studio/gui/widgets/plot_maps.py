"""Maps of a plot: grids of values as one image each, with level lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from dgm_studio.core.arrays import Array
from dgm_studio.core.sketch import Picture
from dgm_studio.gui.layers.contours import contours
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import draw_lines, line_pen
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.theme.tokens import Tokens
from dgm_studio.gui.widgets.plot_cells import FULLEST, paint_cells

STRONGEST = 0.85
"""Opacity of a map's largest value: curves and points over it stay readable."""


@dataclass
class _Made:
    """What a picture became in one theme; `pixels` keeps the image's memory."""

    picture: Picture
    tokens: Tokens
    pixels: Array
    image: QImage
    levels: list[Array]


class Maps:
    """All maps of one plot, each kept as an image until another one comes."""

    def __init__(self) -> None:
        self._pictures: tuple[Picture, ...] = ()
        self._made: dict[int, _Made] = {}

    def show(self, pictures: tuple[Picture, ...]) -> None:
        """Paint these from now on."""
        self._pictures = pictures

    def paint(self, painter: QPainter, lens: Lens) -> None:
        """In pixels, with level lines over each."""
        for place, picture in enumerate(self._pictures):
            made = self._made.get(place)
            if made is None or made.picture is not picture or made.tokens is not lens.tokens:
                made = self._made[place] = _make(picture, lens.tokens)
            left, top, width, height = lens.rectangle(picture.box)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not picture.cells)
            painter.drawImage(QRectF(left, top, width, height), made.image)
            if picture.cells:
                paint_cells(painter, lens, picture)
            if made.levels:
                tone = "text" if picture.between is not None else picture.tone
                draw_lines(painter, lens, made.levels, line_pen(theme().colour(tone, 0.7), 1.0 * lens.scale))


def _make(picture: Picture, tokens: Tokens) -> _Made:
    pixels = np.ascontiguousarray(colours(picture)[::-1])
    rows, columns = pixels.shape[:2]
    image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
    levels = [line for level in picture.contours for line in contours(picture.values, level, picture.box)]
    return _Made(picture, tokens, pixels, image, levels)


def colours(picture: Picture) -> Array:
    """The map's values (r, c) as colours (r, c, 4) uint8: opacity says how much; what is not finite is clear."""
    values = np.asarray(picture.values, dtype=np.float64)
    fine = np.isfinite(values)
    out = np.zeros((*values.shape, 4), dtype=np.uint8)
    if not fine.any():
        return out
    if picture.cells:
        share = np.sqrt(np.maximum(values, 0.0))  # a tenth is still seen; how much it is the number says
        out[..., :3] = _rgb(picture.tone)
    elif picture.between is None:
        least = min(0.0, float(values[fine].min()))
        share = (values - least) / max(float(values[fine].max()) - least, 1e-300)
        out[..., :3] = _rgb(picture.tone)
    else:
        away = values - picture.middle
        share = np.abs(away) / max(float(np.abs(away[fine]).max()), 1e-300)
        low, high = picture.between
        out[..., :3] = np.where((away < 0)[..., None], _rgb(low), _rgb(high))
    most = FULLEST if picture.cells else STRONGEST
    out[..., 3] = np.rint(255 * most * np.clip(np.where(fine, share, 0.0), 0.0, 1.0))
    return out


def _rgb(tone: str) -> Array:
    colour = theme().colour(tone)
    return np.array([colour.red(), colour.green(), colour.blue()], dtype=np.uint8)
