"""The rows of a gallery: which models, in which copy of their weights, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button, IconButton
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

COMPARE_HELP = "One row for each copy of the weights in the file, from the same noise"
ADD_HELP = "A second checkpoint, from the same noise: before and after, step 10,000 and 50,000"


class GallerySources(QWidget):
    """`add_wanted` for one more file, `copies_wanted` for all copies of the weights, `removed(row)`."""

    add_wanted = Signal()
    copies_wanted = Signal()
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=6)
        stack.addWidget(SectionHeader("Rows", note="from the same noise", above=0))
        self._lines = Stack(gap=4)
        stack.addLayout(self._lines)
        self.add = Button("Add a file…", ADD_HELP, icon_name="plus")
        self.copies = Button("EMA and raw", COMPARE_HELP)
        self.add.clicked.connect(self.add_wanted)
        self.copies.clicked.connect(self.copies_wanted)
        row = Row(gap=6)
        row.addWidget(self.add)
        row.addWidget(self.copies)
        row.addStretch(1)
        stack.addLayout(row)
        self.lines: list[QWidget] = []
        self.removers: list[IconButton] = []

    def show_rows(self, rows: Sequence[tuple[str, str]], *, copies: str) -> None:
        """(title, words) of each row; `copies` says why there is nothing to compare within the file ("": there is)."""
        for line in self.lines:
            self._lines.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.lines, self.removers = [], []
        before: QWidget | None = None
        for index, (title, note) in enumerate(rows):
            line = QWidget(self)
            across = Row(line, gap=6)
            texts = Stack(gap=0)
            texts.addWidget(Label(title, 12.5, 500, "text", elide=True))
            texts.addWidget(Label(note, 11.5, 400, "dim", elide=True))
            away = IconButton("cross", f"Take {title} away", f"Take {title} out of the gallery", size=12)
            away.clicked.connect(partial(self.removed.emit, index))
            away.setVisible(False)
            across.addLayout(texts, 1)
            across.addWidget(away, 0, Qt.AlignmentFlag.AlignTop)
            self._lines.addWidget(line)
            away.setVisible(index > 0)
            if before is not None:
                QWidget.setTabOrder(before, away)
            before = away
            self.lines.append(line)
            self.removers.append(away)
        if before is not None:
            QWidget.setTabOrder(before, self.add)
        self.copies.set_reason(copies, COMPARE_HELP)
