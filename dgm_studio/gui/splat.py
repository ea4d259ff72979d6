"""Point clouds on a painter: stamped into one QImage on a screen, drawn as one path where the paper is a
vector."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.export.dots import padding, splat
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.lines import segments_path


def cloud_image(
    lens: Lens, points: Array, diameter: float, colours: list[QColor], classes: Array | None = None
) -> tuple[QImage, QPointF]:
    """The cloud at device pixels, and where its top-left corner belongs in logical pixels.

    `points` (n, 2) are in model units; `diameter` in design pixels, which presenter mode and the screen's own
    scaling multiply; `classes` (n,) picks a colour per point, None the first for all.
    """
    size = dot_size(lens, diameter) * lens.ratio
    pad = padding(size)
    width, height = lens.device_size
    image = QImage(width + 2 * pad, height + 2 * pad, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    # 32-bit scan lines carry no filler, so that the image's own memory is the array.
    pixels = np.frombuffer(image.bits(), dtype=np.uint32).reshape(image.height(), image.width())
    rgba = np.array([colour.getRgb() for colour in colours], dtype=np.uint8)
    splat(pixels, lens.to_device(points), size, rgba, classes)
    image.setDevicePixelRatio(lens.ratio)
    return image, QPointF(lens.left - pad / lens.ratio, lens.top - pad / lens.ratio)


def draw_cloud(
    painter: QPainter,
    lens: Lens,
    points: Array,
    diameter: float,
    colours: list[QColor],
    classes: Array | None = None,
) -> None:
    """The cloud as vectors, one path of round dots for each colour; for SVG and print."""
    at = lens.to_pixels(points)
    reach = diameter
    seen = (
        (at[:, 0] >= lens.left - reach)
        & (at[:, 0] <= lens.left + lens.width + reach)
        & (at[:, 1] >= lens.top - reach)
        & (at[:, 1] <= lens.top + lens.height + reach)
    )
    for index, colour in enumerate(colours):
        mine = at[seen if classes is None else seen & (classes == index)]
        if not len(mine):
            continue
        # A round cap on a line of no length is a disc; a hundredth of a pixel keeps every reader from
        # dropping it.
        dots = np.stack([mine, mine + np.array((0.01, 0.0))], axis=1)
        pen = QPen(colour, dot_size(lens, diameter))
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawPath(segments_path(dots))
        if classes is None:
            return


def dot_size(lens: Lens, diameter: float) -> float:
    """A design diameter in logical pixels now."""
    return diameter * lens.scale
