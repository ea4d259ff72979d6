"""Before something unsaved goes: save it, let it go, or stay."""

from __future__ import annotations

from enum import Enum

from PySide6.QtWidgets import QWidget

from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.widgets.buttons import Button


class Decision(Enum):
    """What the person wants done with the unsaved run."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


def run_text(steps: int, family: str, data: str) -> str:
    """What would be lost: "2,140 steps of Flow matching on Eight Gaussians"."""
    return f"{steps:,} step{'' if steps == 1 else 's'} of {family} on {data}"


class UnsavedDialog(Sheet):
    """Names what would be lost; `decision` is CANCEL until a button says otherwise (also after Esc)."""

    def __init__(self, lost: str, doing: str = "closing", parent: QWidget | None = None) -> None:
        super().__init__(
            f"Save before {doing}?",
            f"{lost} would be lost. A saved run goes on later exactly where it stopped.",
            width=440,
            parent=parent,
        )
        self.decision = Decision.CANCEL
        self.discard = self.add_left(Button("Discard", f"Lose {lost}"))
        self.cancel = self.add_right(Button("Cancel", "Change nothing (Esc)"))
        self.save = self.add_right(Button("Save…", "Choose a file and save the run", kind="primary"), default=True)
        self.discard.clicked.connect(lambda: self._decide(Decision.DISCARD))
        self.cancel.clicked.connect(self.reject)
        self.save.clicked.connect(lambda: self._decide(Decision.SAVE))

    @staticmethod
    def ask(lost: str, doing: str = "closing", parent: QWidget | None = None) -> Decision:
        """Show it, wait, and give the decision."""
        dialog = UnsavedDialog(lost, doing, parent)
        dialog.exec()
        dialog.deleteLater()
        return dialog.decision

    def _decide(self, decision: Decision) -> None:
        self.decision = decision
        self.accept()
