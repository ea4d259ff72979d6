"""The stages of a race, side by side, all showing the same part of the plane and the same layers."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label

MOST = 6


class StageGrid(QWidget):
    """`stages[0]` is the panel's own; others are made when a race needs them. Each has a line above it, `heads`."""

    picked = Signal(int)
    """The line above the stage of this place was pressed."""

    def __init__(self, first: Stage, layers: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers = layers
        self.stages: list[Stage] = []
        self.heads: list[Label] = []
        self._cells: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._following = False
        self._count = self._columns = 1
        self._take(first)
        theme().changed.connect(self._rescale)
        self._rescale()
        self.show_count(1)

    def shown(self, count: int) -> list[Stage]:
        """The first `count` stages, made where they are missing."""
        while len(self.stages) < count:
            stage = Stage(theme(), self._layers)
            stage.setAccessibleName(f"Stage {len(self.stages) + 1}")
            for name in self._layers:
                stage.show_layer(name, self.stages[0].layer(name).isVisible())
            self._take(stage)
        return self.stages[:count]

    @property
    def count(self) -> int:
        """How many are laid out."""
        return self._count

    def show_count(self, count: int) -> list[Stage]:
        """Lay so many out."""
        shown = self.shown(max(1, count))
        self._place(len(shown))
        return shown

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        if columns_for(self._count, self.width(), self.height()) != self._columns:
            self._place(self._count)

    def _place(self, count: int) -> None:
        for cell in self._cells:
            self._grid.removeWidget(cell)
        self._count, self._columns = count, columns_for(count, self.width(), self.height())
        for place, cell in enumerate(self._cells):
            if place < count:
                self._grid.addWidget(cell, place // self._columns, place % self._columns)
            cell.setVisible(place < count)

    def each(self) -> Iterable[Stage]:
        """All there are."""
        return tuple(self.stages)

    def _take(self, stage: Stage) -> None:
        stage.set_legend(False)  # small stages: the scale would cover what it explains
        stage.box_changed.connect(lambda box, stage=stage: self._follow(stage, box))
        cell = QWidget(self)
        stack = Stack(cell, gap=4)
        head = Label("", 12.5, 600, tabular=True, elide=True)
        stack.addWidget(head)
        stack.addWidget(stage, 1)
        self.stages.append(stage)
        self.heads.append(head)
        head.installEventFilter(self)
        self._cells.append(cell)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and watched in self.heads:
            self.picked.emit(self.heads.index(watched))
        return super().eventFilter(watched, event)

    def _follow(self, leader: Stage, box: tuple[float, float, float, float]) -> None:
        if self._following or not leader.underMouse():
            return
        self._following = True
        for stage in self.stages:
            if stage is not leader:
                stage.look_at(box)
        self._following = False

    def _rescale(self) -> None:
        self._grid.setSpacing(theme().px(10))


def columns_for(count: int, width: float, height: float) -> int:
    """Columns whose cells have the longest shorter side, for what is drawn in them is about square; at a tie fewer."""
    return max(range(1, count + 1), key=lambda columns: min(width / columns, height / -(-count // columns)))
