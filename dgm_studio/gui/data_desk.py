"""The data desk: painting points, and importing them from files. Reading happens in the worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from dgm_studio.core.dataspec import PointSet
from dgm_studio.core.reports import Failure
from dgm_studio.core.requests import Import, Inspect
from dgm_studio.core.table import Table
from dgm_studio.engine.worker import DESK
from dgm_studio.gui.dialogs.import_table import ImportDialog
from dgm_studio.gui.paint.window import PaintWindow
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.busy_overlay import BusyOverlay

FILTER = "Points (*.csv *.tsv *.txt *.dat *.npy)"


class DataDesk(QObject):
    """`offer` is called with the points a person made or chose."""

    def __init__(self, studio: Studio, offer: Callable[[PointSet], None], window: QWidget) -> None:
        super().__init__(window)
        self._studio = studio
        self._offer = offer
        self._window = window
        self._busy = BusyOverlay(window)
        self._busy.cancelled.connect(self._forget)
        self._waiting: dict[int, Callable[[Any], None]] = {}
        self.painter: PaintWindow | None = None
        studio.link.answered.connect(self._answer)
        studio.link.failed.connect(self._fail)

    def paint(self) -> None:
        """Open the paint window, or bring it to the front; strokes feed the run while it trains."""
        if self.painter is None:
            entries = list(self._studio.catalogue.data.values()) if self._studio.catalogue else []
            self.painter = PaintWindow(entries, parent=self._window)
            self.painter.changed.connect(self._offer)
            self.painter.finished_painting.connect(self._offer)
        self.painter.show()
        self.painter.raise_()
        self.painter.activateWindow()

    def choose_file(self) -> None:
        """Ask for a file of points."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Import points", "", FILTER)
        if name:
            self.inspect(name)

    def inspect(self, name: str) -> None:
        """Read a file's columns, then ask which ones."""
        self._ask(Inspect(DESK, name), "Reading the file's columns…", self._choose)

    def _choose(self, table: Table) -> None:
        dialog = ImportDialog(table, self._window)
        if dialog.exec():
            self._ask(Import(DESK, table.path, dialog.choice()), "Reading the points…", self._offer)

    def _ask(self, request: Inspect | Import, what: str, then: Callable[[Any], None]) -> None:
        self._busy.begin(what)
        self._waiting[self._studio.link.send(request)] = then

    def _answer(self, request: int, value: object) -> None:
        if (then := self._waiting.pop(request, None)) is not None:
            self._busy.end()
            then(value)

    def _fail(self, lane: str, failure: Failure) -> None:
        if self._waiting.pop(failure.request, None) is not None:
            self._busy.end()

    def _forget(self) -> None:
        """Cancelled: the answer, when it comes, is stale."""
        self._waiting.clear()
        self._busy.end()
