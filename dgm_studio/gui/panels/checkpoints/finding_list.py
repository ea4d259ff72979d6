"""What is to be known of a file that could be read: each finding with its code, its level, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QWidget

from dgm_studio.core.inspection import ERROR, INFO, WARNING, Finding
from dgm_studio.gui.theme.icons import pixmap
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label

MARKS = {INFO: ("info", "accent"), WARNING: ("warning", "sample"), ERROR: ("warning", "error")}
ACTIONS = {
    "E06": ("Check all", "Check every tensor's checksum"),
    "E11": ("Run in a separate process…", "Asks for your consent first, and names what would be run"),
    "E15": ("Show the schedules", "The curves that were found inside"),
    "E16": ("Read again", "Read the file once more, as it is now"),
    "E21": ("Show them", "Only the tensors that hold NaN or infinity"),
}
"""What can be done about a finding, by its code: a word, and what it does."""
NONE = "Nothing is wrong with it."


class FindingRow(QWidget):
    """`acted(code)` when its button is pressed."""

    acted = Signal(str)

    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding
        self._icon, self._tint = MARKS.get(finding.level, MARKS[INFO])
        row = Row(self, gap=8)
        self._mark = QLabel()
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        stack = Stack(gap=4)
        row.addLayout(stack, 1)
        if finding.code:
            stack.addWidget(Label(finding.code, 11, 600, "faint", tabular=True))
        text = Label(finding.text, 12, 400, wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        stack.addWidget(text)
        if finding.code in ACTIONS:
            word, tooltip = ACTIONS[finding.code]
            self.button = Button(word, tooltip)
            self.button.clicked.connect(lambda: self.acted.emit(finding.code))
            stack.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self._mark.setPixmap(pixmap(self._icon, self._tint, 15))
        self._mark.setFixedSize(theme().px(15), theme().px(17))


class FindingList(QWidget):
    """Errors first, then warnings, then what is only told."""

    acted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = Stack(self, gap=10)
        self.rows: list[FindingRow] = []
        self.nothing = Label(NONE, 12, 400, "dim", wrap=True)
        self._stack.addWidget(self.nothing)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """These."""
        for row in self.rows:
            self._stack.removeWidget(row)
            row.hide()
            row.deleteLater()
        order = (ERROR, WARNING, INFO)
        ranked = sorted(findings, key=lambda one: order.index(one.level) if one.level in order else len(order))
        self.rows = [FindingRow(one) for one in ranked]
        for row in self.rows:
            row.acted.connect(self.acted)
            self._stack.addWidget(row)
        self.nothing.setVisible(not self.rows)
