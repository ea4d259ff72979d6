"""The rail: which panel. Icon and word each, one accent bar, settings and help at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from dgm_studio.gui.theme.icons import pixmap
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Hairline, Stack, Surface
from dgm_studio.gui.widgets.buttons import IconButton
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import CENTRE, ring, rounded, smooth, words

WIDTH = 76


class RailButton(FocusRing, QAbstractButton):
    """One panel's entry; checked is where one is."""

    def __init__(self, word: str, icon_name: str, tooltip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon_name
        self.setText(word)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAccessibleName(word)
        self.setToolTip(tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Maximum)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedWidth(theme().px(WIDTH - 1))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(WIDTH - 1), theme().px(58))

    def minimumSizeHint(self) -> QSize:
        # Six entries at presenter scale still fit a screen of 720 lines.
        return QSize(theme().px(WIDTH - 1), theme().px(46))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        here, hot = self.isChecked(), self.underMouse() and self.isEnabled()
        tile = QRectF(px(7), 0, self.width() - 2 * px(7), self.height())
        if here or hot or self.isDown():
            rounded(painter, tile, px(10), look.colour("pressed" if self.isDown() else "raised"))
        if here:
            painter.fillRect(QRectF(0, px(6), px(3), self.height() - 2 * px(6)), look.colour("accent"))
        usable = self.isEnabled()
        token = "accent" if here else "text" if hot else "dim" if usable else "disabled"
        at = (self.width() - px(26)) // 2
        top = (self.height() - px(46)) // 2 + px(1)
        painter.drawPixmap(at, top, pixmap(self._icon, token, 26))
        size = 11.0 if len(self.text()) <= 9 else 10.5
        words(painter, QRect(0, top + px(28), self.width(), px(18)), self.text(), font(size, 600),
              look.colour("text" if here or hot else "dim" if usable else "disabled"), CENTRE)  # fmt: skip
        if self.ringed:
            ring(painter, tile, px(10))
        painter.end()


class Logo(QWidget):
    """The mark: dgm on an accent tile."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip("DGM Studio")
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedSize(theme().px(32), theme().px(32))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        painter: QPainter = smooth(self)
        look = theme()
        rounded(painter, QRectF(self.rect()), look.px(8), look.colour("accent"))
        words(painter, self.rect(), "dgm", font(13, 700), look.colour("on_accent"), CENTRE)
        painter.end()


class Rail(QWidget):
    """76 design pixels; `picked(id)` when a person chooses a panel."""

    picked = Signal(str)
    settings_clicked = Signal()
    help_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, RailButton] = {}
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        ground = Surface("panel")
        across.addWidget(ground)
        across.addWidget(Hairline(upright=True))
        self._stack = Stack(ground, gap=6, pad=(0, 16, 0, 10))
        centre = Qt.AlignmentFlag.AlignHCenter
        self._stack.addWidget(Logo(), 0, centre)
        self._entries = Stack(gap=8, pad=(0, 12, 0, 0))
        self._stack.addLayout(self._entries)
        self._stack.addStretch(1)
        self.settings = IconButton(
            "settings", "Settings", "Theme, device, threads, frame cap (Ctrl+,)", size=20, hit=36
        )
        self.help = IconButton("help", "Help", "What is what, and the keys (F1)", size=20, hit=36)
        for button, signal in ((self.settings, self.settings_clicked), (self.help, self.help_clicked)):
            button.clicked.connect(signal)
            self._stack.addWidget(button, 0, centre)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedWidth(theme().px(WIDTH))

    def add(self, key: str, word: str, icon_name: str, tooltip: str) -> None:
        """One more panel; the first is where one is."""
        button = RailButton(word, icon_name, tooltip)
        button.clicked.connect(lambda _=False, key=key: self.picked.emit(key))
        button.setChecked(not self.buttons)
        self.buttons[key] = button
        self._entries.addWidget(button)
        # Last first: Qt passes over an order that already holds around the ring, and the ring starts at the
        # window.
        for later in (self.help, self.settings):
            QWidget.setTabOrder(button, later)

    def current(self) -> str:
        """The panel that is marked."""
        return next((key for key, button in self.buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Mark a panel; no signal."""
        self.buttons[key].setChecked(True)
