"""The form of the figures: measure them, and look for copies of training pictures."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader

SEED = Knob("seed", int, 0, "Seed", "Draws the samples that are judged: the same seed, the same figures.", 0, 99_999)
ABOUT = (
    "Samples of the model are judged beside held-out pictures. Distances are between features of a small classifier "
    "that was trained on the same data: they compare models on these data, and with nothing else."
)
COPIES = "Eight samples, and for each the training pictures nearest to it: has the model learnt them by heart?"
MEASURE, STOP = "Measure", "Stop"


class MeasureForm(QWidget):
    """`wanted(on)` to measure or to stop, `copies_wanted` to look for copies, `seed_wanted(seed)`."""

    wanted = Signal(bool)
    copies_wanted = Signal()
    seed_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.running = False
        stack = Stack(self, gap=12)
        self.measure = Button(MEASURE, "Measure all figures of the model that is open; it takes a minute or more")
        self.copies = Button("Look again", "Draw eight other samples and find their nearest training pictures")
        self.seed = KnobForm("Samples", "measures anew", (SEED,))
        stack.addWidget(SectionHeader("Figures", above=0))
        stack.addWidget(Label(ABOUT, 12, 400, "dim", wrap=True))
        stack.addLayout(_line(self.measure))
        stack.addWidget(self.seed)
        stack.addWidget(SectionHeader("Learnt by heart"))
        stack.addWidget(Label(COPIES, 12, 400, "dim", wrap=True))
        stack.addLayout(_line(self.copies))
        stack.addStretch(1)
        self.measure.clicked.connect(lambda: self.wanted.emit(not self.running))
        self.copies.clicked.connect(self.copies_wanted)
        self.seed.edited.connect(lambda _, value: self.seed_wanted.emit(int(value)))

    def set_running(self, on: bool) -> None:
        """Whether figures are being measured."""
        self.running = on
        self.measure.setText(STOP if on else MEASURE)
        self.measure.setAccessibleName("Stop measuring" if on else MEASURE)


def _line(button: Button) -> Row:
    row = Row(gap=6)
    row.addWidget(button)
    row.addStretch(1)
    return row
