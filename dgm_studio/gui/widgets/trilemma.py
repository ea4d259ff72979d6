"""The generative learning trilemma as a triangle: quality, coverage and speed, a shape for each model (Xiao et al.,
2022; lecture 14)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.painted import smooth, width_of

CORNERS = ("Quality", "Coverage", "Speed")
HEIGHT = 210


class Trilemma(QWidget):
    """Each corner is best at 1; what is nearer to the middle is worse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shapes: list[tuple[str, tuple[float, float, float]]] = []
        self.setAccessibleName("Learning trilemma")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def set_shapes(self, shapes: Sequence[tuple[str, tuple[float, float, float]]]) -> None:
        """(name, (quality, coverage, speed)), each from 0 to 1, in the order of the runs."""
        self.shapes = list(shapes)
        lines = [f"{name}: " + ", ".join(f"{c.lower()} {v:.2f}" for c, v in zip(CORNERS, values, strict=True))
                 for name, values in self.shapes]  # fmt: skip
        how = (
            "Quality: noise floor over sliced W2. Coverage: modes, or k-NN recall. Speed: samples a second, 10² to 10⁶."
        )
        self.setToolTip("\n".join([how, *lines]))
        self.setAccessibleDescription("; ".join(lines))
        self.update()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(220), theme().px(HEIGHT))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        face = font(12, 500)
        reach = min(self.width() / 2 - width_of("Coverage", face) * 0.55, (self.height() - px(40)) / 1.5)
        centre = QPointF(self.width() / 2, px(20) + reach)
        for share in (1.0, 2 / 3, 1 / 3):
            painter.setPen(QPen(look.colour("line" if share < 1 else "border_hover"), look.scale))
            painter.drawPolygon(_corners(centre, reach, (share, share, share)))
        for index, (_, values) in enumerate(self.shapes):
            colour = look.class_colour(index)
            painter.setPen(QPen(colour, 2 * look.scale))
            colour.setAlphaF(0.13)
            painter.setBrush(colour)
            painter.drawPolygon(_corners(centre, reach, values))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        self._paint_names(painter, centre, reach)
        painter.end()

    def _paint_names(self, painter: QPainter, centre: QPointF, reach: float) -> None:
        px, face = theme().px, font(12, 500)
        painter.setFont(face)
        painter.setPen(theme().colour("dim"))
        places = _corners(centre, reach, (1, 1, 1))
        for k, name in enumerate(CORNERS):
            at, wide = places.at(k), width_of(name, face)
            top = at.y() - px(18) if k == 0 else at.y() + px(2)
            left = min(max(0.0, at.x() - wide / 2), self.width() - wide)
            painter.drawText(
                QRectF(QRect(round(left), round(top), wide + 2, px(17))), int(Qt.AlignmentFlag.AlignLeft), name
            )


def _corners(centre: QPointF, reach: float, values: Sequence[float]) -> QPolygonF:
    angles = (-math.pi / 2, math.pi / 6, 5 * math.pi / 6)
    return QPolygonF([
        QPointF(centre.x() + reach * value * math.cos(a), centre.y() + reach * value * math.sin(a))
        for a, value in zip(angles, values, strict=True)
    ])  # fmt: skip
