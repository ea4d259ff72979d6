"""The sheet: all visible layers onto one painter, with as few copies of pixels as can be.

Qt for Python holds the interpreter's lock while it draws, and the training thread waits for that lock. So the
layers that rest are merged into one opaque image: a film playing over eight still layers costs one plain copy
and one cloud.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter

from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens

VECTOR_ENGINES = {QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture}

Print = tuple[QImage, QPointF]


class Sheet:
    """Paints layers from the lowest to the topmost; one to a stage."""

    def __init__(self) -> None:
        self._last: list[Print] = []
        self._merged: tuple[list[Print], QImage] | None = None

    def paint(self, painter: QPainter, lens: Lens, layers: Sequence[Layer]) -> None:
        """Vectors where the paper is one, else the layers' kept images."""
        painter.save()
        painter.resetTransform()
        if painter.paintEngine().type() in VECTOR_ENGINES:
            painter.setClipRect(QRectF(lens.left, lens.top, lens.width, lens.height))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            for layer in layers:
                layer.draw(painter, lens)
        else:
            self._paint_prints(painter, lens, [layer.print(lens) for layer in layers])
        painter.restore()

    def _paint_prints(self, painter: QPainter, lens: Lens, prints: list[Print]) -> None:
        rest = _common(self._last, prints)
        self._last = prints
        if self._merged is None or not _starts_with(prints, self._merged[0]) or len(self._merged[0]) < rest:
            # Merging pays from the second layer on, once they have rested for a frame.
            self._merged = (prints[:rest], _merge(lens, prints[:rest])) if rest > 1 else None
        done = 0
        if self._merged is not None:
            done = len(self._merged[0])
            painter.drawImage(QPointF(lens.left, lens.top), self._merged[1])
        for image, corner in prints[done:]:
            painter.drawImage(corner, image)


def _common(old: list[Print], new: list[Print]) -> int:
    """How many prints from the lowest on are the very same objects."""
    count = 0
    while count < min(len(old), len(new)) and old[count] is new[count]:
        count += 1
    return count


def _starts_with(prints: list[Print], head: list[Print]) -> bool:
    return _common(prints, head) == len(head)


def _merge(lens: Lens, prints: list[Print]) -> QImage:
    """The prints over the stage's colour, opaque."""
    sheet = QImage(*lens.device_size, QImage.Format.Format_RGB32)
    sheet.setDevicePixelRatio(lens.ratio)
    sheet.fill(QColor(lens.tokens.stage))
    painter = QPainter(sheet)
    for image, corner in prints:
        painter.drawImage(corner - QPointF(lens.left, lens.top), image)
    painter.end()
    return sheet
