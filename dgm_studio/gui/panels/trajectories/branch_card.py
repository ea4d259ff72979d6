"""Edit and branch in the form: stop at a frame, change it, go on from there; all films are one click away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from dgm_studio.core.knobs import Knob
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.flow import Flow
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.slider_row import SliderRow

NOISE = Knob(
    "noise", float, 0.3, "Noise", "Standard deviation of the noise that is added, in the units of x.", 0.01, 3.0,
    log=True,
)  # fmt: skip
EDIT = "Stop here: move particles, add noise, change the sampling below, then go on"
BELOW = "Sampling and Field below are those of the way on."
MOVE = "Drag a particle; of a brushed set (Shift and drag) all move together."
ON_A_LINE = "Add noise; on a line nothing is dragged."
GO_ON = "A new future from the frame as it now is; the old one stays in sight, faded"


class BranchCard(QWidget):
    """Signals say what a person wants; `show_...` says what holds."""

    edit_wanted = Signal()
    noise_wanted = Signal(float)
    undo_wanted = Signal()
    leave_wanted = Signal()
    go_on_wanted = Signal()
    picked = Signal(int)
    """One of the films, by its place in the list."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=8)
        self.header = SectionHeader("Edit and branch", above=0)
        stack.addWidget(self.header)
        self.edit = Button("Edit this frame", EDIT)
        self.edit.clicked.connect(self.edit_wanted)
        stack.addWidget(self.edit)
        self.tools = QWidget()
        tools = Stack(self.tools, gap=8)
        self.what = Label("", 12.5, 500, wrap=True)
        tools.addWidget(self.what)
        self.help = Label(f"{MOVE} {BELOW}", 12, 400, "dim", wrap=True)
        tools.addWidget(self.help)
        self.noise = SliderRow(NOISE)
        self.noise.set_value(NOISE.default)
        tools.addWidget(self.noise)
        self.add = Button("Add noise", "To all particles, of a brushed set to each of these")
        self.undo = Button("Undo", "The frame as it was")
        self.leave = Button("Leave", "Stop editing; the film stays as it was")
        self.go_on = Button("Go on from here", GO_ON, kind="primary")
        self.add.clicked.connect(lambda: self.noise_wanted.emit(float(self.noise.value())))
        self.undo.clicked.connect(self.undo_wanted)
        self.leave.clicked.connect(self.leave_wanted)
        self.go_on.clicked.connect(self.go_on_wanted)
        for pair in ((self.add, self.undo), (self.go_on, self.leave)):
            row = Row(gap=8)
            for button in pair:
                row.addWidget(button)
            row.addStretch(1)
            tools.addLayout(row)
        stack.addWidget(self.tools)
        self.films = QWidget()
        self._flow = Flow(self.films, gap=5, line_gap=5)
        self._group = QButtonGroup(self)
        self.buttons: list[Button] = []
        stack.addWidget(self.films)
        self.note = Label("", 12, 400, "dim", wrap=True)
        stack.addWidget(self.note)
        self.show_edit("", "")
        self.show_films((), 0, "", busy=False)

    def show_edit(self, what: str, reason: str) -> None:
        """`what` is being edited, "" for nothing; then `reason` is why nothing can be."""
        self.tools.setVisible(bool(what))
        self.edit.setVisible(not what)
        self.edit.set_reason(reason, EDIT)
        self.what.setText(what)

    def show_line(self, on: bool) -> None:
        """Whether the points lie on a line, where there is nothing to take hold of."""
        self.help.setText(f"{ON_A_LINE if on else MOVE} {BELOW}")

    def show_undo(self, changed: bool) -> None:
        """Whether there is something to undo."""
        self.undo.set_reason("" if changed else "Nothing has been moved", "The frame as it was")

    def show_films(self, names: Sequence[tuple[str, str]], current: int, note: str, *, busy: bool) -> None:
        """These films (word, tooltip), one of them in front, of which `note` is said; none while there is no branch."""
        if [button.text() for button in self.buttons] != [word for word, _ in names]:
            self._build(names)
        for place, button in enumerate(self.buttons):
            button.setChecked(place == current)
            button.set_reason("The film in front is still being made" if busy else "", names[place][1])
        self.films.setVisible(bool(names))
        self.note.setText(note)
        self.note.setVisible(bool(note))

    def _build(self, names: Sequence[tuple[str, str]]) -> None:
        for button in self.buttons:
            self._group.removeButton(button)
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for place, (word, tooltip) in enumerate(names):
            button = Button(word, tooltip)
            button.setCheckable(True)
            button.clicked.connect(partial(self.picked.emit, place))
            self._group.addButton(button)
            self._flow.addWidget(button)
            self.buttons.append(button)
