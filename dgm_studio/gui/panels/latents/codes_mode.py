"""The codes of a vector-quantised model: a picture's code, its entries, and what changing them by hand does."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.latents import (
    CODES,
    DATA,
    FILE,
    SEED,
    CodeBook,
    CodeGrid,
    CodeUses,
    Decoded,
    PictureModelReport,
    Spot,
)
from dgm_studio.core.picture_requests import DrawCode, FindCode, ReadCode, ShowCodeBook
from dgm_studio.gui.panels.latents import modes
from dgm_studio.gui.panels.latents.browser import Browser
from dgm_studio.gui.panels.latents.code_cells import NOWHERE, Cell
from dgm_studio.gui.panels.latents.codes_form import LOOK, PAINT, CodesForm
from dgm_studio.gui.panels.latents.codes_readouts import CodesReadouts
from dgm_studio.gui.panels.latents.codes_views import CodesPicture
from dgm_studio.gui.panels.latents.drawing import Drawing
from dgm_studio.gui.panels.latents.lane import PictureLane
from dgm_studio.gui.panels.latents.looking_mode import LookingMode
from dgm_studio.gui.studio import Studio
from dgm_studio.gui.widgets.transport_bar import TransportBar

TRACK = "picture"
STILL = "A code stands still: Left and Right take the picture before and after."


class CodesMode(LookingMode):
    """`grid` is what the encoder gave, `ids` what stands there now."""

    id, word, tooltip = modes.CODES
    restart_help = "Undo all changes (R)"
    paced = False
    needs = CODES
    without = "This model has no codebook: its latent is made of numbers, not of entries. A VQ-VAE has one."
    suits, suits_word = "fashion-vqvae", "Open the VQ-VAE"

    def __init__(self, studio: Studio, lane: PictureLane, parent: QObject | None = None) -> None:
        self.form: CodesForm = CodesForm()
        self.view = CodesPicture()
        self.readouts: CodesReadouts = CodesReadouts()
        super().__init__(studio, lane, self.view, parent)
        self.stage = self.view.decoded
        self.spot = Spot(DATA, index=0)
        self.grid: CodeGrid | None = None
        self.ids: Array = np.empty((0, 0), dtype=np.int64)
        self.book: CodeBook | None = None
        self.cell: Cell = NOWHERE
        self.entry = -1
        self.tool = LOOK
        self._seed = 0
        form, view = self.form, self.view
        form.data_wanted.connect(self._browse)
        form.hand_wanted.connect(self._draw_by_hand)
        form.drawn_wanted.connect(self._draw_one)
        form.undo_wanted.connect(self.restart)
        form.tool_chosen.connect(lambda tool: setattr(self, "tool", tool))
        view.cells.pressed.connect(self.choose)
        view.cells.dragged.connect(self._drag)
        view.entry_pressed.connect(self.put)

    # The model and the picture.

    def show_model(self, report: PictureModelReport) -> None:
        """Its codebook, and the code of a first picture."""
        self.forget()
        self.form.show_model(report)
        self.lane.ask(ShowCodeBook(self.lane.name), self._show_book)
        index = self.spot.index if 0 <= self.spot.index < report.count else 0
        self.take(Spot(DATA, index=index) if report.count else Spot(SEED, seed=self._seed))

    def forget(self) -> None:
        """Nothing is shown."""
        self.grid = self.book = None
        self.ids, self.cell, self.entry = np.empty((0, 0), dtype=np.int64), NOWHERE, -1
        self.view.show_book(None)
        self.view.original.show_picture(None)
        self.view.decoded.show_picture(None)
        self.view.cells.show_code(self.ids, self.ids.astype(bool))
        self.readouts.clear()

    def take(self, spot: Spot) -> None:
        """The code of another picture."""
        self.spot = spot
        self.lane.newest("read-code", ReadCode(self.lane.name, spot), self._show_code)

    def _browse(self) -> None:
        browser = Browser(self.lane, self.pages.window())
        browser.picked.connect(lambda index, label: self.take(Spot(DATA, index=index, label=label)))
        browser.open()

    def _draw_by_hand(self) -> None:
        if self.report is not None:
            drawing = Drawing(self.report.shape, self.pages.window())
            drawing.drawn.connect(lambda pixels: self.take(Spot(FILE, pixels=pixels, title="your drawing")))
            drawing.open()

    def _draw_one(self) -> None:
        self._seed += 1
        self.take(Spot(SEED, seed=self._seed, label=self.form.label))

    def _show_book(self, book: CodeBook) -> None:
        self.book = book
        self.view.show_book(book)
        self.readouts.show_book(book, self.entry)
        self._show_entry()
        self.changed.emit()

    def _show_code(self, grid: CodeGrid) -> None:
        self.grid, self.ids = grid, np.array(grid.ids)
        self.view.original.show_picture(grid.pixels if self.spot.kind != SEED else None)
        self.view.original.set_empty("This code was drawn, not encoded")
        self.view.decoded.show_picture(grid.reconstructed)
        self._show_cells()
        self._show_entry()
        self.changed.emit()

    # By hand.

    def choose(self, cell: Cell) -> None:
        """Look at a cell; with the brush it takes the chosen entry."""
        self.cell = cell
        self.view.cells.select(cell)
        if self.tool == PAINT and self.entry >= 0:
            self._set(cell, self.entry)
        else:
            self._look_at(int(self.ids[cell]))

    def _drag(self, cell: Cell) -> None:
        if self.tool == PAINT and self.entry >= 0:
            self.choose(cell)

    def put(self, entry: int) -> None:
        """An entry of the codebook: the chosen cell takes it; with the brush it is what paints."""
        if self.tool == LOOK and self.cell != NOWHERE:
            self._set(self.cell, entry)
        self._look_at(entry)

    def _set(self, cell: Cell, entry: int) -> None:
        if self.grid is None or int(self.ids[cell]) == entry:
            return
        self.ids[cell] = entry
        self._redraw()

    def restart(self) -> None:
        """The code that the encoder gave."""
        if self.grid is not None:
            self.ids = np.array(self.grid.ids)
            self._redraw()

    def _redraw(self) -> None:
        self._show_cells()
        request = DrawCode(self.lane.name, frozen(self.ids.copy()))
        self.lane.newest("draw-code", request, self._show_decoded)
        self._show_entry(fresh=False)
        self.changed.emit()

    def _show_decoded(self, decoded: Decoded) -> None:
        self.view.decoded.show_picture(decoded.pixels[0])
        self.changed.emit()

    def _show_cells(self) -> None:
        assert self.grid is not None
        changed = np.asarray(self.ids != self.grid.ids)
        self.view.cells.show_code(self.ids.copy(), changed)
        count = int(changed.sum())
        self.view.decoded_words.setText(f"Decoded, {count} changed by hand" if count else "Decoded")
        self.form.undo.setEnabled(count > 0)

    # One entry.

    def _look_at(self, entry: int) -> None:
        self.entry = entry
        self.view.select_entry(entry)
        self._show_entry()
        self.changed.emit()

    def _show_entry(self, *, fresh: bool = True) -> None:
        """The entry in the read-outs; `fresh` also asks where else it is used."""
        here = int((self.ids == self.entry).sum())
        if not fresh and self.entry >= 0 and self.book is not None:
            self.readouts.show_here(self.book, self.entry, here)
            return
        self.readouts.show_entry(self.book, self.entry, here)
        report = self.report
        if self.entry >= 0 and report is not None and report.count:
            self.lane.newest("find-code", FindCode(self.lane.name, self.entry), self._show_uses)

    def _show_uses(self, uses: CodeUses) -> None:
        report = self.report
        if uses.code == self.entry and report is not None and self.book is not None:
            self.readouts.show_uses(uses, report.code[:2])

    # The clock.

    def enter_bar(self, bar: TransportBar) -> None:
        """One track: which picture."""
        bar.add_track(TRACK, "Picture", "data")

    def show_on(self, bar: TransportBar) -> None:
        """Which of the training pictures."""
        report = self.report
        bar.set_playing(False)
        count = report.count if report is not None else 0
        text = {
            SEED: f"code drawn with seed {self.spot.seed}",
            DATA: f"picture {self.spot.index + 1:,} of {count:,}",
        }.get(self.spot.kind, self.spot.title)
        bar.set_track(TRACK, "Picture", text if report is not None else "", max(0, self.spot.index), count, count > 1,
                      "" if count > 1 else "The pictures that this model learnt from are not here")  # fmt: skip

    def unplayable(self) -> str:
        """Nothing moves by itself."""
        return STILL

    def _go_to(self, index: int) -> None:
        report = self.report
        if report is not None and report.count:
            self.take(Spot(DATA, index=min(report.count - 1, max(0, index))))
            self.changed.emit()

    def step(self, by: int) -> None:
        """The picture before or after."""
        self._go_to(self.spot.index + by)

    def go(self, fraction: float) -> None:
        """The first or the last."""
        report = self.report
        self._go_to(round(fraction * (report.count - 1)) if report is not None else 0)

    def scrub(self, track: str, position: float) -> None:
        """That picture."""
        self._go_to(round(position))

    def subtitle(self) -> str:
        """The grid and the codebook."""
        report = self.report
        if report is None:
            return super().subtitle()
        rows, columns, entries = report.code
        return f"{report.title} · {rows} × {columns} cells, {entries} entries"

    # The window's calls.

    def settled(self) -> bool:
        """The code, the codebook and the entry are shown."""
        if self.report is None:
            return self.lane.report is not None
        busy = self.lane.busy("read-code", "draw-code", "find-code")
        return self.grid is not None and self.book is not None and not busy

    def session(self) -> dict[str, Any]:
        """Which picture."""
        return {"index": self.spot.index if self.spot.kind == DATA else 0}

    def restore(self, held: dict[str, Any]) -> None:
        """The reverse."""
        if isinstance(held.get("index"), int) and held["index"] >= 0:
            self.spot = Spot(DATA, index=held["index"])
