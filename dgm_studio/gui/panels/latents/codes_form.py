"""The form of the codes: which picture is coded, and what a click on a cell does."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.latents import PictureModelReport
from dgm_studio.gui.panels.latents.denoise_form import CLASS, class_knob, told_classes
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments
from dgm_studio.gui.widgets.tab_order import tab_through

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
        stack = self._stack = Stack(self, gap=12)
        self.classes: KnobForm | None = None
        self._by_hand = SectionHeader("By hand")
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
        stack.addWidget(self._by_hand)
        stack.addWidget(self.tools)
        stack.addWidget(self.words)
        stack.addLayout(below)
        stack.addStretch(1)
        self.data.clicked.connect(self.data_wanted)
        self.hand.clicked.connect(self.hand_wanted)
        self.drawn.clicked.connect(self.drawn_wanted)
        self.undo.clicked.connect(self.undo_wanted)
        self.tools.chosen.connect(self._choose)

    @property
    def label(self) -> int:
        """The class that the prior is told, -1 for none."""
        return int(self.classes.values()[CLASS]) if self.classes is not None else -1

    def show_model(self, report: PictureModelReport) -> None:
        """What can be chosen from: training pictures, and classes that the prior can be told."""
        if self.classes is not None:
            self._stack.removeWidget(self.classes)
            self.classes.hide()
            self.classes.deleteLater()
            self.classes = None
        told = told_classes(report)
        if told:
            self.classes = KnobForm("Prior", "draws another code", (class_knob(told, free=True),))
            self._stack.insertWidget(self._stack.indexOf(self._by_hand), self.classes)
            self.classes.edited.connect(lambda *_: self.drawn_wanted.emit())
            tab_through(self.drawn, self.classes)
        self._show_count(report.count, report.remark)

    def _show_count(self, count: int, why: str) -> None:
        self.data.set_reason("" if count else why or "The pictures that this model learnt from are not here.", OF_DATA)

    def _choose(self, tool: str) -> None:
        self.words.setText(SAYS[tool])
        self.tool_chosen.emit(tool)
