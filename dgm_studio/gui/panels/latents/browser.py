"""Choosing a picture of the data: pages of thumbnails, of all classes or of one."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.picture_requests import ShowData
from dgm_studio.core.reports import Failure
from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.panels.latents.lane import PictureLane
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.combo import Combo
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.picture_grid import PictureGrid

PAGE, COLUMNS = 60, 10
ALL = "All classes"


class Browser(Sheet):
    """`picked(index, label)` of the training picture that was pressed; it closes then."""

    picked = Signal(int, int)

    def __init__(self, lane: PictureLane, parent: QWidget | None = None) -> None:
        super().__init__("A picture of the data", "Press one; arrows and Enter choose too.", width=620, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._lane = lane
        self._starts = [0]
        """Of the pages so far."""
        self.indices: Array = np.empty(0, dtype=np.int64)
        self.labels: Array = np.empty(0, dtype=np.int64)
        head = Row(gap=8)
        self.classes = Combo("Class", "Only pictures of this class")
        self.classes.addItems([ALL, *(lane.report.classes if lane.report is not None else ())])
        self.where = Label("", 12.5, 400, "dim", elide=True)
        head.addWidget(self.classes)
        head.addWidget(self.where, 1)
        self.grid = PictureGrid("Pictures of the data", "Press one to choose it", columns=COLUMNS, gap=4, keys=True,
                                empty="Reading the data…")  # fmt: skip
        self.body.addLayout(head)
        self.body.addWidget(self.grid)
        self.back = self.add_left(Button("Earlier", "The page before"))
        self.next = self.add_left(Button("Later", "The next page"))
        self.close_button = self.add_right(Button("Cancel", "Back, without a picture (Esc)"))
        self.first_focus = self.grid
        self.close_button.clicked.connect(self.reject)
        self.classes.activated.connect(lambda _: self._turn_to([0]))
        self.back.clicked.connect(lambda: self._turn_to(self._starts[:-1] or [0]))
        self.next.clicked.connect(lambda: self._turn_to([*self._starts, int(self.indices[-1]) + 1]))
        self.grid.pressed.connect(self._pick)
        theme().changed.connect(self._rescale)
        self._rescale()
        self._turn_to([0])

    def _rescale(self) -> None:
        self.grid.setFixedHeight(theme().px(340))

    def _turn_to(self, starts: list[int]) -> None:
        self._starts = starts
        request = ShowData(self._lane.name, starts[-1], PAGE, self.classes.currentIndex() - 1)
        self._lane.ask(request, self._take, self._refuse)

    def _take(self, found: tuple[Array, Array, Array]) -> None:
        self.indices, self.labels, pixels = found
        self.grid.show_pictures(pixels)
        self.grid.select(0 if len(pixels) else -1)
        there = f"pictures {self.indices[0]:,} to {self.indices[-1]:,}" if len(pixels) else "no more pictures"
        self.where.setText(there)
        self.back.set_reason("" if len(self._starts) > 1 else "This is the first page.", "The page before")
        self.next.set_reason("" if len(pixels) == PAGE else "This is the last page.", "The next page")

    def _refuse(self, failure: Failure) -> None:
        self.where.setText(failure.sentence)

    def _pick(self, place: int) -> None:
        self.picked.emit(int(self.indices[place]), int(self.labels[place]))
        self.accept()
