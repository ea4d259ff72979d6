"""The places of the path in a row: press one to look at it; add, change, remove."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.panels.latents.keyframes import LEAST, MOST, Key
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import CENTRE, ring, rounded, smooth, words
from dgm_studio.gui.widgets.picture_sheet import picture_image
from dgm_studio.gui.widgets.picture_tile import draw_picture

SEED, DATA, FILE, DRAW, HERE = "seed", "data", "file", "draw", "here"
WAYS = (
    (SEED, "A seed of the prior"),
    (DATA, "A picture of the data…"),
    (FILE, "A picture file…"),
    (DRAW, "Draw one…"),
    (HERE, "Where I am now"),
)
"""Where a place can come from."""
FEW = f"A path has at least {LEAST} places."
FULL = f"A path has at most {MOST} places."


class KeyButton(FocusRing, QAbstractButton):
    """One place: its picture, its number, what it is."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self._image: QImage | None = None
        self._words = ""
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()
        self.show_key("", None)

    def show_key(self, title: str, pixels: Array | None) -> None:
        """What it is, and its picture where there is one yet."""
        self._words = title
        self._image = picture_image(pixels) if pixels is not None else None
        self.setAccessibleName(f"Place {self.number}: {title}")
        self.setToolTip(f"Go to place {self.number}: {title}")
        self.update()

    def _rescale(self) -> None:
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(theme().px(54), theme().px(70))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        box = QRectF(0, 0, self.width(), self.width())
        hot = self.underMouse() and self.isEnabled()
        edge = "accent" if self.isChecked() else "border_hover" if hot else "line"
        thick = (2 if self.isChecked() else 1) * look.scale
        rounded(painter, box, px(6), look.colour("stage"), look.colour(edge), thick)
        if self._image is not None:
            draw_picture(painter, box.adjusted(px(4), px(4), -px(4), -px(4)), self._image)
        badge = QRectF(px(2), px(2), px(16), px(16))
        rounded(painter, badge, px(8), look.colour("accent" if self.isChecked() else "raised"), look.colour("line"))
        tint = look.colour("on_accent" if self.isChecked() else "text")
        words(painter, badge.toRect(), str(self.number), font(10.5, 600), tint, CENTRE)
        low = QRect(0, self.width(), self.width(), self.height() - self.width())
        words(painter, low, self._words, font(10.5), look.colour("dim"), CENTRE)
        if self.ringed:
            ring(painter, box, px(6))
        painter.end()


class KeyRow(QWidget):
    """`pressed(i)` on a place; `add_wanted(way)`, `change_wanted(way)` for one of WAYS; `remove_wanted`,
    `move_wanted(by)` for the one that is looked at."""

    pressed = Signal(int)
    add_wanted = Signal(str)
    change_wanted = Signal(str)
    remove_wanted = Signal()
    move_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reasons: dict[str, str] = {}
        row = Row(self, gap=5)
        self.buttons = [KeyButton(number + 1) for number in range(MOST)]
        for index, button in enumerate(self.buttons):
            button.clicked.connect(lambda _=False, index=index: self.pressed.emit(index))
            row.addWidget(button)
            button.hide()
        row.addStretch(1)
        side = Stack(gap=4)
        first, second = Row(gap=4), Row(gap=4)
        self.add = Button("Add…", "One more place, behind the one that is looked at")
        self.change = Button("Change…", "Another place instead of the one that is looked at, or in another order")
        self.remove = Button("Remove", "The path without the place that is looked at")
        first.addWidget(self.add)
        first.addWidget(self.remove)
        second.addWidget(self.change)
        second.addStretch(1)
        side.addLayout(first)
        side.addLayout(second)
        side.addStretch(1)
        row.addLayout(side)
        self.add.clicked.connect(lambda: self._open(self.add, self.add_wanted.emit, order=False))
        self.change.clicked.connect(lambda: self._open(self.change, self.change_wanted.emit, order=True))
        self.remove.clicked.connect(self.remove_wanted)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_keys(self, keys: Sequence[Key], selected: int, classes: tuple[str, ...]) -> None:
        """The places in order, and the one that is looked at."""
        for index, button in enumerate(self.buttons):
            button.setVisible(index < len(keys))
            if index < len(keys):
                button.show_key(keys[index].title(classes), keys[index].pixels)
            button.setChecked(index == selected)
        self.add.set_reason(FULL if len(keys) >= MOST else "", "One more place, behind the one that is looked at")
        self.remove.set_reason(FEW if len(keys) <= LEAST else "", "The path without the place that is looked at")

    def set_reasons(self, reasons: dict[str, str]) -> None:
        """Why some of WAYS cannot be gone with this model."""
        self._reasons = dict(reasons)

    def menu(self, way: object, *, order: bool) -> QMenu:
        """The menu of a button: ways to a place, and where `order`, the place's neighbours."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        assert callable(way)
        for key, text in WAYS:
            action = menu.addAction(text)
            reason = self._reasons.get(key, "")
            action.setEnabled(not reason)
            action.setToolTip(reason or text)
            action.triggered.connect(lambda _=False, key=key: way(key))
        if order:
            menu.addSeparator()
            menu.addAction("Earlier on the path", lambda: self.move_wanted.emit(-1))
            menu.addAction("Later on the path", lambda: self.move_wanted.emit(1))
        return menu

    def _open(self, button: Button, way: object, *, order: bool) -> None:
        self.menu(way, order=order).popup(button.mapToGlobal(QPoint(0, button.height())))
