"""The middle of the styles: the mixed picture, a sheet of seeds, and the activations of a layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import Styled
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.picture_grid import PictureGrid
from dgm_studio.gui.widgets.picture_tile import PictureTile
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments
from dgm_studio.gui.widgets.tab_order import tab_through

ACROSS, DOWN = 8, 3
SHEET = ACROSS * DOWN
"""Seeds of a page."""
MOST_CHANNELS = 64


class StylesPicture(QWidget):
    """`seed_pressed(place)` of the sheet; `dragged(across, down)` between its seeds."""

    seed_pressed = Signal(int)
    dragged = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.styled: Styled | None = None
        stack = Stack(self, gap=10)
        card = Card("stage")
        row = Row(card, gap=18, pad=(16, 12, 16, 14))
        self.mixed = PictureTile("The picture of the mixed styles", "The picture of the mixed styles", least=150)
        self.sheet = PictureGrid(
            "Plane of seeds", "Press a seed, or drag between seeds: the chosen layers take that style",
            columns=ACROSS, keys=True, empty="The pictures come in a moment",
        )  # fmt: skip
        for words, part, stretch in (
            ("Mixed styles", self.mixed, 4),
            ("Plane of seeds: press one, drag between them", self.sheet, 7),
        ):
            column = Stack(gap=6)
            column.addWidget(Label(words, 12.5, 600, "dim", elide=True))
            column.addWidget(part, 1)
            row.addLayout(column, stretch)
        self.head = Row(gap=8)
        self.header = SectionHeader("Activations", above=0)
        self.layers: Segments | None = None
        self.head.addWidget(self.header, 1)
        below = Card("stage")
        self.maps = PictureGrid(
            "Activations of the layer", "A channel each: black is its least, white its largest", gap=3
        )
        Stack(below, gap=0, pad=(12, 12, 12, 12)).addWidget(self.maps)
        stack.addWidget(card, 5)
        stack.addLayout(self.head)
        stack.addWidget(below, 4)
        self.sheet.pressed.connect(self.seed_pressed)
        self.sheet.moved.connect(self.dragged)

    def show_layers(self, layers: Sequence[str]) -> None:
        """Another model's."""
        if self.layers is not None:
            self.head.removeWidget(self.layers)
            self.layers.hide()
            self.layers.deleteLater()
        self.layers = Segments([(str(k), name, f"The activations after {name}") for k, name in enumerate(layers)])
        self.head.addWidget(self.layers)
        self.layers.set_current("0")
        tab_through(self.sheet, self.layers)
        self.layers.chosen.connect(lambda _: self._show_maps())

    def show_styled(self, styled: Styled | None) -> None:
        """Another picture and its activations; None for none."""
        self.styled = styled
        self.mixed.show_picture(styled.pixels[0] if styled is not None else None)
        self._show_maps()

    def _show_maps(self) -> None:
        if self.styled is None or self.layers is None:
            self.maps.show_pictures(np.zeros((0, 1, 1, 1), dtype=np.uint8))
            return
        maps = self.styled.activations[int(self.layers.current() or 0)]
        some = f"{min(len(maps), MOST_CHANNELS)} of {len(maps)} channels"
        self.header.set_note(f"{some}, {maps.shape[1]} × {maps.shape[2]}")
        self.maps.show_pictures(as_pictures(maps[:MOST_CHANNELS]))


def as_pictures(maps: Array) -> Array:
    """Activations (channels, h, w) as grey pictures (channels, 1, h, w) of bytes, each from its least (black) to its
    largest (white); a constant one is black."""
    low = maps.min(axis=(1, 2), keepdims=True)
    span = maps.max(axis=(1, 2), keepdims=True) - low
    return np.asarray(np.rint(255 * (maps - low) / np.where(span > 0, span, 1.0)), dtype=np.uint8)[:, None]
