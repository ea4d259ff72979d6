"""Small rules of painting shared by the widgets that draw themselves."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.theme.theme import theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
    Qt.FocusReason.OtherFocusReason,
)
"""How focus came when its ring must be seen; after a click the pointer shows the place already."""


def smooth(widget: QWidget) -> QPainter:
    """A painter with smooth edges."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter


def rounded(
    painter: QPainter,
    rect: QRectF,
    radius: float,
    fill: QColor | None,
    edge: QColor | None = None,
    width: float = 1,
) -> None:
    """A rounded rectangle, its edge drawn inside `rect`."""
    half = width / 2 if edge is not None else 0.0
    painter.setPen(QPen(edge, width) if edge is not None else Qt.PenStyle.NoPen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)


def ring(painter: QPainter, rect: QRectF, radius: float, token: str = "accent") -> None:
    """The focus ring, two pixels, inside `rect`."""
    rounded(painter, rect, radius, None, theme().colour(token), 2 * theme().scale)


def words(
    painter: QPainter, rect: QRect, text: str, face: QFont, colour: QColor, align: Qt.AlignmentFlag = LEFT
) -> None:
    """One line of text that is shortened rather than cut off."""
    painter.setFont(face)
    painter.setPen(colour)
    shown = QFontMetrics(face).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, int(align), shown)


def width_of(text: str, face: QFont) -> int:
    """The width a text needs, rounded up."""
    return QFontMetrics(face).horizontalAdvance(text) + 1
