"""What a model of text is trained on, which family, and its knobs."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.gui.panels.training_form import TrainingForm
from dgm_studio.gui.widgets.buttons import Button


class TextTrainingForm(TrainingForm):
    """Texts that ship, and a .txt file of one's own."""

    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        tooltip = "Learn from a .txt file of your own; it can be dropped on the window too"
        self.open = Button("Open a text…", tooltip)
        super().__init__("Text", (self.open,), parent)
        self.open.clicked.connect(self.file_wanted)

    def own_words(self, own: DataSpec) -> tuple[str, str]:
        """How long it is."""
        assert own.text is not None
        count = f"{len(own.text.text):,} characters"
        return f"Your own text, {count}", f"{count} from {own.text.source}"
