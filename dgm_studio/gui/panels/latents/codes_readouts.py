"""The right column of the codes: one entry, its usage, where else it is used, and the codebook as a whole."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.latents import CodeBook, CodeUses
from dgm_studio.core.sketch import Bars, Mark, Plot
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.big_number import KeyValueList
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.picture_grid import PictureGrid
from dgm_studio.gui.widgets.picture_tile import PictureTile
from dgm_studio.gui.widgets.plot_card import PlotCard
from dgm_studio.gui.widgets.readout import Readout
from dgm_studio.gui.widgets.section import SectionHeader

NO_ENTRY = "Click a cell of the code, or an entry of the codebook."
NO_USES = "No training picture uses this entry."
PERPLEXITY = "exp of the entropy of the usage: how many entries would be in use if all of them were used equally often."


class CodesReadouts(QWidget):
    """`show_entry` when one is chosen, `show_uses` when it is known where else it is used."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = Stack(self, gap=10)
        self.head = SectionHeader("Entry", above=0)
        self.patch = PictureTile("The entry's patch", "What the decoder draws amid a code full of this entry", least=84)
        self.facts = KeyValueList()
        self.words = Label(NO_ENTRY, 12, 400, "dim", wrap=True)
        pair = Row(gap=12)
        pair.addWidget(self.patch)
        pair.addWidget(self.facts, 1)
        self.uses_head = SectionHeader("Where else it is used", note="the cell is framed")
        self.uses = PictureGrid("Pictures that use the entry", columns=4, gap=4)
        self.no_uses = Label("", 12, 400, "dim", wrap=True)
        self.perplexity = Readout("Perplexity", "", PERPLEXITY)
        self.used = Readout("Entries in use", "", "Entries that at least one training picture uses.")
        self.usage = PlotCard()
        stack.addWidget(self.head)
        stack.addLayout(pair)
        stack.addWidget(self.words)
        stack.addWidget(self.uses_head)
        stack.addWidget(self.uses)
        stack.addWidget(self.no_uses)
        stack.addWidget(SectionHeader("Codebook"))
        stack.addWidget(self.perplexity)
        stack.addWidget(self.used)
        stack.addWidget(self.usage)
        stack.addStretch(1)
        theme().changed.connect(self._rescale)
        self._rescale()
        self.clear()

    def _rescale(self) -> None:
        self.patch.setFixedSize(theme().px(92), theme().px(92))
        self.uses.setFixedHeight(theme().px(214))
        self.usage.setFixedHeight(theme().px(190))

    def clear(self) -> None:
        """Another model: nothing is known."""
        self.show_book(None, -1)
        self.show_entry(None, -1, 0)

    def show_book(self, book: CodeBook | None, entry: int) -> None:
        """The whole codebook's figures, None where they are not here yet; `entry` is marked."""
        known = book is not None and int(book.usage.sum()) > 0
        self.usage.setVisible(known)
        if book is None or not known:
            self.perplexity.set_value(None)
            self.used.set_value(None)
            return
        count, used = len(book.usage), int((book.usage > 0).sum())
        self.perplexity.set_value(book.perplexity, high=count, text=f"{book.perplexity:.1f} of {count}")
        self.used.set_value(used, high=count, text=f"{used} of {count}")
        self.usage.set_plot(usage_plot(book, entry))

    def show_entry(self, book: CodeBook | None, entry: int, here: int) -> None:
        """One entry; `here` is how many cells of the present code have it. -1 is none."""
        there = book is not None and entry >= 0
        self.patch.setVisible(there)
        self.facts.setVisible(there)
        self.words.setVisible(not there)
        for part in (self.uses_head, self.uses, self.no_uses):
            part.setVisible(False)
        self.head.set_caption(f"Entry {entry}" if there else "Entry")
        if book is None or not there:
            return
        self.patch.show_picture(book.patches[entry])
        self.show_here(book, entry, here)
        self.show_book(book, entry)

    def show_here(self, book: CodeBook, entry: int, here: int) -> None:
        """The entry's numbers, of which a hand changes the first."""
        total, rank = max(1, int(book.usage.sum())), int((book.usage > book.usage[entry]).sum()) + 1
        self.facts.set_items(
            [
                ("In this code", f"{here} cells" if here != 1 else "1 cell"),
                ("In the data", f"{int(book.usage[entry]):,} cells"),
                ("Share", f"{100 * int(book.usage[entry]) / total:.2f} %"),
                ("Rank by use", f"{rank} of {len(book.usage)}"),
            ]
        )

    def show_uses(self, uses: CodeUses, grid: tuple[int, int]) -> None:
        """Training pictures that use the entry, the cell of a code of `grid` rows and columns framed."""
        some = len(uses.pixels) > 0
        self.uses_head.setVisible(True)
        self.uses.setVisible(some)
        self.no_uses.setVisible(not some)
        self.no_uses.setText("" if some else NO_USES)
        colour = theme().colour("sample")
        self.uses.show_pictures(framed(uses.pixels, uses.places, grid, (colour.red(), colour.green(), colour.blue())))


def usage_plot(book: CodeBook, entry: int) -> Plot:
    """How often each entry is used, the most used first."""
    shares = np.sort(book.usage / max(1, int(book.usage.sum())))[::-1]
    edges = np.arange(len(shares) + 1, dtype=np.float64) + 0.5
    rank = int((book.usage > book.usage[entry]).sum()) + 1 if entry >= 0 else 0
    marks = (Mark(f"entry {entry}", "sample", float(rank)),) if entry >= 0 else ()
    return Plot("Usage by rank", "rank", "share of cells", (), marks, bars=(Bars("usage", "accent", edges, shares),))


def framed(pixels: Array, places: Array, grid: tuple[int, int], colour: tuple[int, int, int]) -> Array:
    """Pictures (n, c, h, w) as RGB (n, 3, h, w), a frame of one pixel round the cell at places (n, 2) of a grid that
    covers the picture."""
    count, channels, high, wide = pixels.shape
    made = np.array(np.broadcast_to(pixels, (count, 3, high, wide)) if channels == 1 else pixels)
    tint = np.array(colour, dtype=np.uint8)[:, None]
    for picture, (row, column) in zip(made, places, strict=True):
        top, low = row * high // grid[0], (row + 1) * high // grid[0] - 1
        left, right = column * wide // grid[1], (column + 1) * wide // grid[1] - 1
        picture[:, [top, low], left : right + 1] = tint[:, :, None]
        picture[:, top : low + 1, left] = tint
        picture[:, top : low + 1, right] = tint
    return made
