"""The middle of Difference: the table of all tensors of either side, filtered by words and by what became of them."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from dgm_studio.core.inspection import Difference
from dgm_studio.gui.panels.checkpoints.difference_rows import STATES, lines_of
from dgm_studio.gui.panels.checkpoints.difference_table import DifferenceModel, DifferenceTable
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.empty_state import EmptyState
from dgm_studio.gui.widgets.segments import Segments
from dgm_studio.gui.widgets.text_field import TextField

ALL = "all"
NO_FILE = "Open a checkpoint first, then the one that it is compared with."
NO_SECOND = "Drop a second checkpoint here, or choose one."
CHOOSE, CHOOSE_HELP = "Choose a file…", "Choose the checkpoint that the open one is compared with"


class DifferenceView(QWidget):
    """`choose_wanted` when the empty place's button is pressed."""

    choose_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pages = QStackedWidget()
        self.empty = EmptyState(NO_FILE, CHOOSE, CHOOSE_HELP)
        self.empty.clicked.connect(self.choose_wanted)
        self.model = DifferenceModel(self)
        self.table = DifferenceTable(self.model)
        self.search = TextField()
        self.search.setPlaceholderText("Filter by name")
        self.search.setAccessibleName("Filter the differences")
        self.search.setToolTip("Words that the name must hold")
        self.search.textChanged.connect(lambda _: self._look())
        options = [(ALL, "All", "Every tensor of either side")]
        self.states = Segments([*options, *((key, *words) for key, words in STATES.items())], gap=3)
        self.states.set_current(ALL)
        self.states.chosen.connect(lambda _: self._look())
        page = QWidget()
        inner = Stack(page, gap=8)
        line = Row(gap=8)
        line.addWidget(self.search, 1)
        inner.addLayout(line)
        inner.addWidget(self.states)
        inner.addWidget(self.table, 1)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(page)
        Stack(self, gap=0).addWidget(self.pages)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.search.setFont(font(12))

    def show_empty(self, sentence: str, *, button: bool) -> None:
        """Why there is no table."""
        self.empty.set_sentence(sentence)
        self.empty.button.setVisible(button)
        self.pages.setCurrentWidget(self.empty)

    def show_difference(self, found: Difference) -> None:
        """All of it."""
        lines = lines_of(found)
        counts = Counter(line.state for line in lines)
        for key, (word, tooltip) in STATES.items():
            button = self.states.buttons[key]
            button.setText(f"{word} {counts[key]:,}")
            button.setAccessibleName(button.text())
            self.states.set_reason(key, "" if counts[key] else f"None. {tooltip}.", tooltip)
        if counts[self.states.current()] == 0:
            self.states.set_current(ALL)
        self.model.show_lines(lines)
        self._look()
        self.pages.setCurrentIndex(1)

    def _look(self) -> None:
        state = self.states.current()
        self.model.look_for(self.search.text(), "" if state == ALL else state)
