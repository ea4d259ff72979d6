"""The left column of Difference: what the open file is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.inspection import Difference, WeightSet
from dgm_studio.gui.panels.checkpoints.file_card import FileCard
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.pick_list import Entry
from dgm_studio.gui.widgets.section import SectionHeader

COPIES = "?copies"
COPIES_TITLE, COPIES_WORDS = "EMA against raw", "the two copies of the weights in this file"
ABOUT = (
    "Tensors of one name are compared number by number. The change is the norm of the difference, as a share of the "
    "norm in the first."
)
DROP = "Drop a second checkpoint on the window, or choose one above."


class DifferenceForm(QWidget):
    """`picked(what)`: COPIES, or the second file's path."""

    picked = Signal(str)

    def __init__(self, recent: Callable[[], Iterable[Path]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        tooltip = "Choose what the open file is compared with: a second file, or its own average of the weights"
        self.card = FileCard("Compared with", tooltip, recent)
        self.card.picked.connect(self.picked)
        self.how = Label(DROP, 12, 400, "dim", wrap=True)
        self.first = Label("", 12, 400, "dim", wrap=True)
        self.second = Label("", 12, 400, "dim", wrap=True)
        self.sides = SectionHeader("First and second")
        for part in (self.card, self.how, self.sides, self.first, self.second):
            stack.addWidget(part)
        stack.addWidget(SectionHeader("How"))
        stack.addWidget(Label(ABOUT, 12, 400, "dim", wrap=True))
        stack.addStretch(1)
        self.show_difference(None)

    def offer_copies(self, pair: tuple[WeightSet, WeightSet] | None) -> None:
        """Whether the open file has two copies of its weights."""
        self.card.more = (Entry((COPIES,), COPIES_TITLE, COPIES_WORDS, "This file"),) if pair else ()

    def show_target(self, target: str, words: str) -> None:
        """What was chosen."""
        if target == COPIES:
            self.card.show_choice(COPIES, COPIES_TITLE, COPIES_WORDS)
        else:
            self.card.show_file(target, words)

    def show_difference(self, found: Difference | None) -> None:
        """The two sides by name."""
        self.how.setVisible(found is None)
        self.first.setText(f"a: {found.first}" if found is not None else "")
        self.second.setText(f"b: {found.second}" if found is not None else "")
        for part in (self.first, self.second):
            part.setVisible(found is not None)
        self.sides.setVisible(found is not None)
