"""How far samples are from the data, with what chance alone would give: the same two lines in every panel."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dgm_studio.core.ask import Ask
from dgm_studio.core.reports import Picture, Refusal
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.readout import Readout
from dgm_studio.gui.widgets.section import SectionHeader


class Distances(QWidget):
    """Sliced W2 beside its noise floor, and coverage."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        stack.addWidget(SectionHeader("Distance to data", note="grey band: noise floor"))
        self.distance = Readout(
            "Sliced W₂",
            "",
            "Sliced Wasserstein distance between samples and fresh data (of a file, its own points), "
            "in units of the plane.",
        )
        self.coverage = Readout(
            "Mode coverage",
            "",
            "Modes that hold at least 20 % of their expected share of samples. That none is missing is not yet "
            "a good fit.",
            tone="exact",
        )
        stack.addWidget(self.distance)
        stack.addWidget(self.coverage)

    @staticmethod
    def asks(count: int) -> tuple[Ask, ...]:
        """What the numbers of `count` samples need."""
        return (Ask("distance", count=count), Ask("coverage", count=count))

    def clear(self) -> None:
        """Nothing is measured yet."""
        self.distance.set_value(None)
        self.coverage.set_value(None)

    def accept(self, picture: Picture) -> None:
        """A number has come."""
        numbers = picture.numbers
        match picture.ask.view:
            case "distance":
                low, high = numbers["low"], numbers["high"]
                floor = numbers["floor_high"]
                how = picture.note.removeprefix("floor: ") or "two fresh samples of the truth"
                self.distance.set_value(
                    numbers["sliced_w2"],
                    doubt=(high - low) / 2,
                    floor=floor,
                    high=max(1.0, 1.1 * high),
                    floor_of=how,
                )
            case "coverage" if "modes" in numbers:
                covered, modes = int(numbers["covered"]), int(numbers["modes"])
                self.coverage.name = "Mode coverage"
                self.coverage.set_value(covered, high=modes, text=f"{covered} of {modes}")
            case "coverage":
                self.coverage.name = "Recall (k-NN)"
                self.coverage.set_value(numbers["recall"], high=1.0, text=f"{100 * numbers['recall']:.0f} %")

    def refuse(self, refusal: Refusal) -> None:
        """A number that cannot be had, with its reason."""
        line = {"distance": self.distance, "coverage": self.coverage}.get(refusal.ask.view)
        if line is not None:
            line.set_value(None, text="–")
            line.setToolTip(refusal.reason)
