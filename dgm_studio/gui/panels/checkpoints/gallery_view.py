"""The middle of the gallery: pinned pictures over the grid."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from dgm_studio.gui.panels.checkpoints.gallery_grid import Cell, GalleryGrid
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.label import Label

PINS_HIGH = 112


class GalleryView(QWidget):
    """`grid` and, while there are any, `pins`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.pins_card = Card("stage")
        inner = Stack(self.pins_card, gap=4, pad=(12, 8, 12, 8))
        self.pins_words = Label("PINNED", 11, 600, "faint")
        self.pins = GalleryGrid("Pinned pictures", least=64)
        inner.addWidget(self.pins_words)
        inner.addWidget(self.pins, 1)
        card = Card("stage")
        self.grid = GalleryGrid("Pictures")
        Stack(card, gap=0, pad=(14, 12, 14, 12)).addWidget(self.grid)
        stack.addWidget(self.pins_card)
        stack.addWidget(card, 1)
        self.pins_card.hide()
        theme().changed.connect(self._rescale)
        self._rescale()

    def _rescale(self) -> None:
        self.pins_card.setFixedHeight(theme().px(PINS_HIGH))

    def show_pins(self, cells: Sequence[Cell]) -> None:
        """The favourites, in the order in which they were pinned."""
        self.pins_card.setVisible(bool(cells))
        self.pins.show_cells((tuple(cells),) if cells else ())
