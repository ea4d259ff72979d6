"""Chips: small toggles with a coloured dot and the key that toggles them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.buttons import HIT
from dgm_studio.gui.widgets.flow import Flow
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import ring, rounded, smooth, width_of, words


class Chip(FocusRing, QAbstractButton):
    """`colour` is a token or '#RRGGBB'; `key` is the shortcut shown at the right ("" for none)."""

    def __init__(
        self,
        label: str,
        colour: str = "accent",
        key: str = "",
        tooltip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._colour, self._key = colour, key
        self._tooltip = tooltip or f"Show or hide {label}"
        self.setText(label)
        self.setCheckable(True)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_reason("")
        theme().changed.connect(self._rescale)

    def set_reason(self, reason: str) -> None:
        """Grey with the reason as tooltip, or (empty) usable."""
        self.setEnabled(not reason)
        self.setToolTip(reason or (f"{self._tooltip} ({self._key})" if self._key else self._tooltip))

    def set_label(self, label: str, tooltip: str) -> None:
        """Another name for the same switch."""
        self._tooltip = tooltip
        self.setText(label)
        self.setAccessibleName(label)
        self.set_reason("" if self.isEnabled() else self.toolTip())
        self._rescale()

    def set_colour(self, colour: str) -> None:
        """Another dot."""
        self._colour = colour
        self.update()

    def _rescale(self) -> None:
        self.updateGeometry()
        self.update()

    def _faces(self) -> tuple[int, int]:
        key = width_of(self._key, font(10.5, 500)) if self._key else 0
        return width_of(self.text(), font(12, 500)), key

    def sizeHint(self) -> QSize:
        px = theme().px
        name, key = self._faces()
        return QSize(px(9) + px(8) + px(6) + name + (px(5) + key if key else 0) + px(10), px(HIT))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        on, usable = self.isChecked(), self.isEnabled()
        ground = "pressed" if self.isDown() else "hover" if self.underMouse() and usable else "raised" if on else None
        edge = "border_hover" if self.underMouse() and usable else "line"
        box = QRectF(self.rect())
        rounded(painter, box, px(13), look.colour(ground) if ground else None, look.colour(edge))
        dot = self._colour if on and usable else "band" if usable else "line"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(dot))
        painter.drawEllipse(QPointF(px(9) + px(4), self.height() / 2), px(4), px(4))
        name, key = self._faces()
        tint = ("text" if on else "dim") if usable else "disabled"
        left = px(23)
        words(painter, QRect(left, 0, name, self.height()), self.text(), font(12, 500), look.colour(tint))
        if key:
            at = QRect(left + name + px(5), 0, key, self.height())
            words(painter, at, self._key, font(10.5, 500), look.colour("faint" if usable else "disabled"))
        if self.ringed:
            ring(painter, box, px(13))
        painter.end()


class ChipRow(QWidget):
    """Chips in reading order that wrap; `toggled(id, on)` when a person presses one."""

    toggled = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._flow = Flow(self, gap=5, line_gap=6)
        self.chips: dict[str, Chip] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(
        self,
        key: str,
        label: str,
        colour: str = "accent",
        shortcut: str = "",
        tooltip: str = "",
        *,
        on: bool = False,
    ) -> Chip:
        """One more chip at the end."""
        chip = Chip(label, colour, shortcut, tooltip)
        chip.setChecked(on)
        chip.clicked.connect(lambda now, key=key: self.toggled.emit(key, bool(now)))
        self.chips[key] = chip
        self._flow.addWidget(chip)
        return chip

    def clear(self) -> None:
        """Remove all chips."""
        for chip in self.chips.values():
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips.clear()

    def on(self) -> tuple[str, ...]:
        """Ids of the chips that are down and usable, in order."""
        return tuple(key for key, chip in self.chips.items() if chip.isChecked() and chip.isEnabled())

    def set_on(self, keys: Iterable[str]) -> None:
        """Press exactly these; no signal."""
        wanted = set(keys)
        for key, chip in self.chips.items():
            chip.setChecked(key in wanted)

    def set_reason(self, key: str, reason: str) -> None:
        """Grey one with a reason, or (empty) make it usable."""
        self.chips[key].set_reason(reason)

    def press(self, index: int) -> None:
        """What the digit keys 1 to 9 do.

        Press the chip of that place (from 0), if there is one that can be pressed.
        """
        chips = list(self.chips.values())
        if 0 <= index < len(chips) and chips[index].isEnabled():
            chips[index].click()
