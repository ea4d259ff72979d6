"""What the gallery has: the wish, which models it knows, the pictures of each row, the favourites. No widget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dgm_studio.core.arrays import Array
from dgm_studio.core.gallery import WEIGHTS, GalleryTile, Making, Rows
from dgm_studio.core.knobs import Knob
from dgm_studio.core.latents import PictureModelReport
from dgm_studio.gui.panels.checkpoints.gallery_grid import Cell
from dgm_studio.gui.panels.checkpoints.gallery_lane import GalleryLane
from dgm_studio.gui.panels.checkpoints.gallery_pins import Pins
from dgm_studio.gui.panels.checkpoints.gallery_wish import GalleryWish, Setting, Source, settings_of
from dgm_studio.gui.panels.checkpoints.gallery_words import caption_of, head_of_row, tooltip_of
from dgm_studio.gui.panels.checkpoints.running import Running
from dgm_studio.gui.studio import Studio


class GalleryState:
    """`rows` are the makings that are wanted, as far as the models are known."""

    def __init__(self, studio: Studio, running: Running, lane: GalleryLane) -> None:
        self.studio, self.running, self.lane = studio, running, lane
        self.wish = GalleryWish()
        self.pins = Pins()
        self.rows: Rows = ()

    # Models.

    @property
    def report(self) -> PictureModelReport | None:
        """The first row's model, as far as it is known."""
        first = next(iter(self.wish.sources), None)
        return self.report_of(first.path, first.choice) if first is not None else None

    def report_of(self, path: str, choice: Mapping[str, str]) -> PictureModelReport | None:
        """Of any row's: from the gallery's own lane, else from the file that is open."""
        known, own = self.lane.report(path, choice), self.running.report
        mine = own is not None and (path, dict(choice)) == (self.running.path, self.running.choice)
        return known if known is not None else own if mine else None

    def knobs(self) -> tuple[Knob, ...]:
        """The declaration of the first row's Sampling."""
        report, catalogue = self.report, self.studio.catalogue
        if report is None:
            return ()
        entry = catalogue.pictures.get(report.family) if catalogue is not None else None
        return report.knobs or (entry.sampling if entry is not None else ())

    def settings(self) -> tuple[Setting, ...]:
        """What can be swept of the first row's model."""
        return settings_of(self.report, self.knobs()) if self.report is not None else ()

    def copies(self) -> tuple[str, ...]:
        """The copies of the weights in the first row's file, where there are several."""
        own = self.report.settings if self.report is not None else ()
        return next((one.options for one in own if one.name == WEIGHTS and len(one.options) > 1), ())

    def head(self, source: Source) -> tuple[str, str]:
        """Title and second line of a row."""
        model = self.lane.model(source.path, source.choice)
        refusal = model.refusal if model is not None else ""
        return head_of_row(source, self.report_of(source.path, source.choice), refusal)

    # Rows.

    def follow(self) -> None:
        """The file that is open, or what was chosen of it, is a row: in the place of what it was."""
        running = self.running
        own, rows = Source(running.path, dict(running.choice)), self.wish.sources
        if not running.path:
            self.wish = replace(self.wish, sources=())
        elif own not in rows:
            was = {own.path, running.before} - {""}
            same = next((place for place, one in enumerate(rows) if one.path in was), -1)
            if same >= 0:
                self.wish = replace(self.wish, sources=(*rows[:same], own, *rows[same + 1 :]))
            else:
                self.wish = replace(self.wish, sources=(own,), sampling={}, sweep="", values=())

    def compare_copies(self) -> None:
        """A row for each copy of the weights in the first row's file."""
        first = self.wish.sources[0]
        rows = tuple(Source(first.path, {**first.choice, WEIGHTS: one}) for one in self.copies())
        others = tuple(one for one in self.wish.sources if one.path != first.path)
        self.wish = replace(self.wish, sources=(*rows, *others))

    def wanted(self) -> Rows:
        """What is to be made now."""
        self.rows = self.wish.rows(self.report_of)
        return self._askable(self.rows)

    def _askable(self, rows: Rows) -> Rows:
        """Of a model that nobody has opened, one picture first: then it is known what it can be asked, or why not."""
        unknown = [self.report_of(one.path, one.choice) is None for one in self.wish.sources]
        return tuple(row[:1] if bare else row for row, bare in zip(rows, unknown, strict=True))

    @property
    def complete(self) -> bool:
        """Whether every picture that is wanted is there, or why it is not."""
        wanted = self.wish.rows(self.report_of)
        missing = (one for row in self._askable(wanted) for one in row if self.lane.tile(one) is None)
        return wanted == self.rows and next(missing, None) is None

    # Pictures.

    def at(self, row: int, column: int) -> Making | None:
        """What a tile of the grid is made of."""
        there = 0 <= row < len(self.rows) and 0 <= column < len(self.rows[row])
        return self.rows[row][column] if there else None

    def tile(self, making: Making) -> GalleryTile | None:
        """What is there of it: the pinned picture where it is not made now."""
        found = self.lane.tile(making)
        pin = next((one for one in self.pins.held if one.making == making), None)
        return GalleryTile(0, 0, making, pin.pixels) if found is None and pin is not None else found

    def pixels(self, making: Making) -> Array | None:
        """Its picture."""
        tile = self.tile(making)
        return tile.pixels if tile is not None else None

    def cell(self, making: Making, setting: Setting | None) -> Cell:
        """As the grid shows it."""
        tile = self.tile(making)
        model = self.lane.model(making.source, making.choice)
        pixels, refusal = (tile.pixels, tile.refusal) if tile is not None else (None, model.refusal if model else "")
        words = tooltip_of(making, self.report_of(making.source, making.choice))
        return Cell(pixels, caption_of(making, setting), words, refusal, self.pins.has(making))

    def cells(self, setting: Setting | None) -> list[list[Cell]]:
        """All rows; `setting` is what is swept."""
        return [[self.cell(making, setting) for making in row] for row in self.rows]

    def columns(self, setting: Setting | None) -> list[str]:
        """What stands over the columns."""
        longest: tuple[Making, ...] = max(self.rows, key=len, default=())
        return [str(making.seed) if setting is None else caption_of(making, setting) for making in longest]
