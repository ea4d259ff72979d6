"""A plate: one small picture of captured numbers, with its title, a note, and what it shows on a tooltip."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.reports import Plate
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.painted import LEFT, RIGHT, rounded, smooth, width_of, words
from dgm_studio.gui.widgets.plate_painting import (
    paint_bars,
    paint_curve,
    paint_histogram,
    paint_matrix,
    paint_points,
)

HEAD = 24
PAINTERS: dict[str, Callable[[QPainter, QRectF, Plate], None]] = {
    "points": paint_points,
    "histogram": paint_histogram,
    "matrix": paint_matrix,
    "bars": paint_bars,
    "curve": paint_curve,
}


class PlateCard(QWidget):
    """Takes whatever room its layout gives it."""

    def __init__(self, plate: Plate, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plate = plate
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(f"{plate.title}, {plate.kind}")
        self.setAccessibleDescription(plate.note)
        self.setToolTip("\n".join(line for line in (plate.title, plate.note, plate.help) if line))
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(160), theme().px(110))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(90), theme().px(70))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter, look, px = smooth(self), theme(), theme().px
        name, aside = font(12, 500), font(11, tabular=True)
        note = self.plate.note if width_of(self.plate.note, aside) < 0.55 * self.width() else ""
        wide = width_of(note, aside) if note else 0
        head = QRect(px(2), 0, self.width() - px(4), px(HEAD) - px(3))
        words(painter, head.adjusted(0, 0, -wide - px(8), 0), self.plate.title, name, look.colour("dim"), LEFT)
        words(painter, head, note, aside, look.colour("faint"), RIGHT)
        frame = QRectF(0, px(HEAD), self.width(), self.height() - px(HEAD))
        rounded(painter, frame, px(8), look.colour("stage"), look.colour("line"))
        clip = QPainterPath()
        clip.addRoundedRect(frame.adjusted(1, 1, -1, -1), px(7), px(7))
        painter.setClipPath(clip)
        PAINTERS[self.plate.kind](painter, frame, self.plate)
        painter.end()
