"""The latent plane: encoded data, the manifold's pictures, the path with its places, and where one is now."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import LatentMap
from dgm_studio.gui.panels.latents.plane_ground import (
    Frame,
    draw_circles,
    draw_ellipses,
    draw_manifold,
    points_image,
)
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.painted import CENTRE, LEFT, RIGHT, rounded, smooth, words
from dgm_studio.gui.widgets.picture_sheet import sheet_image

POINTS, ELLIPSES, MANIFOLD, PATH = "points", "ellipses", "manifold", "path"
NEAR = 12.0
"""Design pixels within which a press takes a place of the path."""


class LatentPlane(QWidget):
    """`moved(u, v)` when a person presses or drags; `key_pressed(i)` on a place of the path, `point_chosen(index)` on a
    double click at an encoded picture (its index in the data)."""

    moved = Signal(float, float)
    key_pressed = Signal(int)
    point_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.map: LatentMap | None = None
        self.manifold: QImage | None = None
        self.path: Array = np.empty((0, 2))
        self.keys: Array = np.empty((0, 2))
        self.at: tuple[float, float] | None = None
        self.selected = -1
        self.shown = {POINTS, PATH}
        self.says = ""
        """What is said while there is no map."""
        self._side = 0
        self._ground: QImage | None = None
        self._dragging = False
        self.setAccessibleName("Latent plane")
        self.setToolTip("Press or drag to go there; a double click on a dot adds that picture as a place")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setMinimumSize(theme().px(112), theme().px(112))
        self._repaint_ground()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(260), theme().px(260))

    # What is shown.

    def show_map(self, found: LatentMap | None) -> None:
        """Another plane; None while it is being computed."""
        self.map, self.manifold = found, None
        if found is None:
            self.path, self.keys, self.at = np.empty((0, 2)), np.empty((0, 2)), None
        else:
            self.setAccessibleDescription(f"{len(found.points)} encoded pictures over {' and '.join(found.titles)}")
        self._repaint_ground()

    def show_manifold(self, pixels: Array | None, side: int = 0) -> None:
        """The grid (side^2, c, h, w) of decoded pictures, the top row first."""
        self.manifold, self._side = sheet_image(pixels, side) if pixels is not None else None, side
        self._repaint_ground()

    def show_path(self, path: Array, keys: Array, selected: int) -> None:
        """The frames (n, 2) and the places (m, 2) in the plane."""
        self.path, self.keys, self.selected = path, keys, selected
        self._repaint_ground()

    def show_at(self, at: tuple[float, float] | None) -> None:
        """Where one is."""
        self.at = at
        self.update()

    def show_part(self, part: str, on: bool) -> None:
        """Show or hide POINTS, ELLIPSES, MANIFOLD or PATH."""
        (self.shown.add if on else self.shown.discard)(part)
        self._repaint_ground()

    def say(self, text: str) -> None:
        """What is said while there is no map."""
        self.says = text
        self.update()

    def _repaint_ground(self) -> None:
        self._ground = None
        self.update()

    def frame_now(self) -> Frame:
        """The square that is seen."""
        px = theme().px
        side = max(1.0, min(self.width() - 2 * px(8), self.height() - 2 * px(20)))
        extent = self.map.extent if self.map is not None else 3.0
        return Frame((self.width() - side) / 2, (self.height() - side) / 2, side, extent)

    # Painting.

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._repaint_ground()

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        rounded(painter, QRectF(self.rect()), px(8), look.colour("stage"), look.colour("line"))
        if self.map is None:
            words(painter, self.rect().adjusted(px(12), 0, -px(12), 0), self.says, font(12.5), look.colour("dim"),
                  CENTRE)  # fmt: skip
            painter.end()
            return
        frame = self.frame_now()
        if self._ground is None:
            self._ground = self._paint_ground(frame)
        painter.drawImage(QPointF(0, 0), self._ground)
        if self.at is not None:
            x, y = frame.to_pixels(np.array(self.at))[0].tolist()
            painter.setPen(QPen(look.colour("stage"), 4 * look.scale))
            painter.setBrush(look.colour("handle"))
            painter.drawEllipse(QPointF(x, y), px(7), px(7))
            painter.setPen(QPen(look.colour("sample"), 2.4 * look.scale))
            painter.drawEllipse(QPointF(x, y), px(7), px(7))
        painter.end()

    def _paint_ground(self, frame: Frame) -> QImage:
        assert self.map is not None
        look, px, ratio = theme(), theme().px, self.devicePixelRatioF()
        size = QSize(round(self.width() * ratio), round(self.height() * ratio))
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(QRectF(frame.left, frame.top, frame.side, frame.side))
        if MANIFOLD in self.shown and self.manifold is not None:
            draw_manifold(painter, frame, self.manifold, self._side)
        else:
            draw_circles(painter, frame, -(self.map.basis @ self.map.centre))
        if ELLIPSES in self.shown:
            draw_ellipses(painter, frame, self.map)
        if POINTS in self.shown:
            dots = points_image(frame, self.map, ratio)
            dots.setDevicePixelRatio(ratio)
            painter.drawImage(QPointF(frame.left, frame.top), dots)
        painter.setClipping(False)
        if PATH in self.shown:
            self._paint_path(painter, frame)
        low = self.rect().adjusted(px(10), self.height() - px(19), -px(10), 0)
        high = self.rect().adjusted(px(10), 0, -px(10), px(19) - self.height())
        across, up = (self._axis(which) for which in (0, 1))
        words(painter, low, f"→ {across}", font(11), look.colour("faint"), RIGHT)
        words(painter, high, f"↑ {up}", font(11), look.colour("faint"), LEFT)
        painter.end()
        return image

    def _axis(self, which: int) -> str:
        assert self.map is not None
        share = float(self.map.explained[which])
        return f"{self.map.titles[which]}{f', {100 * share:.0f} % of the variance' if share > 0 else ''}"

    def _paint_path(self, painter: QPainter, frame: Frame) -> None:
        look, px = theme(), theme().px
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if len(self.path) > 1:
            line = QPolygonF([QPointF(x, y) for x, y in frame.to_pixels(self.path).tolist()])
            for colour, wide in (("stage", 4.4), ("sample", 2.2)):
                painter.setPen(QPen(look.colour(colour), wide * look.scale))
                painter.drawPolyline(line)
        for index, (x, y) in enumerate(frame.to_pixels(self.keys).tolist() if len(self.keys) else ()):
            box = QRectF(x - px(9), y - px(9), 2 * px(9), 2 * px(9))
            chosen = index == self.selected
            rounded(painter, box, px(9), look.colour("accent" if chosen else "raised"), look.colour("sample"),
                    1.6 * look.scale)  # fmt: skip
            tint = look.colour("on_accent" if chosen else "text")
            words(painter, box.toRect(), str(index + 1), font(11, 600), tint, CENTRE)

    # The hand.

    def key_at(self, x: float, y: float) -> int:
        """The place of the path near a widget point, -1 for none."""
        if not len(self.keys) or PATH not in self.shown:
            return -1
        apart = np.hypot(*(self.frame_now().to_pixels(self.keys) - (x, y)).T)
        nearest = int(np.argmin(apart))
        return nearest if apart[nearest] <= theme().px(NEAR) else -1

    def point_at(self, x: float, y: float) -> int:
        """The index in the data of the encoded picture near a widget point, -1 for none."""
        if self.map is None or not len(self.map.points):
            return -1
        apart = np.hypot(*(self.frame_now().to_pixels(self.map.points) - (x, y)).T)
        nearest = int(np.argmin(apart))
        return int(self.map.indices[nearest]) if apart[nearest] <= theme().px(NEAR) else -1

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        if self.map is None or event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        key = self.key_at(at.x(), at.y())
        if key >= 0:
            self.key_pressed.emit(key)
        else:
            self._dragging = True
            self.moved.emit(*self.frame_now().to_plane(at.x(), at.y()))

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        if self._dragging:
            self.moved.emit(*self.frame_now().to_plane(event.position().x(), event.position().y()))

    def mouseReleaseEvent(self, event: QMouseEvent, /) -> None:
        self._dragging = False

    def mouseDoubleClickEvent(self, event: QMouseEvent, /) -> None:
        self._dragging = False
        point = self.point_at(event.position().x(), event.position().y())
        if point >= 0:
            self.point_chosen.emit(point)
