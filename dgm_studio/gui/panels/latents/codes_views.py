"""The middle of the codes: the picture, its code, what the decoder makes of it, and the codebook below."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import CodeBook
from dgm_studio.gui.panels.latents.code_cells import CodeCells
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.picture_grid import PictureGrid
from dgm_studio.gui.widgets.picture_tile import PictureTile
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.segments import Segments

BY_USE, BY_LOOK, BY_NUMBER = "use", "look", "number"
ORDERS = (
    (BY_USE, "By use", "The entry that the data use most comes first"),
    (BY_LOOK, "By likeness", "Along the first principal axis of the entries: neighbours are alike"),
    (BY_NUMBER, "By number", "As they stand in the codebook"),
)


class CodesPicture(QWidget):
    """`entry_pressed(id)` of the codebook; the cells signal for themselves."""

    entry_pressed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.book: CodeBook | None = None
        self._order: Array = np.empty(0, dtype=np.int64)
        self._entry = -1
        stack = Stack(self, gap=10)
        card = Card("stage")
        row = Row(card, gap=18, pad=(16, 12, 16, 14))
        self.original = PictureTile("The picture", "The picture that is coded", least=140)
        self.cells = CodeCells()
        self.decoded = PictureTile("The decoded picture", "What the decoder makes of the code", least=140)
        self.original_words = Label("Picture", 12.5, 600, "dim", elide=True)
        self.code_words = Label("Code", 12.5, 600, "dim", elide=True)
        self.decoded_words = Label("Decoded", 12.5, 600, "dim", elide=True)
        for words, part in (
            (self.original_words, self.original), (self.code_words, self.cells), (self.decoded_words, self.decoded)
        ):  # fmt: skip
            column = Stack(gap=6)
            column.addWidget(words)
            column.addWidget(part, 1)
            row.addLayout(column, 1)
        head = Row(gap=8)
        self.header = SectionHeader("Codebook", note="an entry's patch, its colour below", above=0)
        self.orders = Segments(ORDERS, right=True)
        self.orders.set_current(BY_USE)
        head.addWidget(self.header, 1)
        head.addWidget(self.orders)
        below = Card("stage")
        self.entries = PictureGrid(
            "The codebook's entries", "Click an entry: the chosen cell takes it", gap=3, keys=True,
            empty="The codebook comes in a moment",
        )  # fmt: skip
        Stack(below, gap=0, pad=(12, 12, 12, 12)).addWidget(self.entries)
        stack.addWidget(card, 5)
        stack.addLayout(head)
        stack.addWidget(below, 4)
        self.orders.chosen.connect(lambda _: self._lay())
        self.entries.pressed.connect(lambda place: self.entry_pressed.emit(int(self._order[place])))

    def show_book(self, book: CodeBook | None) -> None:
        """Another codebook, None for none."""
        self.book = book
        self.cells.show_colours(book.colours if book is not None else None)
        self._lay()

    def _lay(self) -> None:
        book = self.book
        if book is None:
            self.entries.show_pictures(np.zeros((0, 1, 1, 1), dtype=np.uint8))
            return
        keys = {BY_USE: -book.usage.astype(np.int64), BY_LOOK: book.plane[:, 0]}
        kind = self.orders.current()
        order = np.argsort(keys[kind], kind="stable") if kind in keys else np.arange(len(book.usage))
        self._order = order
        self.entries.show_pictures(book.patches[order])
        hexes = ["#" + bytes(colour.tolist()).hex().upper() for colour in book.colours[order]]
        self.entries.set_marks(dict(enumerate(hexes)))
        self.select_entry(self._entry)

    def select_entry(self, entry: int) -> None:
        """Ring one in the codebook, -1 for none."""
        self._entry = entry
        found = np.flatnonzero(self._order == entry)
        self.entries.select(int(found[0]) if len(found) else -1)
