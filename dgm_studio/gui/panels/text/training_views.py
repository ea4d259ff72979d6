"""The middle and the right column of a training: losses, a sample that is drawn again, speed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.gui.panels.text.picture import LEGEND, CellCard
from dgm_studio.gui.widgets.big_number import BigNumber, KeyValueList
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.loss_plot import LossPlot
from dgm_studio.gui.widgets.readout import Readout
from dgm_studio.gui.widgets.section import SectionHeader

HELD_OUT = "held-out"
UNIT = "nats per token"
MOST_NATS = 8.0
"""The right end of a held-out loss's bar: a little over log 2,048."""


class TrainingPicture(QWidget):
    """A sentence the model writes now, over the curve of its loss."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=8)
        self.header = SectionHeader("What it writes now", note="drawn again every few seconds", above=0)
        self.card = CellCard(("What the model writes now",), LEGEND[:3])
        self.cells = self.card.cells[0]
        self.losses = LossPlot("Loss on the batches", height=190, unit=UNIT)
        self.held_out = LossPlot("Loss on held-out text", height=190, unit=UNIT)
        self.held_out.set_smoothing(0.0)  # its points are rare, and no noise of batches is in them
        for plot in (self.losses, self.held_out):
            plot.set_log(False)
        both = Row(gap=16)
        for plot in (self.losses, self.held_out):
            both.addWidget(plot, 1, Qt.AlignmentFlag.AlignTop)  # one has a legend before the other
        stack.addWidget(self.header)
        stack.addWidget(self.card, 1)
        stack.addLayout(both)

    def clear(self) -> None:
        """Another run."""
        self.losses.clear()
        self.held_out.clear()
        self.cells.show_film(None, 0)

    def append(self, values: Mapping[str, tuple[Array, Array]]) -> None:
        """More of the curves: those of held-out text have a share of masks in their name."""
        for name, (steps, own) in values.items():
            (self.held_out if is_held_out(name) else self.losses).append(name, steps, own)


def is_held_out(name: str) -> bool:
    """Whether a scalar was measured on held-out text."""
    return "%" in name or "held" in name


class TrainingReadouts(QWidget):
    """`film_wanted`: open what is being trained in the film; `save_wanted`: write it to a file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = Stack(self, gap=10)
        self._stack.addWidget(SectionHeader("Speed", above=0))
        self.speed = BigNumber("Tokens a second", "Tokens of the batches that the network learns from in a second.")
        self._stack.addWidget(self.speed)
        self.held_out = SectionHeader("Held-out loss", note=UNIT)
        self._stack.addWidget(self.held_out)
        self._held = Stack(gap=6)
        self._stack.addLayout(self._held)
        self.readouts: dict[str, Readout] = {}
        self._stack.addWidget(SectionHeader("Model"))
        self.facts = KeyValueList()
        self._stack.addWidget(self.facts)
        ways = Row(gap=8, pad=(0, 6, 0, 0))
        self.film = Button("Open in Film", "Watch the model as it now is write a sentence")
        self.save = Button("Save…", "Write the run to a checkpoint file")
        ways.addWidget(self.film)
        ways.addWidget(self.save)
        ways.addStretch(1)
        self._stack.addLayout(ways)
        self._stack.addStretch(1)

    def clear(self) -> None:
        """Another run."""
        for readout in self.readouts.values():
            readout.set_value(None)
        self.held_out.set_note(UNIT)
        self.speed.set_value("–")

    def show_held_out(self, name: str, value: float, step: int) -> None:
        """The newest of a held-out loss, measured after `step`; a new name gets a line."""
        self.held_out.set_note(f"{UNIT}, after step {step:,}")
        if name not in self.readouts:
            readout = Readout(name, "nats", f"Mean −log p of a token of held-out text, {name}.")
            self.readouts[name] = readout
            self._held.addWidget(readout)
        self.readouts[name].set_value(value, high=MOST_NATS, text=f"{value:.2f} nats")
