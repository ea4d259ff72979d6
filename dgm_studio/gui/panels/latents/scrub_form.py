"""The scrubbing form: how the path goes, which plane is seen, and what a model that knows classes is told."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.knobs import Knob, Value
from dgm_studio.core.latents import CLASSES, MODES, SLERP, PictureModelReport
from dgm_studio.gui.panels.latents.arithmetic import Arithmetic
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.combo import Combo
from dgm_studio.gui.widgets.knob_form import KnobForm
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.section import GroupHeader
from dgm_studio.gui.widgets.segments import Segments

MODE = Knob("mode", str, SLERP, "Way between places", "How the path goes from a place to the next.", choices=MODES)
FRAMES = Knob("frames", int, 64, "Frames", "Pictures on the whole path, its ends included.", 16, 256)
CLOSED = Knob("closed", bool, False, "Back to the first", "The path comes back to its first place.")
GAMMA = Knob(
    "gamma", float, 1.0, "Guidance γ", "0 is unconditional, 1 conditional, more is sharpened (lecture's w is γ − 1).",
    0.0, 8.0,
)  # fmt: skip
SIDE = Knob("side", int, 20, "Manifold grid", "Pictures a side that are decoded over the plane.", 4, 30)
PRINCIPAL, CHOSEN = "principal", "chosen"
PLANES = (
    (PRINCIPAL, "Principal", "The two principal axes of the encoded data (of a latent of two numbers: itself)"),
    (CHOSEN, "Two axes", "Two of the latent's own numbers"),
)
NO_CLASS = "No class"


class ScrubForm(QWidget):
    """`path_wanted(name, value)` of MODE, FRAMES, CLOSED; `plane_wanted(axes)` (i, j) or None for the principal ones;
    `side_wanted(n)`; `told_wanted(label, gamma)` of a model that knows classes."""

    path_wanted = Signal(str, object)
    plane_wanted = Signal(object)
    side_wanted = Signal(int)
    told_wanted = Signal(int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=12)
        self.path = KnobForm("Path", "decodes the strip", (MODE, FRAMES, CLOSED))
        self.path.edited.connect(self.path_wanted)
        stack.addWidget(self.path)
        stack.addWidget(self._told())
        stack.addWidget(self._plane())
        self.arithmetic = Arithmetic()
        stack.addWidget(self.arithmetic)
        stack.addStretch(1)

    def _told(self) -> QWidget:
        self.told = QWidget()
        stack = Stack(self.told, gap=0)
        stack.addWidget(GroupHeader("Class", "decodes the strip"))
        self.label = Combo("Class", "The class that the model is told")
        self.gamma = KnobForm("Guidance", "", (GAMMA,))
        self.gamma.header.hide()
        stack.addWidget(self.label)
        stack.addWidget(self.gamma)
        self.label.activated.connect(lambda _: self._tell())
        self.gamma.edited.connect(lambda *_: self._tell())
        self.told.hide()
        return self.told

    def _plane(self) -> QWidget:
        part = QWidget()
        stack = Stack(part, gap=6)
        stack.addWidget(GroupHeader("Plane", "encodes the data"))
        self.planes = Segments(PLANES)
        self.planes.set_current(PRINCIPAL)
        self.axes = QWidget()
        row = Row(self.axes, gap=8)
        self.across, self.up = Combo("Across", "The number that goes to the right"), Combo("Up", "The one upwards")
        for word, box in (("→", self.across), ("↑", self.up)):
            row.addWidget(Label(word, 13, 600, "dim"))
            row.addWidget(box, 1)
            box.activated.connect(lambda _: self._choose_plane(CHOSEN))
        self.axes.hide()
        self.manifold = KnobForm("Manifold", "", (SIDE,))
        self.manifold.header.hide()
        self.manifold.edited.connect(lambda _, value: self.side_wanted.emit(int(value)))
        for widget in (self.planes, self.axes, self.manifold):
            stack.addWidget(widget)
        self.planes.chosen.connect(self._choose_plane)
        return part

    # From the person.

    def _choose_plane(self, plane: str) -> None:
        self.planes.set_current(plane)
        self.axes.setVisible(plane == CHOSEN)
        self.plane_wanted.emit(self.axes_now())

    def axes_now(self) -> tuple[int, int] | None:
        """The two numbers chosen, None for the principal axes."""
        if self.planes.current() != CHOSEN or self.across.count() < 2:
            return None
        return self.across.currentIndex(), self.up.currentIndex()

    def _tell(self) -> None:
        self.told_wanted.emit(self.label_now(), self.gamma_now())

    def label_now(self) -> int:
        """The class that is told, -1 for none."""
        return self.label.currentIndex() - 1 if not self.told.isHidden() else -1

    def gamma_now(self) -> float:
        """The guidance scale; conditional where it is not asked for."""
        return float(self.gamma.values()[GAMMA.name])

    # What is shown.

    def show_model(self, report: PictureModelReport) -> None:
        """What this model can be told, and which numbers its latent has."""
        told = CLASSES in report.can and bool(report.classes)
        self.label.clear()
        self.label.addItems([NO_CLASS, *report.classes])
        self.told.setVisible(told)
        names = [f"z{number + 1}" for number in range(report.latent)]
        for place, box in enumerate((self.across, self.up)):
            box.clear()
            box.addItems(names)
            box.setCurrentIndex(min(place, len(names) - 1))
        one = "" if report.latent > 1 else "This latent is one number."
        self.planes.set_reason(CHOSEN, one, PLANES[1][2])
        self.planes.set_current(PRINCIPAL)
        self.axes.hide()

    def set_values(self, values: dict[str, Value]) -> None:
        """Show these; no signal."""
        self.path.set_values(values)
        self.gamma.set_values(values)
        self.manifold.set_values(values)

    def values(self) -> dict[str, Value]:
        """All knobs."""
        return {**self.path.values(), **self.gamma.values(), **self.manifold.values()}


KNOBS = (MODE, FRAMES, CLOSED, GAMMA, SIDE)
