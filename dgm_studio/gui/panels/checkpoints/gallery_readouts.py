"""The right column of the gallery: the picture that is looked at, what it is made of, and how rows differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.gallery import GalleryTile, Making
from dgm_studio.core.latents import DENOISES, PictureModelReport
from dgm_studio.gui.panels.checkpoints.gallery_words import facts_of
from dgm_studio.gui.panels.latents.model_card import facts
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.picture_tile import PictureTile
from dgm_studio.gui.widgets.section import SectionHeader

HINT = "Point at a picture."
FILM_HELP = "Watch this picture come out of its noise, frame by frame"
NO_FILM = "This model makes its pictures in one go: there is no film of it."
PIN_HELP = "Keep this picture over the gallery, and in the session (P)"
DIFFERENCE_HELP = "Root mean square over all pixels of the pairs from the same noise, in grey levels of [0, 1]."


class GalleryReadouts(QWidget):
    """`film_wanted` and `pin_wanted` of the picture that is looked at."""

    film_wanted = Signal()
    pin_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.tile = PictureTile("The picture that is looked at", "Large", empty=HINT)
        self.facts = KeyValueList()
        self.film = Button("Its film", FILM_HELP, icon_name="film")
        self.pin = Button("Pin", PIN_HELP, icon_name="pin")
        self.film.clicked.connect(self.film_wanted)
        self.pin.clicked.connect(self.pin_wanted)
        buttons = Row(gap=8)
        buttons.addWidget(self.film)
        buttons.addWidget(self.pin)
        buttons.addStretch(1)
        self.refusal = Label("", 12, 400, "error", wrap=True)
        self.head = SectionHeader("Rows against the first")
        self.apart = KeyValueList()
        self.model = KeyValueList()
        stack.addWidget(SectionHeader("One picture", above=0))
        stack.addWidget(self.tile)
        stack.addLayout(buttons)
        stack.addWidget(self.refusal)
        stack.addWidget(self.facts)
        stack.addWidget(self.head)
        stack.addWidget(self.apart)
        stack.addWidget(SectionHeader("Model"))
        stack.addWidget(self.model)
        stack.addStretch(1)
        theme().changed.connect(self._rescale)
        self._rescale()
        self.look_at(None, None, None, pinned=False)
        self.show_apart(())

    def _rescale(self) -> None:
        self.tile.setFixedHeight(theme().px(190))

    def look_at(
        self, making: Making | None, tile: GalleryTile | None, report: PictureModelReport | None, *, pinned: bool
    ) -> None:
        """A picture and what it is made of; None for none."""
        self.tile.show_picture(tile.pixels if tile is not None else None)
        self.refusal.setText(tile.refusal if tile is not None else "")
        self.refusal.setVisible(bool(self.refusal.full_text()))
        self.facts.set_items(facts_of(making, tile, report) if making is not None else ())
        there = tile is not None and tile.pixels is not None
        films = report is not None and DENOISES in report.can
        self.film.set_reason("" if there and films else NO_FILM if there else HINT, FILM_HELP)
        self.pin.set_reason("" if there else HINT, PIN_HELP)
        self.pin.setText("Unpin" if pinned else "Pin")

    def show_model(self, report: PictureModelReport | None) -> None:
        """The first row's."""
        self.model.set_items(facts(report).items() if report is not None else ())

    def show_apart(self, lines: Sequence[tuple[str, float, int]]) -> None:
        """(row, how far it is from the first, pairs) of each further row."""
        self.head.setVisible(bool(lines))
        self.apart.setVisible(bool(lines))
        self.apart.set_items([(title, f"{apart:.3f} (n = {pairs})") for title, apart, pairs in lines])
        self.apart.set_helps({title: DIFFERENCE_HELP for title, _, _ in lines})


def apart(first: Sequence[Array | None], other: Sequence[Array | None]) -> tuple[float, int]:
    """Root mean square difference of the pairs that are both there and of one shape, in grey levels of [0, 1], and how
    many there are; NaN without any."""
    pairs = [
        (np.asarray(a, dtype=np.float64) - b) / 255
        for a, b in zip(first, other, strict=False)
        if a is not None and b is not None and a.shape == b.shape
    ]
    return (float(np.sqrt(np.mean(np.square(np.stack(pairs))))), len(pairs)) if pairs else (float("nan"), 0)
