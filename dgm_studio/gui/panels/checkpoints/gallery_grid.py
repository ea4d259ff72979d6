"""The gallery's tiles, painted as one: pictures of models by their seeds, or by the values of a swept setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.panels.checkpoints.gallery_layout import TileLayout
from dgm_studio.gui.theme.icons import pixmap
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import CENTRE, ring, rounded, smooth, words
from dgm_studio.gui.widgets.picture_sheet import picture_image
from dgm_studio.gui.widgets.picture_tile import draw_picture

_KEYS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
HEAD, LINE, GAP, PIN = 128, 18, 4, 24
"""Design pixels: the rows' names, a line of words, between tiles, the corner that pins."""
NOWHERE = (-1, -1)


@dataclass(frozen=True, eq=False)
class Cell:
    """One tile: its picture (c, h, w) of bytes, or why there is none (`refusal`; both empty: it is being made), the
    word below it, all of what it is made of, and whether it is pinned."""

    pixels: Array | None
    caption: str
    tooltip: str
    refusal: str = ""
    pinned: bool = False


class GalleryGrid(FocusRing, QWidget):
    """`pressed(row, column)` when a tile is clicked or Enter is hit, `pinned(row, column)` for its corner or P,
    `looked(row, column)` for the one under the pointer or the keys. `paints` counts for the status line."""

    pressed = Signal(int, int)
    pinned = Signal(int, int)
    looked = Signal(int, int)

    def __init__(self, name: str, *, least: float = 120, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.paints = 0
        self.cells: tuple[tuple[Cell, ...], ...] = ()
        self.columns: tuple[str, ...] = ()
        self.heads: tuple[tuple[str, str], ...] = ()
        self.across = ""
        self.current = NOWHERE
        self._under = NOWHERE
        self._images: dict[int, tuple[Array, QImage]] = {}
        self._least = least
        self.setAccessibleName(name)
        self.setToolTip(f"{name}: click one for its film; P pins it, arrows move")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setMinimumHeight(theme().px(self._least))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(400), theme().px(self._least))

    # What is shown.

    def show_cells(
        self,
        cells: Sequence[Sequence[Cell]],
        columns: Sequence[str] = (),
        heads: Sequence[tuple[str, str]] = (),
        across: str = "",
    ) -> None:
        """Rows of tiles. With `heads` (title, words) of the rows they stand under `columns`, which are of what `across`
        says; without there is one row, which is wrapped, each tile with its caption."""
        self.cells = tuple(map(tuple, cells))
        self.columns, self.heads, self.across = tuple(columns), tuple(heads), across
        pictures = [one.pixels for row in self.cells for one in row if one.pixels is not None]
        self._images = {id(one): self._images.get(id(one)) or (one, picture_image(one)) for one in pictures}
        if not self._there(*self.current):
            self.current = NOWHERE
        self.setAccessibleDescription(f"{len(pictures)} pictures")
        self.update()

    def _there(self, row: int, column: int) -> bool:
        return 0 <= row < len(self.cells) and 0 <= column < len(self.cells[row])

    def layout_now(self) -> TileLayout:
        """Where the tiles lie at the present size."""
        px = theme().px
        ratios = [one.shape[1] / one.shape[2] for one, _ in self._images.values()]
        return TileLayout(
            len(self.cells), max(map(len, self.cells), default=0), self.width(), self.height(), bool(self.heads),
            px(HEAD), px(LINE), px(GAP), max(ratios, default=1.0),
        )  # fmt: skip

    def look_at(self, row: int, column: int) -> None:
        """Ring one; (-1, -1) for none."""
        if self._there(row, column) and (row, column) != self.current:
            self.current = (row, column)
            self.looked.emit(row, column)
        self.update()

    # Painting.

    def paintEvent(self, event: QPaintEvent, /) -> None:
        self.paints += 1
        painter = smooth(self)
        lay, look, px = self.layout_now(), theme(), theme().px
        wide, high = lay.tile
        if self.heads:
            room = QRect(0, 0, px(HEAD) - px(12), px(LINE))
            words(painter, room, self.across, font(11.5), look.colour("faint"))
        for column, name in enumerate(self.columns if self.heads else ()):
            at = QRect(round(lay.box(0, column).x()), 0, round(wide), px(LINE))
            words(painter, at, name, font(11.5, 500), look.colour("dim"), CENTRE)
        for row, cells in enumerate(self.cells):
            if self.heads:
                self._head(painter, round(lay.box(row, 0).y()), round(high), *self.heads[row])
            for column, cell in enumerate(cells):
                self._tile(painter, lay.box(row, column), cell, (row, column))
                if not self.heads:
                    below = QRect(
                        *map(round, (lay.box(row, column).x(), lay.box(row, column).bottom(), wide, px(LINE)))
                    )
                    words(painter, below, cell.caption, font(11), look.colour("dim"), CENTRE)
        if self._there(*self.current):
            rounded(painter, lay.box(*self.current), px(3), None, look.colour("sample"), 2.4 * look.scale)
        if self.ringed:
            ring(painter, QRectF(self.rect()), px(4))
        painter.end()

    def _head(self, painter: QPainter, top: int, high: int, title: str, note: str) -> None:
        look, px = theme(), theme().px
        middle, room = top + high // 2, px(HEAD) - px(12)
        words(painter, QRect(0, middle - px(18), room, px(18)), title, font(12.5, 600), look.colour("text"))
        words(painter, QRect(0, middle, room, px(18)), note, font(11.5), look.colour("dim"))

    def _tile(self, painter: QPainter, box: QRectF, cell: Cell, place: tuple[int, int]) -> None:
        look, px = theme(), theme().px
        if cell.pixels is None:
            rounded(painter, box, px(4), look.colour("stage"), look.colour("error" if cell.refusal else "line"))
            word = "refused" if cell.refusal else "…"
            tint = look.colour("error" if cell.refusal else "faint")
            words(painter, box.toRect(), word, font(11.5), tint, CENTRE)
            return
        image = self._images[id(cell.pixels)][1]
        zoom = min(box.width() / image.width(), box.height() / image.height())
        inner = QRectF(0, 0, zoom * image.width(), zoom * image.height())
        inner.moveCenter(box.center())
        draw_picture(painter, inner, image)
        if cell.pinned or place == self._under:
            corner = self._corner(box)
            rounded(painter, corner, px(4), look.colour("raised"), look.colour("line"))
            side = max(8, round(0.6 * corner.width() / look.scale))
            half = px(side) / 2
            at = corner.center() - QPointF(half, half)
            painter.drawPixmap(at, pixmap("pin", "sample" if cell.pinned else "dim", side))

    @staticmethod
    def _corner(box: QRectF) -> QRectF:
        side = min(theme().px(PIN), 0.3 * box.width())
        return QRectF(box.right() - side, box.top(), side, side)

    # The hand.

    def cell_at(self, at: QPoint) -> tuple[int, int]:
        """The tile under a point of the widget, (-1, -1) for none."""
        found = self.layout_now().cell_at(at.x(), at.y())
        return found if found is not None and self._there(*found) else NOWHERE

    def event(self, event: QEvent, /) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row, column = self.cell_at(event.pos())
            cell = self.cells[row][column] if row >= 0 else None
            text = self.toolTip() if cell is None else "\n".join(filter(None, (cell.tooltip, cell.refusal)))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent, /) -> None:
        under = self.cell_at(event.position().toPoint())
        if under != self._under:
            self._under = under
            self.look_at(*under)

    def leaveEvent(self, event: QEvent, /) -> None:
        self._under = NOWHERE
        self.update()

    def mousePressEvent(self, event: QMouseEvent, /) -> None:
        row, column = self.cell_at(event.position().toPoint())
        if row < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        self.look_at(row, column)
        corner = self._corner(self.layout_now().box(row, column))
        (self.pinned if corner.contains(event.position()) else self.pressed).emit(row, column)

    def keyPressEvent(self, event: QKeyEvent, /) -> None:
        key = Qt.Key(event.key())
        if key in _KEYS and self.cells:
            self._move(*_KEYS[key])
        elif key in _ENTER and self._there(*self.current):
            self.pressed.emit(*self.current)
        elif key == Qt.Key.Key_P and self._there(*self.current):
            self.pinned.emit(*self.current)
        else:
            super().keyPressEvent(event)

    def _move(self, down: int, right: int) -> None:
        row, column = self.current if self._there(*self.current) else (0, -1 if right > 0 else 0)
        if self.heads:
            row, column = row + down, column + right
        else:
            column += right + down * self.layout_now().across
        if self._there(row, column):
            self.look_at(row, column)
