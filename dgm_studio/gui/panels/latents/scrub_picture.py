"""The middle of Scrub: the picture beside the latent plane, the places below, and the strip of the whole path."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from dgm_studio.gui.panels.latents.key_row import KeyRow
from dgm_studio.gui.panels.latents.plane import ELLIPSES, MANIFOLD, PATH, POINTS, LatentPlane
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.chip import ChipRow
from dgm_studio.gui.widgets.picture_grid import PictureGrid
from dgm_studio.gui.widgets.picture_tile import PictureTile

CHIPS = (
    (POINTS, "Data", "data", "Show or hide the encoded data, coloured by class"),
    (ELLIPSES, "Posteriors", "data", "Show or hide one standard deviation of q(z|x) around each"),
    (MANIFOLD, "Manifold", "accent", "Show or hide the pictures decoded over the plane"),
    (PATH, "Path", "sample", "Show or hide the path and its places"),
)
ON = (POINTS, PATH)
LOW = 330
"""Design pixels of height below which there is no strip."""


class ScrubPicture(QWidget):
    """`toggled(part, on)` of the chips; the parts signal for themselves."""

    toggled = Signal(str, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.chips = ChipRow()
        for key, (name, label, tone, tooltip) in enumerate(CHIPS, start=1):
            self.chips.add(name, label, tone, str(key), tooltip, on=name in ON)
        self.chips.toggled.connect(self.toggled)
        upper = Row(gap=10)
        self.tile = PictureTile(
            "The picture here", "Drag on the picture to move in the plane", least=112, draggable=True,
            empty="Opening a model…",
        )  # fmt: skip
        self.plane = LatentPlane()
        upper.addWidget(self.tile, 1)
        upper.addWidget(self.plane, 1)
        self.keys = KeyRow()
        self.strip = PictureGrid("The strip of the path", "Press or drag: go to that frame", least=44, gap=2,
                                 empty="Decoding the path…")  # fmt: skip
        stack.addWidget(self.chips)
        stack.addLayout(upper, 10)
        stack.addWidget(self.keys)
        stack.addWidget(self.strip, 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little height, the picture has it rather than the strip."""
        super().resizeEvent(event)
        self.strip.setVisible(event.size().height() >= theme().px(LOW))
