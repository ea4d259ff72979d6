"""The latent plane in small: each point's posterior as an ellipse, over the standard normal's circles."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.painted import rounded, smooth

HEIGHT = 200
LEAST_REACH = 3.2


class LatentMap(QWidget):
    """`show_posteriors(means, stds, labels)`; circles at 1, 2, 3 sigma of the prior N(0, I)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.means: Array = np.empty((0, 2))
        self.stds: Array = np.empty((0, 2))
        self.labels: Array = np.empty(0, dtype=int)
        self.setAccessibleName("Latent map")
        self.setToolTip("Posterior means and one-sigma ellipses of 400 points; circles: 1, 2, 3 sigma of N(0, I)")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def show_posteriors(self, means: Array, stds: Array, labels: Array) -> None:
        """(n, 2), (n, 2) and (n,); colours by class where there are several."""
        self.means, self.stds, self.labels = means, stds, labels
        self.setAccessibleDescription(f"{len(means)} posteriors, mean width {float(stds.mean()):.2f}")
        self.update()

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(HEIGHT))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(HEIGHT))

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look = theme()
        painter = smooth(self)
        rounded(painter, self.rect().toRectF(), look.px(8), look.colour("stage"), look.colour("line"))
        reach = max(LEAST_REACH, 1.1 * float(np.abs(self.means).max(initial=0.0)))
        zoom = 0.5 * min(self.width(), self.height()) / reach
        middle = QPointF(self.width() / 2, self.height() / 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(look.colour("line"), look.scale))
        for sigma in (1, 2, 3):
            painter.drawEllipse(middle, sigma * zoom, sigma * zoom)
        several = len(np.unique(self.labels)) > 1
        for (x, y), (wide, high), label in zip(self.means, self.stds, self.labels, strict=True):
            colour = look.class_colour(int(label) % 8) if several else look.colour("sample")
            colour.setAlphaF(0.55)
            painter.setPen(QPen(colour, look.scale))
            at = QPointF(middle.x() + zoom * float(x), middle.y() - zoom * float(y))
            painter.drawEllipse(at, max(1.0, zoom * float(wide)), max(1.0, zoom * float(high)))
        painter.end()
