"""The places of a path as a person chooses them: seeds, pictures of the data, files, drawings, where one has gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dgm_studio.core.dataspec import PictureSet
from dgm_studio.core.latents import DATA, FILE, SEED, Placed, Spot
from dgm_studio.core.picture_requests import Place, ReadPictures, ShowData
from dgm_studio.core.reports import Failure
from dgm_studio.core.table import PICTURES
from dgm_studio.gui.link import Link
from dgm_studio.gui.panels.latents import key_row
from dgm_studio.gui.panels.latents.keyframes import LEAST, Key, Keyframes
from dgm_studio.gui.panels.latents.lane import PictureLane

READ_LANE = "latents-place"
FIRST_PLACES, LOOKED_AT = 4, 60
MOST_SEEDS = 100_000
FILES = f"Pictures ({' '.join(f'*{one}' for one in PICTURES)})"


class ScrubPlaces(QObject):
    """Owns the keyframes, and asks the worker where new ones lie."""

    changed = Signal()
    """Which places there are, or which is looked at; some may not be placed yet."""

    placed = Signal()
    """All have a latent: the path can go through them."""

    failed = Signal(object)
    read_begun = Signal()

    def __init__(self, link: Link, lane: PictureLane, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.keys = Keyframes()
        self.gamma = 1.0
        self._link, self._lane, self._window = link, lane, window
        self._seed = 1
        self._reading = 0
        self._into = False
        """Whether the picture that is being read takes the place of one, rather than being added."""
        link.answered.connect(self._answered)
        link.failed.connect(self._refused)

    # First ones.

    def begin(self, *, encodes: bool, count: int) -> None:
        """For another model: what has a place in it too is kept, else four pictures of the data, else four seeds."""
        report = self._lane.report
        assert report is not None
        self.keys.adopt(report, encodes)
        if len(self.keys) >= LEAST:
            self.place()
        elif encodes and count >= LEAST:
            self._lane.ask(ShowData(self._lane.name, 0, LOOKED_AT), self._first_of_data)
        else:
            self.draw(FIRST_PLACES)

    def draw(self, count: int) -> None:
        """So many seeds of the prior instead of what there was."""
        self.keys.keys = [Key(self._next_seed()) for _ in range(count)]
        self.keys.selected = 0
        self.place()

    def _first_of_data(self, found: Any) -> None:
        """The first pictures of four different classes."""
        indices, labels, _ = found
        chosen = {int(label): int(index) for index, label in zip(indices[::-1], labels[::-1], strict=True)}
        first = sorted(chosen.values())[:FIRST_PLACES]
        if len(first) < LEAST:
            first = [int(index) for index in indices[:FIRST_PLACES]]
        self.keys.keys = [Key(Spot(DATA, index=index)) for index in first]
        self.keys.selected = 0
        self.place()

    def _next_seed(self) -> Spot:
        self._seed = (self._seed + 1) % MOST_SEEDS
        return Spot(SEED, seed=self._seed)

    # A person's.

    def choose(self, way: str, *, into: bool) -> None:
        """A place by one of key_row.WAYS but HERE: added, or `into` that of the one that is looked at."""
        report = self._lane.report
        if report is None:
            return
        if way == key_row.SEED:
            self.put(Key(self._next_seed()), into=into)
        elif way == key_row.DATA:
            from dgm_studio.gui.panels.latents.browser import Browser

            browser = Browser(self._lane, self._window.window())
            browser.picked.connect(lambda index, label: self.put(Key(Spot(DATA, index=index), label=label), into=into))
            browser.open()
        elif way == key_row.DRAW:
            from dgm_studio.gui.panels.latents.drawing import Drawing

            drawing = Drawing(report.shape, self._window.window())
            drawing.drawn.connect(lambda pixels: self.put(Key(Spot(FILE, pixels=pixels, title="drawing")), into=into))
            drawing.open()
        elif way == key_row.FILE:
            name, _ = QFileDialog.getOpenFileName(self._window, "A picture as a place", str(Path.home()), FILES)
            if name:
                self.read(name, into=into)

    def read(self, path: str, *, into: bool = False) -> None:
        """A picture file as a place; the worker reads and judges it."""
        report = self._lane.report
        if report is not None:
            self._into = into
            self.read_begun.emit()
            asked = ReadPictures(READ_LANE, path, report.shape.height, report.shape.channels, steps=None)
            self._reading = self._link.send(asked)

    def put(self, key: Key, *, into: bool) -> None:
        """One more, or another in place of the one that is looked at."""
        if into:
            self.keys.replace(key)
        else:
            self.keys.add(key)
        self.place()

    def remove(self) -> None:
        """Without the one that is looked at."""
        self.keys.remove()
        self.place()

    def move(self, by: int) -> None:
        """Earlier or later on the path."""
        self.keys.move(by)
        self.place()

    def select(self, index: int) -> None:
        """Look at another."""
        self.keys.selected = index
        self.changed.emit()

    # From the worker.

    def place(self) -> None:
        """Ask where the new ones lie."""
        self.changed.emit()
        asked = self.keys.unplaced()
        if asked:
            spots = tuple(key.spot for key in asked if key.spot is not None)
            request = Place(self._lane.name, spots, self.gamma)
            self._lane.ask(request, lambda found: self._found(asked, found), lambda why: self._lost(asked, why))
        else:
            self.placed.emit()

    def _found(self, asked: list[Key], found: Placed) -> None:
        self.keys.place(asked, found)
        self.changed.emit()
        if self.keys.placed:
            self.placed.emit()

    def _lost(self, asked: list[Key], failure: Failure) -> None:
        """A place that cannot be found is none."""
        self.keys.drop(asked)
        if len(self.keys) < LEAST and any(key.spot is not None and key.spot.kind != SEED for key in asked):
            self.draw(FIRST_PLACES)
        self.changed.emit()
        self.failed.emit(failure)

    def _answered(self, request: int, value: object) -> None:
        if request == self._reading and isinstance(value, PictureSet):
            self._reading = 0
            self.put(Key(Spot(FILE, pixels=value.pixels[0], title=value.title)), into=self._into)

    def _refused(self, lane: str, failure: Failure) -> None:
        if failure.request and failure.request == self._reading:
            self._reading = 0
            self.failed.emit(failure)
