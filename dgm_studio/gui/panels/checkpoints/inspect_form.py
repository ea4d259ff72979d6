"""The left column of Inspect: what the file is, every architecture's answer, and what is to be known of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.inspection import Inspection, WeightSet
from dgm_studio.gui.panels.checkpoints.candidate_list import CandidateList
from dgm_studio.gui.panels.checkpoints.finding_list import FindingList
from dgm_studio.gui.panels.checkpoints.tensor_words import bytes_text
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

NOTHING = "Nothing is open."
MANY_FILES = 3
"""Files of a folder that are named; the others are counted."""


def copies(weights: tuple[WeightSet, ...]) -> str:
    """The copies of the weights and what stands before all their names."""
    lines = []
    for one in weights:
        off = f", all under {'.'.join(part.strip('.') for part in one.stripped)}" if one.stripped else ""
        lines.append(f"{one.title}: {len(one.names):,} tensors{off}")
    return "\n".join(lines)


class InspectForm(QWidget):
    """`acted(code)` when something is to be done about a finding."""

    acted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.title = Label(NOTHING, 15, 600, wrap=True)
        self.facts = KeyValueList()
        self.copies_head = SectionHeader("Copies of the weights")
        self.copies = Label("", 12, 400, "dim", wrap=True)
        self.candidates = CandidateList()
        self.found_head = SectionHeader("Findings")
        self.findings = FindingList()
        self.findings.acted.connect(self.acted)
        for part in (
            SectionHeader("What this file is"), self.title, self.facts, self.copies_head, self.copies,
            SectionHeader("Who could run it"), self.candidates, self.found_head, self.findings,
        ):  # fmt: skip
            stack.addWidget(part)
        stack.addStretch(1)
        self.show_inspection(None, "")

    def show_inspection(self, found: Inspection | None, meanwhile: str) -> None:
        """What the file is, or a sentence instead."""
        self.title.setText(found.title if found is not None else meanwhile or NOTHING)
        facts = []
        if found is not None:
            path = Path(found.path)
            facts = [("Format", found.kind), ("Size", bytes_text(found.size)), ("Folder", str(path.parent))]
            if found.files:
                shown = ", ".join(found.files[:MANY_FILES])
                more = len(found.files) - MANY_FILES
                facts.append(("Files", f"{shown} and {more} more" if more > 0 else shown))
        self.facts.set_items(facts)
        self.facts.setVisible(bool(facts))
        text = copies(found.weights) if found is not None else ""
        self.copies.setText(text)
        self.copies_head.setVisible(bool(text))
        self.copies.setVisible(bool(text))
        self.candidates.show_candidates(found.candidates if found is not None else ())
        self.findings.show_findings(found.findings if found is not None else ())
        self.found_head.setVisible(found is not None)
        self.findings.setVisible(found is not None)
