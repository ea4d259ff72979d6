"""Layouts and surfaces that follow the theme's scale and tokens."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from dgm_studio.gui.theme.theme import theme

Pad = tuple[float, float, float, float]


class Row(QHBoxLayout):
    """Side by side; `gap` and `pad` (left, top, right, bottom) are design pixels."""

    def __init__(self, parent: QWidget | None = None, *, gap: float = 8, pad: Pad = (0, 0, 0, 0)) -> None:
        super().__init__(parent)  # type: ignore[arg-type]  # the stub forgets None
        self._gap, self._pad = gap, pad
        theme().changed.connect(self.rescale)
        self.rescale()

    def rescale(self) -> None:
        """Take the present scale."""
        px = theme().px
        self.setSpacing(px(self._gap))
        self.setContentsMargins(*(px(side) for side in self._pad))


class Stack(QVBoxLayout):
    """One below the other; `gap` and `pad` (left, top, right, bottom) are design pixels."""

    def __init__(self, parent: QWidget | None = None, *, gap: float = 8, pad: Pad = (0, 0, 0, 0)) -> None:
        super().__init__(parent)  # type: ignore[arg-type]  # the stub forgets None
        self._gap, self._pad = gap, pad
        theme().changed.connect(self.rescale)
        self.rescale()

    def rescale(self) -> None:
        """Take the present scale."""
        px = theme().px
        self.setSpacing(px(self._gap))
        self.setContentsMargins(*(px(side) for side in self._pad))


class Surface(QWidget):
    """A plain ground in a token's colour: bg, panel, raised or stage."""

    def __init__(self, token: str = "panel", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._token = token
        self.setAutoFillBackground(True)
        theme().changed.connect(self._tint)
        self._tint()

    def _tint(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, theme().colour(self._token))
        self.setPalette(palette)


class Hairline(Surface):
    """A line of one pixel, lying unless `upright`."""

    def __init__(self, *, upright: bool = False, parent: QWidget | None = None) -> None:
        super().__init__("line", parent)
        fixed, grow = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(fixed if upright else grow, grow if upright else fixed)
        if upright:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
