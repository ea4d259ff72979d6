"""The middle and the right column of a training of pictures: what it makes, what it reconstructs, losses, speed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.reports import Picture
from dgm_studio.gui.panels.train.own import OwnReadouts
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import BigNumber, Card, KeyValueList
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.loss_plot import LossPlot
from dgm_studio.gui.widgets.picture_grid import PictureGrid
from dgm_studio.gui.widgets.readout import Readout
from dgm_studio.gui.widgets.section import SectionHeader

PAIRS = 9
"""Held-out pictures that are reconstructed, in one row."""
AGAIN_LOW, AGAIN_HIGH = 84, 190
LOSS_HIGH = 130
ROOM = 420
"""Design pixels of height from which on the losses stand below the pictures."""
MOST_ERROR = 0.5
"""The right end of the reconstruction error's bar, in grey levels of [0, 1]."""


class TrainingPicture(QWidget):
    """Samples above, held-out pictures over their reconstructions, and the losses."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=8)
        self.header = SectionHeader("What it makes now", note="drawn again as it learns, from the same noise", above=0)
        card = Card("stage")
        self.samples = PictureGrid("What the model makes now", empty="The first pictures come in a moment")
        Stack(card, gap=0, pad=(12, 12, 12, 12)).addWidget(self.samples)
        self.again_header = SectionHeader("Held-out pictures", note="above: as they are; below: reconstructed", above=0)
        self.again = Card("stage")
        self.pairs = PictureGrid("Held-out pictures over their reconstructions", least=50, gap=4)
        Stack(self.again, gap=0, pad=(12, 12, 12, 12)).addWidget(self.pairs)
        self.why = Label("", 12.5, 400, "dim", wrap=True)
        self.losses = LossPlot("Losses", height=LOSS_HIGH)
        stack.addWidget(self.header)
        stack.addWidget(card, 4)
        stack.addWidget(self.again_header)
        stack.addWidget(self.again, 3)
        stack.addWidget(self.why)
        stack.addWidget(self.losses)
        self.why.hide()
        theme().changed.connect(self._rescale)
        self._rescale()

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Where all three would not fit (a projector's large type), pictures say more than curves."""
        self.losses.setVisible(self.height() >= theme().px(ROOM))

    def _rescale(self) -> None:
        self._make_room()
        self.again.setMinimumHeight(theme().px(AGAIN_LOW))
        self.again.setMaximumHeight(theme().px(AGAIN_HIGH))

    def clear(self) -> None:
        """Another run."""
        self.losses.clear()
        for grid in (self.samples, self.pairs):
            grid.show_pictures(grid.pixels[:0])
        self.refuse("")

    def append(self, values: Mapping[str, tuple[Array, Array]]) -> None:
        """More of the curves."""
        for name, (steps, own) in values.items():
            self.losses.append(name, steps, own)

    def show_samples(self, picture: Picture) -> None:
        """What it made of the same noise."""
        self.samples.show_pictures(picture.arrays["pictures"])
        self.header.set_note(f"from the same noise, after step {picture.step:,}")

    def show_again(self, picture: Picture) -> None:
        """Held-out pictures and their reconstructions."""
        real, made = picture.arrays["pictures"], picture.arrays["reconstructed"]
        self.pairs.set_columns(len(real))
        self.pairs.show_pictures(np.concatenate([real, made]))

    def refuse(self, reason: str) -> None:
        """Why there are no reconstructions, "" where there are some."""
        self.again.setVisible(not reason)
        self.why.setVisible(bool(reason))
        self.why.setText(reason)
        self.again_header.set_note("" if reason else "above: as they are; below: reconstructed")


class TrainingReadouts(QWidget):
    """`look`: open what is being trained in the panel; `save`: write it to a file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.speed = BigNumber("Pictures a second", "Pictures of the batches that the network learns from in a second.")
        self.error = Readout(
            "Reconstruction error", "",
            "Root mean square between held-out pictures and their reconstructions, in grey levels from 0 to 1.",
        )  # fmt: skip
        self.facts = KeyValueList()
        self.own = OwnReadouts()
        ways = Row(gap=8, pad=(0, 6, 0, 0))
        self.look = Button("Look inside", "Open the model as it now is in the other modes of this panel")
        self.save = Button("Save…", "Write the run to a checkpoint file")
        ways.addWidget(self.look)
        ways.addWidget(self.save)
        ways.addStretch(1)
        stack.addWidget(SectionHeader("Speed", above=0))
        stack.addWidget(self.speed)
        self.held_out = SectionHeader("Held-out pictures")
        stack.addWidget(self.held_out)
        stack.addWidget(self.error)
        stack.addWidget(SectionHeader("Model"))
        stack.addWidget(self.facts)
        stack.addLayout(ways)
        stack.addWidget(self.own)
        stack.addStretch(1)

    def clear(self) -> None:
        """Another run."""
        self.speed.set_value("–")
        self.error.set_value(None)
        self.held_out.set_note("")
        self.set_reconstructs(True)

    def set_reconstructs(self, on: bool) -> None:
        """Whether the model has an encoder."""
        self.held_out.setVisible(on)
        self.error.setVisible(on)

    def show_error(self, value: float, step: int) -> None:
        """The newest reconstruction error."""
        self.error.set_value(value, high=MOST_ERROR, text=f"{value:.3f}")
        self.held_out.set_note(f"after step {step:,}")
