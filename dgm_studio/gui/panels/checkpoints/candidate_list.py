"""Every architecture's answer to the file: mine, mine but broken, or another's, each with all its reasons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from dgm_studio.core.inspection import ASKS, BROKEN, MATCH, NOT_MINE, Candidate
from dgm_studio.gui.theme.icons import pixmap
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label

MARKS = {MATCH: ("check", "exact"), ASKS: ("eye", "accent"), BROKEN: ("warning", "error"), NOT_MINE: ("cross", "faint")}
"""Icon and token of a verdict."""
ONLY_LOOKED_INTO = ("eye", "accent")
LOOKING = 3
"""The tier of what can be looked into and no more."""
VERDICTS = {
    MATCH: "it is one", ASKS: "it is one, which runs only after you agree", BROKEN: "it is one, but does not fit",
    NOT_MINE: "it is none",
}  # fmt: skip
TIERS = {
    0: "Opens with everything that it was saved with.",
    1: "Can be built from what is in the file, and run.",
    2: "Runs as data, once you say which input is which.",
    3: "Can be looked into; it cannot be run.",
    4: "Running it runs code from the file: only after you agree.",
}
NO_FILE = "Once a file is open, every architecture says here whether the file is its own, and why."


class CandidateRow(QWidget):
    """One answer: the mark, the title, and the reasons below it."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__()
        self.candidate = candidate
        runs = candidate.verdict != MATCH or candidate.tier != LOOKING
        self._icon, self._tint = MARKS.get(candidate.verdict, MARKS[NOT_MINE]) if runs else ONLY_LOOKED_INTO
        row = Row(self, gap=8)
        self._mark = QLabel()
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        stack = Stack(gap=3)
        row.addLayout(stack, 1)
        mine = candidate.verdict != NOT_MINE
        self.title = Label(candidate.title, 13 if mine else 12, 600 if mine else 500, wrap=True)
        stack.addWidget(self.title)
        for reason in candidate.reasons:
            stack.addWidget(Label(reason, 12, 400, "dim", wrap=True))
        if candidate.verdict in (MATCH, ASKS):
            words = TIERS.get(candidate.tier, "")
            if candidate.extra:
                words += f" Needs the part [{candidate.extra}] of the installation."
            stack.addWidget(Label(words, 12, 500, "exact" if candidate.tier < LOOKING else "dim", wrap=True))
        said = VERDICTS.get(candidate.verdict, candidate.verdict)
        self.setAccessibleName(f"{candidate.title}: {said}")
        self.setToolTip(f"{candidate.title}: {said}")
        theme().changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self._mark.setPixmap(pixmap(self._icon, self._tint, 15))
        self._mark.setFixedSize(theme().px(15), theme().px(17))


class CandidateList(QWidget):
    """Those that match or are broken stand open; the others unfold at a button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = Stack(self, gap=10)
        self.rows: list[CandidateRow] = []
        self.nothing = Label(NO_FILE, 12, 400, "dim", wrap=True)
        self.others = Button("", "Show or hide the architectures that the file is not, each with its reason",
                             kind="link")  # fmt: skip
        self.others.setCheckable(True)
        self.others.toggled.connect(self._unfold)
        self._stack.addWidget(self.nothing)
        self._stack.addWidget(self.others, 0, Qt.AlignmentFlag.AlignLeft)
        self.others.hide()

    def show_candidates(self, candidates: Sequence[Candidate]) -> None:
        """These, the best first."""
        for row in self.rows:
            self._stack.removeWidget(row)
            row.hide()
            row.deleteLater()
        mine = [one for one in candidates if one.verdict != NOT_MINE]
        others = [one for one in candidates if one.verdict == NOT_MINE]
        self.rows = [CandidateRow(one) for one in (*mine, *others)]
        for place, row in enumerate(self.rows):
            self._stack.insertWidget(1 + place + (place >= len(mine)), row)
        self.nothing.setText(NO_FILE if not candidates else "No architecture that is known here.")
        self.nothing.setVisible(not mine)
        what = "architecture" if len(others) == 1 else "architectures"
        self._word = f"{len(others)} other {what}" if mine else f"{len(others)} {what} asked"
        self.others.setVisible(bool(others))
        self._unfold(self.others.isChecked())

    def _unfold(self, on: bool) -> None:
        self.others.setText(f"{'Hide' if on else 'Show'} {self._word}")
        self.others.setAccessibleName(self.others.text())
        for row in self.rows:
            row.setVisible(on or row.candidate.verdict != NOT_MINE)
