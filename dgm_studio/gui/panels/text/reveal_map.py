"""When each position was revealed, how unsure the network was of it, and how many masks are left, over the steps."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.gui.panels.text.film import TokenFilm
from dgm_studio.gui.panels.text.map_image import colours, picture
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.painted import RIGHT, rounded, smooth, words

REVEALED, ENTROPY, MASKS = "revealed", "entropy", "masks"
KINDS = (
    (REVEALED, "Revealed", "Each position coloured by the step at which its token came: late ones are brighter"),
    (ENTROPY, "Entropy", "The network's entropy at each position and step, in nats: bright is unsure"),
    (MASKS, "Masks left", "The share of positions that are still masked, over the steps"),
)
PAD = 12


class RevealMap(QWidget):
    """The whole film is painted once into a picture; a frame only moves the line. A press or drag scrubs."""

    scrubbed = Signal(int, int)
    """(moment, position) under the pointer while it is pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = REVEALED
        self.index = 0
        self.selected = -1
        self._film: TokenFilm | None = None
        self._image: QImage | None = None
        self.setAccessibleName("Map of positions and steps")
        self.setToolTip("Positions go right, steps go down. Press or drag to go to a step.")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._forget)

    def show_film(self, film: TokenFilm | None) -> None:
        """Another film, or the same with more steps."""
        self._film = film if film is not None and film.moments else None
        self._forget()

    def show_moment(self, index: int, selected: int) -> None:
        """The line, and the position that is looked at (-1: none)."""
        if (index, selected) != (self.index, self.selected):
            self.index, self.selected = index, selected
            self.update()

    def set_kind(self, kind: str) -> None:
        """Revealed, entropy or masks."""
        self.kind = kind
        self.setAccessibleDescription({key: text for key, _, text in KINDS}[kind])
        self._forget()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(300), theme().px(200))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(120), theme().px(60))

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._forget()

    def _forget(self) -> None:
        self._image = None
        self.update()

    def box(self) -> QRect:
        """Where the map itself is."""
        pad = theme().px(PAD)
        return self.rect().adjusted(pad, pad, -pad, -pad)

    def line_at(self) -> float:
        """How far down the line of the present step is, in pixels: under the step's row."""
        if self._film is None:
            return 0.0
        box, moments = self.box(), len(self._film.moments)
        return box.top() + box.height() * (min(self.index, moments - 1) + 1) / moments

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        rounded(painter, QRectF(self.rect()), px(8), look.colour("stage"), look.colour("line"))
        film, box = self._film, self.box()
        if film is None or box.width() < 8 or box.height() < 8:
            painter.end()
            return
        if self.kind == MASKS:
            self._paint_curve(painter, film, box)
        else:
            if self._image is None:
                cells = colours(film, self.kind, look.tokens)
                self._image = picture(cells, box.width(), box.height(), look.tokens.stage)
            painter.drawImage(box.topLeft(), self._image)
            self._paint_line(painter, film, box)
        painter.end()

    def _paint_line(self, painter: QPainter, film: TokenFilm, box: QRect) -> None:
        """What is to come is veiled; the present step is a line, the position that is looked at a frame."""
        look, y = theme(), self.line_at()
        painter.fillRect(QRectF(box.left(), y, box.width(), box.bottom() + 1 - y), look.colour("stage", 0.72))
        if self.selected >= 0:
            wide = box.width() / film.length
            frame = QRectF(box.left() + self.selected * wide - 1, box.top(), wide, box.height())
            rounded(painter, frame, 1, None, look.colour("text", 0.8), 1.2 * look.scale)
        painter.fillRect(QRectF(box.left(), y - look.scale, box.width(), 2 * look.scale), look.colour("sample"))

    def _paint_curve(self, painter: QPainter, film: TokenFilm, box: QRect) -> None:
        look, px, face = theme(), theme().px, font(11, tabular=True)
        left, foot = px(50), px(18)
        plot = QRectF(box.left() + left, box.top() + px(4), box.width() - left - px(4), box.height() - foot - px(4))
        for share in (0.0, 0.5, 1.0):
            y = plot.bottom() - share * plot.height()
            painter.fillRect(QRectF(plot.left(), y, plot.width(), 1), look.colour("line"))
            at = QRect(box.left(), round(y) - px(8), left - px(6), px(16))
            words(painter, at, f"{100 * share:.0f} %", face, look.colour("faint"), RIGHT)
        shares = film.masks_left()
        across = np.linspace(plot.left(), plot.right(), max(2, len(shares)))[: len(shares)]
        points = [QPointF(x, plot.bottom() - y * plot.height()) for x, y in zip(across, shares, strict=True)]
        painter.setPen(QPen(look.colour("accent"), 2 * look.scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        below = QRect(round(plot.left()), round(plot.bottom()) + px(3), round(plot.width()), foot)
        words(painter, below, "step 0", face, look.colour("faint"))
        words(painter, below, f"step {film.moments[-1].at.step}", face, look.colour("faint"), RIGHT)
        here = points[min(self.index, len(points) - 1)]
        painter.setPen(QPen(look.colour("sample"), 1.6 * look.scale))
        painter.drawLine(QPointF(here.x(), plot.top()), QPointF(here.x(), plot.bottom()))
        painter.setBrush(look.colour("sample"))
        painter.drawEllipse(here, px(4), px(4))

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        self._scrub(event)

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scrub(event)

    def _scrub(self, event: QMouseEvent) -> None:
        film, box = self._film, self.box()
        if film is None or box.isEmpty():
            return
        x = (event.position().x() - box.left()) / box.width()
        y = (event.position().y() - box.top()) / box.height()
        along = x if self.kind == MASKS else y
        moment = int(along * (len(film.moments) - 1) + 0.5) if self.kind == MASKS else int(along * len(film.moments))
        position = -1 if self.kind == MASKS else max(0, min(int(x * film.length), film.length - 1))
        self.scrubbed.emit(max(0, min(moment, len(film.moments) - 1)), position)
