"""The form of the codes: which picture is coded, and what a click on a cell does."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments

LOOK, PAINT = "look", "paint"
TOOLS = (
    (LOOK, "Look", "A click on a cell shows its entry; then a click on an entry below puts that one there"),
    (PAINT, "Paint", "Choose an entry below, then press and drag over cells: they take it"),
)
OF_DATA = "Choose a training picture; Left and Right take the ones beside it"
SAYS = {
    LOOK: "Click a cell to see its entry. Then click an entry of the codebook: the cell takes it, and the picture is "
    "decoded again.",
    PAINT: "Click an entry of the codebook, then press and drag over the cells: they take it.",
}


class CodesForm(QWidget):
    """`data_wanted` and `hand_wanted` for another picture, `drawn_wanted` for a code from the prior, `undo_wanted` for
    the picture's own code again, `tool_chosen` for what a click does."""

    data_wanted = Signal()
    hand_wanted = Signal()
    drawn_wanted = Signal()
    undo_wanted = Signal()
    tool_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=12)
        self.data = Button(
            "A picture of the data…", "Choose a training picture; Left and Right take the ones beside it"
        )
        self.hand = Button("Draw one…", "Draw a picture with the mouse, and see its code")
        self.drawn = Button("A code of the prior", "What the model's prior draws; entries at random where it has none")
        self.tools = Segments(TOOLS)
        self.tools.set_current(LOOK)
        self.words = Label(SAYS[LOOK], 12, 400, "dim", wrap=True)
        self.undo = Button("Undo all changes", "Back to the code that the encoder gave")
        self.undo.setEnabled(False)
        below = Row(gap=6)
        below.addWidget(self.undo)
        below.addStretch(1)
        stack.addWidget(SectionHeader("Picture", above=0))
        for way in (self.data, self.hand, self.drawn):
            line = Row(gap=6)
            line.addWidget(way)
            line.addStretch(1)
            stack.addLayout(line)
        stack.addWidget(SectionHeader("By hand"))
        stack.addWidget(self.tools)
        stack.addWidget(self.words)
        stack.addLayout(below)
        stack.addStretch(1)
        self.data.clicked.connect(self.data_wanted)
        self.hand.clicked.connect(self.hand_wanted)
        self.drawn.clicked.connect(self.drawn_wanted)
        self.undo.clicked.connect(self.undo_wanted)
        self.tools.chosen.connect(self._choose)

    def show_count(self, count: int, why: str) -> None:
        """How many training pictures there are to choose from, and why there are none."""
        self.data.set_reason("" if count else why or "The pictures that this model learnt from are not here.", OF_DATA)

    def _choose(self, tool: str) -> None:
        self.words.setText(SAYS[tool])
        self.tool_chosen.emit(tool)
