"""On or off: a small switch."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.buttons import HIT
from dgm_studio.gui.widgets.focus_ring import FocusRing
from dgm_studio.gui.widgets.painted import ring, rounded, smooth


class Switch(FocusRing, QAbstractButton):
    """A pill whose knob stands right when on."""

    def __init__(self, name: str, tooltip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(theme().px(40), theme().px(HIT))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        if self.ringed:
            ring(painter, QRectF(self.rect()), px(13))
        pill = QRectF(px(4), (self.height() - px(18)) / 2, px(32), px(18))
        on, usable = self.isChecked(), self.isEnabled()
        ground = "line" if not usable else ("accent_hover" if self.underMouse() else "accent") if on else "band"
        if not on and usable and not self.underMouse():
            ground = "line"
        rounded(painter, pill, px(9), look.colour(ground))
        at = pill.right() - px(9) if on else pill.left() + px(9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(("handle" if on else "dim") if usable else "disabled"))
        painter.drawEllipse(QPointF(at, pill.center().y()), px(6), px(6))
        painter.end()
