"""The middle of Inspect: the table of tensors over the chosen one in pictures; the schedules; the metadata."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from dgm_studio.core.inspection import Inspection
from dgm_studio.gui.panels.checkpoints.metadata_tree import MetadataTree
from dgm_studio.gui.panels.checkpoints.schedule_view import ScheduleView
from dgm_studio.gui.panels.checkpoints.tensor_detail import TensorDetail
from dgm_studio.gui.panels.checkpoints.tensor_model import TensorModel
from dgm_studio.gui.panels.checkpoints.tensor_table import TensorTable
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.segments import Segments
from dgm_studio.gui.widgets.text_field import TextField

TENSORS, SCHEDULES, METADATA = "tensors", "schedules", "metadata"
PAGES = (
    (TENSORS, "Tensors", "Every tensor of the file, and the chosen one in pictures"),
    (SCHEDULES, "Schedules", "Noise schedules that were found inside, as curves"),
    (METADATA, "Metadata", "Settings, counters and words that the file holds beside its tensors"),
)
TABLE, DETAIL = 11, 9
"""How the height is shared."""


class InspectView(QWidget):
    """`table` and `detail` are the tensors; `show_page` brings another page to the front."""

    turned = Signal(str)
    """Another page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._only: frozenset[str] | None = None
        stack = Stack(self, gap=8)
        self.pages_row = Segments(PAGES, gap=3)
        self.pages_row.chosen.connect(self.show_page)
        self.search = TextField()
        self.search.setPlaceholderText("Filter: conv 3x3 float16")
        self.search.setAccessibleName("Filter the tensors")
        self.search.setToolTip("Words that the name, the type or the shape must hold; Escape empties it")
        self.search.setClearButtonEnabled(False)
        self.search.textChanged.connect(lambda _: self._look())
        self.count = Label("", 12, 400, "dim", tabular=True)
        self.every = Button("Show all", "Show all tensors again", kind="link")
        self.every.clicked.connect(self.show_all)
        self.every.hide()
        self.grouped = Button("Group by prefix", "Fold the tensors under the parts of their names, with sub-totals")
        self.grouped.setCheckable(True)
        self.grouped.setChecked(True)
        self.grouped.clicked.connect(lambda on: self.set_grouped(bool(on)))
        head = Row(gap=8)
        head.addWidget(self.pages_row)
        head.addStretch(1)
        stack.addLayout(head)
        self.model = TensorModel(self)
        self.table = TensorTable(self.model)
        self.detail = TensorDetail()
        tensors = QWidget()
        inner = Stack(tensors, gap=8)
        line = Row(gap=8)
        line.addWidget(self.search, 1)
        line.addWidget(self.count)
        line.addWidget(self.every)
        line.addWidget(self.grouped)
        inner.addLayout(line)
        for part, share in ((self.table, TABLE), (self.detail, DETAIL)):
            part.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
            inner.addWidget(part, share)
        self.schedules = ScheduleView()
        self.metadata = MetadataTree()
        self.pages = QStackedWidget()
        self._of = dict(zip((TENSORS, SCHEDULES, METADATA), (tensors, self.schedules, self.metadata), strict=True))
        for page in self._of.values():
            self.pages.addWidget(page)
        stack.addWidget(self.pages, 1)
        self.model.laid_out.connect(self._say)
        self.model.rowsInserted.connect(lambda *_: self._say())
        theme().changed.connect(self._restyle)
        self._restyle()
        self.show_page(TENSORS)

    def _restyle(self) -> None:
        self.search.setFont(font(12))
        self.search.setMinimumWidth(theme().px(90))

    @property
    def page(self) -> str:
        """The page in front."""
        return self.pages_row.current()

    def show_page(self, name: str) -> None:
        """Bring it to the front."""
        self.pages_row.set_current(name)
        self.pages.setCurrentWidget(self._of[name])
        self.turned.emit(name)

    def show_inspection(self, found: Inspection | None) -> None:
        """What comes with the file's head: schedules and metadata."""
        self.schedules.show_curves(found.curves if found is not None else ())
        self.metadata.show_tree(found.metadata if found is not None else {})

    def clear(self) -> None:
        """Another file."""
        self._only = None
        self.every.hide()
        self.model.clear()
        self.search.clear()
        self.show_inspection(None)
        self.table.choose("")

    def set_grouped(self, on: bool) -> None:
        """Under the parts of their names, or one line each."""
        self.grouped.setChecked(on)
        self.model.set_grouped(on)

    def show_only(self, names: frozenset[str]) -> None:
        """Just these tensors, until `show_all`."""
        self._only = names
        self.every.show()
        self.show_page(TENSORS)
        self._look()

    def show_all(self) -> None:
        """No tensor is left out."""
        self._only = None
        self.every.hide()
        self.search.clear()
        self._look()

    def _look(self) -> None:
        self.model.look_for(self.search.text(), self._only)

    def _say(self) -> None:
        table = self.model.table
        found, every = len(table.found()), len(table.entries)
        self.count.setText(f"{found:,} of {every:,}" if table.filtered else f"{every:,}" if every else "")
