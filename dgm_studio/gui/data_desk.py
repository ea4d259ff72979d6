"""The data desk: painting points, and importing them from files. Reading happens in the worker."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dgm_studio.core.dataspec import DataSpec, PointSet
from dgm_studio.core.reports import Failure
from dgm_studio.core.requests import Cancel, Import, Inspect
from dgm_studio.core.table import PICTURES, ImportChoice, Table
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.busy_overlay import BusyOverlay

# Imported when first opened: the first paint does not wait for what is not yet seen.
if TYPE_CHECKING:
    from dgm_studio.gui.dialogs.import_table import ImportDialog
    from dgm_studio.gui.paint.window import PaintWindow

LANE = "import"
FILTER = "Points or a silhouette (*.csv *.tsv *.txt *.dat *.npy *.png *.jpg *.jpeg *.bmp *.gif *.webp)"


class DataDesk(QObject):
    """`offer` is called with the points a person made or chose, `restore` with the data of before when painting is
    called off."""

    failed = Signal(object)
    """A Failure: the file is no table of points."""

    def __init__(
        self,
        studio: Studio,
        offer: Callable[[PointSet], None],
        restore: Callable[[DataSpec], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._studio = studio
        self._offer = offer
        self._restore = restore
        self._before: DataSpec | None = None
        self._dialog: ImportDialog | None = None
        self._window = window
        self._busy = BusyOverlay(window)
        self._busy.cancelled.connect(self._forget)
        self._waiting: dict[int, Callable[[Any], None]] = {}
        self.painter: PaintWindow | None = None
        studio.link.answered.connect(self._answer)
        studio.link.failed.connect(self._fail)

    def paint(self) -> None:
        """Open the paint window, or bring it to the front; strokes feed the run while it trains."""
        from dgm_studio.gui.paint.window import PaintWindow

        if self.painter is None:
            entries = list(self._studio.catalogue.data.values()) if self._studio.catalogue else []
            self.painter = PaintWindow(entries, parent=self._window)
            self.painter.changed.connect(self._offer)
            self.painter.finished_painting.connect(self._offer)
            self.painter.cancelled.connect(self._take_back)
        recipe = self._studio.run.recipe
        self._before = recipe.data_now() if recipe is not None else None
        self.painter.show()
        self.painter.raise_()
        self.painter.activateWindow()

    def _take_back(self) -> None:
        """Painting was called off: if strokes were fed to the run, it goes back to the data of before."""
        recipe = self._studio.run.recipe
        if self._before is not None and recipe is not None and recipe.data_now() != self._before:
            self._restore(self._before)

    def choose_file(self) -> None:
        """Ask for a file of points."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Import points", "", FILTER)
        if name:
            self.inspect(name)

    def inspect(self, name: str) -> None:
        """Read a file's columns, then ask which ones; a picture has none to ask for."""
        self._dialog = None
        if name.lower().endswith(PICTURES):
            self._import(name, ImportChoice(()))
            return
        self._ask(Inspect(LANE, name, steps=None), "Reading the file's columns…", self._choose)

    def _choose(self, table: Table) -> None:
        from dgm_studio.gui.dialogs.import_table import ImportDialog

        self._dialog = ImportDialog(table, self._window)
        self._dialog.chosen.connect(partial(self._import, table.path))
        self._dialog.open()

    def _import(self, path: str, choice: ImportChoice) -> None:
        self._ask(Import(LANE, path, choice, steps=None), "Reading the points…", self._imported)

    def _imported(self, points: PointSet) -> None:
        self._end_dialog()
        self._offer(points)

    def _end_dialog(self) -> None:
        if self._dialog is not None:
            self._dialog.accept()
            self._dialog.deleteLater()
            self._dialog = None

    def _ask(self, request: Inspect | Import, what: str, then: Callable[[Any], None]) -> None:
        self._busy.begin(what)
        self._waiting[self._studio.link.send(request)] = then

    def _answer(self, request: int, value: object) -> None:
        if (then := self._waiting.pop(request, None)) is not None:
            self._busy.end()
            then(value)

    def _fail(self, lane: str, failure: Failure) -> None:
        if lane == LANE:
            self._waiting.clear()
            self._busy.end()
            if self._dialog is not None:
                # Bad rows beyond the preview show up only now: the dialog offers to drop them.
                self._dialog.refuse(failure.sentence)
            else:
                self.failed.emit(failure)

    def _forget(self) -> None:
        """Cancelled: the process that reads is killed, the dialog stays as it was."""
        self._studio.link.send(Cancel(LANE))
        self._waiting.clear()
        self._busy.end()
