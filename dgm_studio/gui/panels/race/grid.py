"""The stages of a race, side by side, all showing the same part of the plane and the same layers."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QGridLayout, QWidget

from dgm_studio.gui.stage import Stage
from dgm_studio.gui.theme.theme import theme

MOST = 6
COLUMNS = {1: 1, 2: 2, 3: 2, 4: 2, 5: 3, 6: 3}
"""Two lines of two use a tall middle better than one line of three."""


class StageGrid(QWidget):
    """`stages[0]` is the panel's own; others are made when a race needs them."""

    def __init__(self, first: Stage, layers: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layers = layers
        self.stages = [first]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._following = False
        first.set_legend(False)
        self._link(first)
        theme().changed.connect(self._rescale)
        self._rescale()
        self.show_count(1)

    def shown(self, count: int) -> list[Stage]:
        """The first `count` stages, made where they are missing."""
        while len(self.stages) < count:
            stage = Stage(theme(), self._layers)
            stage.set_legend(False)  # small stages: the scale would cover what it explains
            stage.setAccessibleName(f"Stage {len(self.stages) + 1}")
            for name in self._layers:
                stage.show_layer(name, self.stages[0].layer(name).isVisible())
            self.stages.append(stage)
            self._link(stage)
        return self.stages[:count]

    def show_count(self, count: int) -> list[Stage]:
        """Lay so many out."""
        for stage in self.stages:
            self._grid.removeWidget(stage)
        columns = COLUMNS[max(1, count)]
        shown = self.shown(max(1, count))
        for place, stage in enumerate(shown):
            self._grid.addWidget(stage, place // columns, place % columns)
            stage.show()
        for stage in self.stages[len(shown) :]:
            stage.hide()
        return shown

    def each(self) -> Iterable[Stage]:
        """All there are."""
        return tuple(self.stages)

    def _link(self, stage: Stage) -> None:
        stage.box_changed.connect(lambda box, stage=stage: self._follow(stage, box))

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
