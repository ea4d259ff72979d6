"""The window's side of a lane that films pictures coming out of noise."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.knobs import Value
from dgm_studio.core.latents import PictureFilmReport, PictureFrame
from dgm_studio.core.picture_requests import Denoise
from dgm_studio.core.reports import Failure
from dgm_studio.core.requests import Cancel
from dgm_studio.core.snapshot import DONE, Snapshot
from dgm_studio.gui.link import Link
from dgm_studio.gui.panels.latents.denoise_film import PictureFilm


@dataclass(frozen=True)
class DenoiseWish:
    """All that decides what a film shows; `source` is the lane that has the model open, `label` -1 is no class."""

    source: str
    columns: tuple[str, ...]
    label: int = -1
    gamma: float = 1.0
    count: int = 4
    seed: int = 0
    sampling: Mapping[str, Value] = field(default_factory=dict)


class DenoiseLane(QObject):
    """One film by name. The film before stays until another reaches the moment in sight, so that what is shown never
    blinks; replies to a film that was replaced are dropped."""

    begun = Signal(object)
    """A PictureFilm is to be shown now, whole or growing."""

    grown = Signal()
    """The film that is shown has more frames."""

    whole = Signal()
    """The film that is shown has all its frames."""

    failed = Signal(object)
    """A Failure: the film was refused or broke off."""

    def __init__(self, link: Link, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.film: PictureFilm | None = None
        """What is shown."""
        self.making = False
        self.seconds = 0.0
        """From the wish to the last frame, with all that the worker did beside it."""
        self.wanted = 0
        """The moment in sight: a film is shown when it has come so far."""
        self._coming: PictureFilm | None = None
        self._told = False
        self._link = link
        self._sent = 0
        self._at = 0.0
        link.snapshot.connect(self._take)
        link.failed.connect(self._fail)

    @property
    def made(self) -> int:
        """Frames of the film that is being made, or was last."""
        film = self._coming if self._coming is not None else self.film
        return len(film.frames) if film is not None else 0

    def shoot(self, wish: DenoiseWish) -> None:
        """Make this film."""
        self.making, self._coming, self._told, self._at = True, None, False, time.perf_counter()
        self._sent = self._link.send(
            Denoise(
                self.name, wish.source, wish.columns, wish.label, wish.gamma, wish.count, wish.seed,
                dict(wish.sampling), steps=None,
            )
        )  # fmt: skip

    def forget(self) -> None:
        """Nothing is shown, and nothing is made: the model is another."""
        if self.making:
            self._link.send(Cancel(self.name))
        self.film = self._coming = None
        self.making, self._sent = False, 0

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.lane != self.name or snapshot.opened != self._sent:
            return
        grown = False
        for report in snapshot.reports:
            if isinstance(report, PictureFilmReport):
                self._coming, self._told = PictureFilm(report), True
            elif isinstance(report, PictureFrame):
                grown = self._add(report) or grown
        coming = self._coming
        ended = snapshot.state == DONE
        if coming is not None and coming.frames and (self._enough(coming) or ended):
            self._show()
        elif grown:
            self.grown.emit()
        film = self.film if self._told and self._coming is None else None  # else there is only the film before
        if self.making and film is not None and (film.whole or ended):
            self.making, self.seconds = False, time.perf_counter() - self._at
            self.whole.emit()

    def _enough(self, coming: PictureFilm) -> bool:
        return self.film is None or coming.whole or len(coming.frames) > self.wanted

    def _add(self, frame: PictureFrame) -> bool:
        """Whether it belongs to what is shown."""
        film = self._coming if self._coming is not None else self.film
        if film is not None:
            film.add(frame)
        return film is not None and film is self.film

    def _show(self) -> None:
        self.film, self._coming = self._coming, None
        self.begun.emit(self.film)

    def _fail(self, lane: str, failure: Failure) -> None:
        if failure.request == self._sent != 0:
            self.making = False
            if self._coming is not None and self._coming.frames:
                self._show()
            self.failed.emit(failure)
