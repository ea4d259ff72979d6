"""The window's side of the gallery: pictures by what they are made of, each made once."""

from __future__ import annotations

import json
from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.gallery import GalleryModel, GalleryTile, Making, Rows, ShowGallery
from dgm_studio.core.latents import PictureModelReport
from dgm_studio.core.reports import Failure
from dgm_studio.core.requests import Cancel
from dgm_studio.core.snapshot import DONE, Snapshot
from dgm_studio.gui.link import Link

KEPT = 600
"""Tiles that are kept beside those in sight, so that going back shows them at once."""


class GalleryLane(QObject):
    """`want(rows)` asks for what is not there yet; `tile(making)` is what is."""

    told = Signal()
    """A tile, or what a model is, has arrived."""

    ended = Signal()
    """All that was wanted is there."""

    failed = Signal(object)
    """A Failure."""

    def __init__(self, link: Link, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.making = False
        self.done = self.total = 0
        """Of the pictures that were asked for last."""
        self._link = link
        self._sent = 0
        self._tiles: dict[str, GalleryTile] = {}
        self._models: dict[str, GalleryModel] = {}
        link.snapshot.connect(self._take)
        link.failed.connect(self._fail)

    # What is there.

    def tile(self, making: Making) -> GalleryTile | None:
        """The picture of a making, or why there is none; None while it is not made."""
        return self._tiles.get(_key(making))

    def model(self, source: str, choice: Mapping[str, str]) -> GalleryModel | None:
        """What is known of a model."""
        return self._models.get(_name(source, choice))

    def report(self, source: str, choice: Mapping[str, str]) -> PictureModelReport | None:
        """The same where it is open."""
        model = self.model(source, choice)
        return model.report if model is not None else None

    # What is wanted.

    def want(self, rows: Rows) -> None:
        """Make what is not there, in reading order; what else was on its way is left."""
        missing = tuple(tuple(one for one in row if _key(one) not in self._tiles) for row in rows)
        asked = tuple(row for row in missing if row)
        if not asked:
            self.stop()
            self.ended.emit()
            return
        self._thin({_key(one) for row in rows for one in row})
        self.making, self.done, self.total = True, 0, sum(map(len, asked))
        self._sent = self._link.send(ShowGallery(self.name, asked, steps=None))

    def stop(self) -> None:
        """Leave off; what is there stays."""
        if self.making:
            self.making = False
            self._sent = 0
            self._link.send(Cancel(self.name))

    def forget(self, source: str) -> None:
        """The file was written anew: nothing of it is there any more."""
        self._tiles = {key: one for key, one in self._tiles.items() if one.making.source != source}
        self._models = {key: one for key, one in self._models.items() if one.source != source}

    def _thin(self, seen: set[str]) -> None:
        """The oldest go first, but none that is in sight."""
        spare = [key for key in self._tiles if key not in seen]
        for key in spare[: max(0, len(spare) - KEPT)]:
            del self._tiles[key]

    # From the worker.

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.lane != self.name or snapshot.opened != self._sent:
            return
        for report in snapshot.reports:
            if isinstance(report, GalleryModel):
                self._models[_name(report.source, report.choice)] = report
            elif isinstance(report, GalleryTile):
                self._tiles[_key(report.making)] = report
                self.done = report.done
        if snapshot.reports:
            self.told.emit()
        if self.making and (self.done >= self.total or snapshot.state == DONE):
            self.making = False
            self.ended.emit()

    def _fail(self, lane: str, failure: Failure) -> None:
        if failure.request == self._sent != 0:
            self.making = False
            self.failed.emit(failure)


def _name(source: str, choice: Mapping[str, str]) -> str:
    return json.dumps([source, sorted(choice.items())])


def _key(making: Making) -> str:
    return json.dumps(making.to_json(), sort_keys=True)
