"""Before a program out of a checkpoint is run: what it is, to the last bit, and what would be run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from dgm_studio.gui.dialogs.sheet import Sheet
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label

WHAT = (
    "Running it runs code from the file. That is done in a separate process with a share of the memory and none of "
    "your settings; on Linux, where the system allows it, also without network and without a way to write files. It is "
    "ended with the studio. Run only what you trust."
)
REMEMBERED = "Your consent is remembered for this SHA-256 alone. Preferences take it back."


class _Listing(QPlainTextEdit):
    def sizeHint(self) -> QSize:
        return QSize(theme().px(480), theme().px(150))


class ConsentDialog(Sheet):
    """`agreed` is False until the button says otherwise (also after Esc or Enter)."""

    def __init__(
        self, title: str, path: str, size: int, sha256: str, contents: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(f"Run {Path(path).name}?", f"{title}. {WHAT}", width=560, parent=parent)
        self.agreed = False
        self.facts = KeyValueList()
        self.facts.set_items([("Size", f"{size:,} bytes"), ("Files of code and operators", f"{len(contents):,}")])
        self.body.addWidget(self.facts)
        self.path, self.hash = Label(path, 12, 400, wrap=True), Label(sha256, 12, 400, tabular=True)
        for words, part in (("Path", self.path), ("SHA-256", self.hash)):
            part.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.addWidget(Label(words, 12, 600, "dim"))
            self.body.addWidget(part)
        self.body.addWidget(Label("Files of code in it, and the operators that it calls", 12, 600, "dim", wrap=True))
        self.contents = _Listing("\n".join(contents))
        self.contents.setReadOnly(True)
        self.contents.setAccessibleName("Files of code and operators")
        self.contents.setToolTip("Select and copy any part")
        self.body.addWidget(self.contents, 1)
        self.body.addWidget(Label(REMEMBERED, 12, 400, "dim", wrap=True))
        self.run = self.add_left(Button("Run in a separate process", "Run the program of this very file"))
        self.run.clicked.connect(self._agree)
        self.only = self.add_right(Button("Inspect only", "Run nothing (Esc)", kind="primary"), default=True)
        self.only.clicked.connect(self.reject)
        theme().changed.connect(self._dress)
        self._dress()

    @staticmethod
    def ask(
        title: str, path: str, size: int, sha256: str, contents: Sequence[str], parent: QWidget | None = None
    ) -> bool:
        """Show it, wait, and give the decision."""
        dialog = ConsentDialog(title, path, size, sha256, contents, parent)
        dialog.exec()
        dialog.deleteLater()
        return dialog.agreed

    def _dress(self) -> None:
        self.contents.setFont(font(12))

    def _agree(self) -> None:
        self.agreed = True
        self.accept()
