"""What every layer is: one thing drawn on a stage."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import ClassVar, NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask, Box
from dgm_studio.core.reports import Picture
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.theme.theme import Theme


class Legend(NamedTuple):
    """A colour scale: what it measures, its two ends, and the colours (k, 3) uint8 from low to high."""

    title: str
    low: str
    high: str
    colours: Array


class Layer(pg.GraphicsObject):  # type: ignore[misc]
    """One thing drawn on a stage. Subclasses keep arrays in model units and paint them in pixels.

    On a screen the layer is kept as one image and only redrawn when its data, the view, the screen or the
    theme changed (`changed()`), so that a film playing over six still layers costs one cloud and six copies
    of pixels.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    token: ClassVar[str]
    """The theme's colour that stands for it on its chip."""
    z: ClassVar[float]

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.tint = self.token
        """The token it is painted in: its own, unless a panel says what is shown is of another kind."""
        self._kept: tuple[Lens, tuple[QImage, QPointF]] | None = None
        self.setZValue(self.z)
        self.setFlag(self.GraphicsItemFlag.ItemHasNoContents)
        theme.changed.connect(self.changed)

    # What a panel asks of it

    def asks(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        """What it wants from the worker; () when hidden. `visible` are the ids of all layers that are on."""
        return self.wishes(box, resolution, t, visible) if self.isVisible() else ()

    def wishes(self, box: Box, resolution: int, t: float, visible: Collection[str]) -> tuple[Ask, ...]:
        """What it wants when visible; by default the view of its own name."""
        return (Ask(self.id, box=box, resolution=resolution, t=t),)

    def heed(self, visible: Collection[str]) -> None:
        """Layers were shown or hidden: `visible` are the ids of those that are on."""

    def wants(self, key: str) -> bool:
        """Whether a picture of that Ask.key is for this layer."""
        return key == self.id

    def accept(self, picture: Picture) -> None:
        """Show a picture it asked for."""
        raise TypeError(f"The layer {self.id} takes no pictures.")

    def clear(self) -> None:
        """Forget everything shown."""
        raise TypeError(f"The layer {self.id} cannot be cleared.")

    def has_content(self) -> bool:
        """Whether there is anything to draw."""
        return False

    @property
    def frame_count(self) -> int:
        """Frames of the film it holds, 0 without one."""
        return 0

    def set_frame(self, index: int) -> None:
        """Show that frame of its film, the nearest one where there are fewer; nothing without a film."""

    def hover(self, fraction: float | None) -> None:
        """The pointer is at that fraction of the stage's width; None when it left."""

    def legend(self) -> Legend | None:
        """Its colour scale, where colour means a number."""
        return None

    def remark(self) -> str:
        """What must be said of what it shows, on the stage itself: how exact an exact answer is."""
        return ""

    def set_tint(self, token: str) -> None:
        """Paint it as what `token` stands for, e.g. particles that follow the known truth."""
        if token != self.tint:
            self.tint = token
            self.changed()

    # What a subclass draws

    def draw(self, painter: QPainter, lens: Lens) -> None:
        """Paint with vectors, in logical pixels."""
        raise TypeError(f"The layer {self.id} draws nothing.")

    def raster(self, lens: Lens) -> tuple[QImage, QPointF]:
        """The layer as an image and its top-left corner in logical pixels; by default what `draw` paints."""
        return painted(lens, self.draw)

    def print(self, lens: Lens) -> tuple[QImage, QPointF]:
        """The kept image and its corner, made anew if need be; the same object as long as nothing changed."""
        if self._kept is None or self._kept[0] != lens:
            self._kept = (lens, self.raster(lens))
        return self._kept[1]

    def changed(self) -> None:
        """Its data or the theme changed: paint anew."""
        self._kept = None
        stage = self.getViewWidget()
        if stage is not None and self.isVisible():
            stage.viewport().update()

    # Qt's side. The stage paints its layers itself (sheet.py): as items they only have a place and a switch.

    def boundingRect(self) -> QRectF:
        """Empty: nothing is painted by the scene."""
        return QRectF()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Never called: the item has no contents."""


def painted(
    lens: Lens, draw: Callable[[QPainter, Lens], None], beneath: QImage | None = None
) -> tuple[QImage, QPointF]:
    """What `draw` paints, over a copy of the image `beneath` if there is one, and its corner: see Layer.raster."""
    if beneath is None:
        image = QImage(*lens.device_size, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(lens.ratio)
        image.fill(0)
    else:
        image = beneath.copy()
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.translate(-lens.left, -lens.top)
    draw(painter, lens)
    painter.end()
    return image, QPointF(lens.left, lens.top)
