"""The eight classes as colours, one of which is chosen."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QWidget

from dgm_studio.gui.paint.canvas import CLASSES
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row
from dgm_studio.gui.widgets.buttons import HIT
from dgm_studio.gui.widgets.painted import CENTRE, ring, rounded, smooth, words


class Swatch(QAbstractButton):
    """One class: its colour and its number, so that it can be told without seeing colours."""

    def __init__(self, label: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = label
        self.setCheckable(True)
        self.setToolTip(f"Draw class {label + 1} (key {label + 1})")
        self.setAccessibleName(f"Class {label + 1}")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A square one can hit."""
        return QSize(theme().px(HIT), theme().px(HIT))

    def minimumSizeHint(self) -> QSize:
        """Never smaller."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A disc in the class's colour; a ring when chosen."""
        px = theme().px
        painter = smooth(self)
        box = QRectF(self.rect())
        colour = theme().class_colour(self.label)
        if self.isChecked():
            rounded(painter, box.adjusted(1, 1, -1, -1), px(7), None, colour, 2 * theme().scale)
        elif self.underMouse():
            rounded(painter, box.adjusted(1, 1, -1, -1), px(7), theme().colour("hover"))
        if self.hasFocus():
            ring(painter, box, px(7))
        inner = px(4)
        disc = box.adjusted(inner, inner, -inner, -inner)
        rounded(painter, disc, px(4), colour)
        words(painter, disc.toRect(), str(self.label + 1), font(11, 600), theme().colour("stage"), CENTRE)


class Swatches(QWidget):
    """All classes in a row; `picked(label)` when another is chosen."""

    picked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = Row(self, gap=4)
        self._group = QButtonGroup(self)
        for label in range(CLASSES):
            swatch = Swatch(label)
            self._group.addButton(swatch, label)
            row.addWidget(swatch)
        row.addStretch(1)
        self._group.button(0).setChecked(True)
        self._group.idToggled.connect(self._toggled)

    @property
    def label(self) -> int:
        """The chosen class, from 0."""
        return self._group.checkedId()

    def pick(self, label: int) -> None:
        """Choose a class."""
        self._group.button(label).setChecked(True)

    def _toggled(self, label: int, on: bool) -> None:
        if on:
            self.picked.emit(label)
