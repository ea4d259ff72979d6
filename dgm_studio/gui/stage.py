"""The stage: the picture in the middle of a panel. Layers are drawn on it; it pans, zooms and tells where the
pointer is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from dgm_studio.core.ask import Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.hand import Hand
from dgm_studio.gui.layers import layer_classes
from dgm_studio.gui.layers.layer import Layer
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.layers.sheet import Sheet
from dgm_studio.gui.stage_chrome import Card, Chrome, draw_axes, draw_message, draw_ticks
from dgm_studio.gui.theme.theme import Theme

HOME: Box = (-4.0, 4.0, -4.0, 4.0)
ROOM, ABOVE = 0.17, 1.15
"""Room under a line's axis and where its picture ends above, as shares of its highest density."""
LINE_HOME: Box = (-4.0, 4.0, -ROOM * 0.5, ABOVE * 0.5)
SETTLED_AFTER = 120
"""Milliseconds without a change of view after which `box_changed` is emitted."""
ZOOM_STEP = 1.2

Claim = Callable[[float, float], bool]


class Stage(pg.GraphicsView):  # type: ignore[misc]
    """Layers over one view in model units, both axes to the same scale; of data on a line x against density.

    Left or middle drag pans, the wheel zooms about the pointer, a double click or "A" shows the whole again.
    Where `claim(x, y)` says so, a left press belongs to the panel instead: then `pressed`, `dragged`,
    `released` follow. The first of its hands that takes a press is asked before.
    """

    box_changed = Signal(tuple)
    """(x low, x high, y low, y high) once the view has settled after a pan, a zoom or a resize."""
    layers_changed = Signal()
    """A layer was shown or hidden: ask anew."""
    hovered = Signal(float, float)
    left = Signal()
    """The pointer left the stage."""
    pressed = Signal(float, float)
    dragged = Signal(float, float)
    released = Signal(float, float)

    def __init__(self, theme: Theme, layers: Iterable[str] | None = None, parent: QWidget | None = None) -> None:
        """`layers` are the ids of the layers it has, in the order of the chips; None for all. Data and
        samples start on."""
        super().__init__(parent, useOpenGL=False)
        self._theme = theme
        self._home: Box = HOME
        self._line = False
        self._chrome = Chrome(theme)
        self._card: Card | None = None
        self._message = ""
        self._ticks = False
        self._legend = True
        self._claim: Claim | None = None
        self._claimed = False
        self._hands: list[Hand] = []
        self._holding: Hand | None = None
        self._sheet = Sheet()
        self._grip: QPointF | None = None
        self.paints = 0
        """Times it was painted, for the status bar's frames a second."""
        self._view = pg.ViewBox(lockAspect=True, enableMouse=False, enableMenu=False)
        self._view.disableAutoRange()
        self._view.setLimits(minXRange=1e-4, maxXRange=1e5)
        self.setCentralItem(self._view)
        # The overlay lies over everything: painting parts would cost as much and could leave seams.
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setCacheMode(QGraphicsView.CacheModeFlag(0))
        self.setMouseTracking(True)
        self.setAccessibleName("Stage")
        self.setToolTip("Drag to pan, wheel to zoom, double click or A to show all")
        made = self.kinds()
        self._layers = {name: made[name](theme) for name in (layers if layers is not None else made)}
        for name, layer in self._layers.items():
            self._view.addItem(layer, ignoreBounds=True)
            layer.setVisible(name in ("data", "samples"))
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLED_AFTER)
        self._settle.timeout.connect(lambda: self.box_changed.emit(self.box()))
        self._view.sigRangeChanged.connect(lambda *_: self._settle.start())
        theme.changed.connect(self._dress)
        self._dress()
        self.set_box(HOME)

    # Layers

    def kinds(self) -> dict[str, type[Layer]]:
        """What its layers may be, by id."""
        return layer_classes()

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All its layers, in the order of the chips."""
        return tuple(self._layers.values())

    def layer(self, name: str) -> Layer:
        """The layer of that id; KeyError where the stage has none."""
        return self._layers[name]

    def visible_ids(self) -> tuple[str, ...]:
        """Ids of the layers that are on."""
        return tuple(name for name, layer in self._layers.items() if layer.isVisible())

    def show_layer(self, name: str, on: bool) -> None:
        """Turn a layer on or off."""
        if self._layers[name].isVisible() != on:
            self._layers[name].setVisible(on)
            visible = self.visible_ids()
            for shown in visible:
                self._layers[shown].heed(visible)
            self.viewport().update()
            self.layers_changed.emit()

    def asks(self, resolution: int, t: float) -> tuple[Ask, ...]:
        """What the visible layers want from the worker, each once."""
        visible = self.visible_ids()
        wished = [ask for layer in self.layers for ask in layer.asks(self.box(), resolution, t, visible)]
        return tuple(dict.fromkeys(wished))

    def accept(self, picture: Picture) -> None:
        """Hand a picture to every layer that wants it."""
        for layer in self.layers:
            if layer.wants(picture.ask.key):
                layer.accept(picture)

    def set_frame(self, index: int) -> None:
        """Show that frame of every layer's film, but for the grid, which has its own: the pointer replays
        it."""
        for layer in self.layers:
            if layer.id != "grid":
                layer.set_frame(index)

    def clear(self) -> None:
        """Empty all layers."""
        for layer in self.layers:
            layer.clear()

    # View

    @property
    def line(self) -> bool:
        """Whether it shows a line: x against density."""
        return self._line

    @property
    def home(self) -> Box:
        """What `fit` shows."""
        return self._home

    def set_line(self, on: bool) -> None:
        """Show a line, or the plane; what was home is no more. On a line only x pans and zooms: density stands."""
        if on != self._line:
            self._line = on
            self._view.setAspectLocked(not on)
            self.set_box(LINE_HOME if on else HOME)

    def box(self) -> Box:
        """What is in sight, in model units."""
        (x_low, x_high), (y_low, y_high) = self._view.viewRange()
        return float(x_low), float(x_high), float(y_low), float(y_high)

    def set_box(self, box: Box) -> None:
        """Show at least this box, centred, and come back to it on `fit`."""
        self._home = box
        self.look_at(box)

    def look_at(self, box: Box) -> None:
        """Show at least this box, centred; `fit` still comes back to the other."""
        x_low, x_high, y_low, y_high = box
        self._view.setRange(QRectF(x_low, y_low, x_high - x_low, y_high - y_low), padding=0)

    def fit(self) -> None:
        """Show the whole again."""
        self.set_box(self._home)

    def to_model(self, pixel: QPointF) -> tuple[float, float]:
        """A position on the widget in model units."""
        at = self._view.mapSceneToView(self.mapToScene(pixel.toPoint()) + (pixel - QPointF(pixel.toPoint())))
        return float(at.x()), float(at.y())

    def to_pixel(self, x: float, y: float) -> QPointF:
        """A place in model units as a position on the widget."""
        return QPointF(self._view.mapViewToScene(QPointF(x, y)))

    # Over the layers

    def set_overlay(self, title: str, value: str = "", note: str = "") -> None:
        """The card in the corner, e.g. ("path time t", "0.82", "σ = 0.20"); an empty title takes it away."""
        self._set("_card", Card(title, value, note) if title else None)

    def set_message(self, message: str) -> None:
        """The sentence shown while no visible layer has anything to draw."""
        self._set("_message", message)

    def set_ticks(self, on: bool) -> None:
        """Subtle numbers along the edges."""
        self._set("_ticks", on)

    def set_legend(self, on: bool) -> None:
        """The colour scale of the topmost map."""
        self._set("_legend", on)

    def set_claim(self, claim: Claim | None) -> None:
        """Which left presses belong to the panel; None: all pan."""
        self._claim = claim

    def add_hand(self, hand: Hand) -> None:
        """Ask this one too, after those before, whether a left press is its own."""
        self._hands.append(hand)

    def is_empty(self) -> bool:
        """Whether no visible layer has anything to draw."""
        return not any(layer.isVisible() and layer.has_content() for layer in self.layers)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The layers, and over them frame, card, scale, ticks and message."""
        area = QRectF(self.viewport().rect())
        shown = sorted(
            (layer for layer in self.layers if layer.isVisible() and layer.has_content()),
            key=lambda layer: layer.z,
        )
        if shown:
            self._sheet.paint(painter, self._lens(painter, area, shown[0]), shown)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._line and shown:
            draw_axes(painter, self._theme, area, self.box())
        elif self._ticks:
            draw_ticks(painter, self._theme, area, self.box())
        if not shown and self._message:
            draw_message(painter, self._theme, area, self._message)
        legends = [one for layer in shown if (one := layer.legend())]
        legend = legends[-1] if self._legend and legends else None
        remarks = tuple(dict.fromkeys(said for layer in shown if (said := layer.remark())))
        self._chrome.paint(painter, area, self._card, legend, remarks, axes=self._line)
        painter.restore()

    def _lens(self, painter: QPainter, area: QRectF, layer: Layer) -> Lens:
        transform = layer.sceneTransform() * painter.worldTransform()
        seen = painter.worldTransform().mapRect(area)
        # Whole pixels, so that copying a kept image never resamples it.
        left, top = math.floor(seen.left() + 1e-6), math.floor(seen.top() + 1e-6)
        return Lens(
            zoom_x=transform.m11(),
            zoom_y=transform.m22(),
            shift_x=transform.dx(),
            shift_y=transform.dy(),
            left=left,
            top=top,
            width=math.ceil(seen.right() - 1e-6) - left,
            height=math.ceil(seen.bottom() - 1e-6) - top,
            ratio=painter.device().devicePixelRatioF(),
            scale=self._theme.scale,
            tokens=self._theme.tokens,
        )

    # Qt's side

    def sizeHint(self) -> QSize:
        """As in the picture; it takes all that is left anyway."""
        return QSize(720, 660)

    def minimumSizeHint(self) -> QSize:
        """Small enough for three columns at 1280 pixels."""
        return QSize(240, 200)

    def close(self) -> bool:
        """Close as any widget does: pyqtgraph's own tears the scene out of a living view, which crashes."""
        return QWidget.close(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Count, and paint."""
        self.paints += 1
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the home box in sight."""
        super().resizeEvent(event)
        if event is not None:
            self.fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag: the panel's where it claims it, else a pan."""
        x, y = self.to_model(event.position())
        left, held = event.button() == Qt.MouseButton.LeftButton, event.modifiers()
        self._holding = next((one for one in self._hands if left and one.takes(x, y, held)), None)
        if self._holding is not None:
            self._holding.press(x, y)
        elif left and self._claim is not None and self._claim(x, y):
            self._claimed = True
            self.pressed.emit(x, y)
        elif left or event.button() == Qt.MouseButton.MiddleButton:
            self._grip = event.position()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell where the pointer is, and pan."""
        x, y = self.to_model(event.position())
        if self._holding is not None:
            self._holding.drag(x, y)
        elif self._claimed:
            self.dragged.emit(x, y)
        elif self._grip is not None:
            from_x, from_y = self.to_model(self._grip)
            self._view.translateBy(x=from_x - x, y=None if self._line else from_y - y)
            self._grip = event.position()
        self.hovered.emit(x, y)
        share = event.position().x() / max(1, self.viewport().width())
        self._hover(share)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag."""
        if self._holding is not None and event.button() == Qt.MouseButton.LeftButton:
            held, self._holding = self._holding, None
            held.release(*self.to_model(event.position()))
        elif self._claimed and event.button() == Qt.MouseButton.LeftButton:
            self._claimed = False
            self.released.emit(*self.to_model(event.position()))
        self._grip = None
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole, unless the panel claims the place."""
        x, y = self.to_model(event.position())
        taken = any(one.takes(x, y, event.modifiers()) for one in self._hands)
        if taken or (self._claim is not None and self._claim(x, y)):
            self.mousePressEvent(event)
        else:
            self.fit()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom about the pointer."""
        self._zoom(ZOOM_STEP ** (-event.angleDelta().y() / 120), self.to_model(event.position()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A shows all, + and - zoom about the middle; the rest is the window's."""
        x_low, x_high, y_low, y_high = self.box()
        middle = ((x_low + x_high) / 2, (y_low + y_high) / 2)
        if event.key() == Qt.Key.Key_A and not event.modifiers():
            self.fit()
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom(1 / ZOOM_STEP, middle)
        elif event.key() == Qt.Key.Key_Minus:
            self._zoom(ZOOM_STEP, middle)
        else:
            event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer left: the grid is whole again."""
        self._hover(None)
        self.left.emit()
        super().leaveEvent(event)

    def _hover(self, share: float | None) -> None:
        for layer in self.layers:
            if layer.isVisible():
                layer.hover(share)

    def _zoom(self, factor: float, about: tuple[float, float]) -> None:
        self._view.scaleBy((factor, 1.0 if self._line else factor), center=about)

    def _set(self, name: str, value: object) -> None:
        """Change what is painted over the layers, and paint only if it is another."""
        if getattr(self, name) != value:
            setattr(self, name, value)
            self.viewport().update()

    def _dress(self) -> None:
        self.setBackground(self._theme.colour("stage"))
        self.viewport().update()
