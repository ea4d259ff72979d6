"""The window's side of a film lane: a film that is being made or is whole, and what can be sent to it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.comparing import FilmMeasures
from dgm_studio.core.film import Film, Frame
from dgm_studio.core.forward import ForwardReport
from dgm_studio.core.knobs import Value
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import Failure, Picture, Refusal
from dgm_studio.core.requests import Cancel, Look, Shoot
from dgm_studio.core.snapshot import DONE, PLAYING, Snapshot
from dgm_studio.gui.link import Link


class Past(NamedTuple):
    """What a branch has behind it: the frames before its first, and the evaluations that this one had cost."""

    frames: tuple[Frame, ...] = ()
    evaluations: int = 0


_WHOLE = Past()


class Kept(NamedTuple):
    """A film that is put aside while the lane shows another: the worker keeps its model under its own lane's name."""

    name: str
    frames: tuple[Frame, ...]
    step: int
    seconds: float
    request: int
    every: int


class FilmLane(QObject):
    """One film lane by name. Frames come in order; replies to a film that was replaced are dropped.

    A film is kept in memory up to core.film.MOST_BYTES; of a larger one every k-th frame is.
    """

    told = Signal(object)
    """Before the first frame: the core.point_model.PointModelReport of another program's model."""

    started = Signal(int)
    """The first frame is here; so many there will be."""

    frame = Signal(object)
    """One more core.film.Frame."""

    advanced = Signal()
    """All frames of one drain are here."""

    finished = Signal()
    failed = Signal(object)
    """A Failure: the film was refused or broke off, the frames before it are kept; or a picture of it failed, and it is
    still `making`."""

    picture = Signal(object)
    refusal = Signal(object)

    forwarded = Signal(object)
    """Before the first frame of a film from data to noise: its core.forward.ForwardReport."""

    measured = Signal(object)
    """The whole film in numbers, core.comparing.FilmMeasures; after all frames of a film that was to be judged."""

    def __init__(self, link: Link, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.frames: list[Frame] = []
        self.total = 0
        self.step = 0
        """The training step of the model that is filmed."""
        self.every = 1
        """Of a film that memory cannot hold only every so many-th frame is kept."""
        self.seconds = 0.0
        """From the wish to the last frame so far, with all that the worker did beside it."""
        self.making = False
        self.whole = False
        self._link = link
        self._sent = 0
        self._state = ""
        self._at = 0.0
        self._asks: tuple[Ask, ...] = ()
        self._past = Past()
        self._weighed: tuple[list[Frame], int, int] = (self.frames, 0, 0)
        link.snapshot.connect(self._take)
        link.failed.connect(self._fail)

    @property
    def nbytes(self) -> int:
        """Memory of the frames in bytes."""
        weighed, count, total = self._weighed
        if weighed is not self.frames:
            count = total = 0
        # Each is weighed once: a film may have thousands, and each that is shown asks.
        total += sum(frame.nbytes for frame in self.frames[count:])
        self._weighed = self.frames, len(self.frames), total
        return total

    def film(self) -> Film:
        """What there is of it, stacked, in model units."""
        return Film.of(self.frames)

    def shoot(
        self,
        source: str,
        sampling: Mapping[str, Value],
        *,
        count: int,
        seed: int,
        exact: bool = False,
        start: Array | None = None,
        asks: tuple[Ask, ...] = (),
        choice: Mapping[str, str] | None = None,
        start_time: float = 0.0,
        forward: str = "",
        brownian: bool = False,
        judged: bool = False,
        past: Past = _WHOLE,
    ) -> int:
        """Make another film as core.requests.Shoot says, its frames after those of its `past`; the one before is
        forgotten. The request's id."""
        self._asks, self._past = asks, past
        request = Shoot(
            self.name,
            source,
            dict(sampling),
            count,
            seed,
            start,
            exact,
            asks,
            dict(choice or {}),
            start_time=start_time,
            forward=forward,
            brownian=brownian,
            judged=judged,
            steps=None,
        )
        self.frames, self.total, self.seconds = [], 0, 0.0
        self.making, self.whole, self._at = True, False, time.perf_counter()
        self._sent, self._state = request.id, ""
        return self._link.send(request)

    def forget(self) -> None:
        """End it, and let its frames go."""
        if self._sent:
            self._link.send(Cancel(self.name))
        self.frames, self.total, self.seconds = [], 0, 0.0
        self.making = self.whole = False
        self._sent, self._asks = 0, ()

    def put_aside(self) -> Kept:
        """The film that it shows, to be brought back; nothing more is asked of it."""
        self.look(())
        return Kept(self.name, tuple(self.frames), self.step, self.seconds, self._sent, self.every)

    def bring_back(self, kept: Kept) -> None:
        """Show that film as if it had just been made."""
        self.name, self._sent, self._state, self._asks = kept.name, kept.request, DONE, ()
        self.frames, self.seconds, self.making, self.whole = [], kept.seconds, False, True
        self.every = kept.every
        self._start(len(kept.frames), kept.step, kept.frames)
        self.advanced.emit()
        self.finished.emit()

    def let_go(self, kept: Kept) -> None:
        """End a film that was put aside, in the worker too."""
        self._link.send(Cancel(kept.name))

    def _start(self, total: int, step: int, known: Iterable[Frame]) -> None:
        """A film begins; so many frames of it are known already."""
        self.total, self.step = total, step
        self.started.emit(total)
        for frame in known:
            self._put(frame)

    def _put(self, frame: Frame) -> None:
        self.frames.append(frame)
        self.frame.emit(frame)

    def look(self, asks: tuple[Ask, ...]) -> None:
        """What is to be shown of the filmed model; sent only when it changed."""
        if self._sent and asks != self._asks:
            self._asks = asks
            self._link.send(Look(self.name, asks))

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.lane != self.name or snapshot.opened != self._sent:
            return
        self._state = snapshot.state
        for report in snapshot.reports:
            if isinstance(report, PointModelReport):
                self.told.emit(report)
            elif isinstance(report, ForwardReport):
                self.forwarded.emit(report)
        for one in snapshot.frames:
            if not self.frames:
                self.every = one.every
                self._start(len(self._past.frames) + one.total, one.step, self._past.frames)
            spent = self._past.evaluations
            self._put(replace(one.frame, evaluations=spent + one.frame.evaluations) if spent else one.frame)
            self.seconds = time.perf_counter() - self._at
        if snapshot.frames:
            self.advanced.emit()
        for report in snapshot.reports:
            if isinstance(report, FilmMeasures):
                self.measured.emit(report)
        for picture in snapshot.pictures.values():
            if isinstance(picture, Picture):
                self.picture.emit(picture)
            elif isinstance(picture, Refusal):
                self.refusal.emit(picture)
        if snapshot.state == DONE and self.making:
            self.making, self.whole = False, True
            self.finished.emit()

    def _fail(self, lane: str, failure: Failure) -> None:
        """Refused before it began, broken off, or one of its pictures failed, beside which it goes on."""
        if failure.request == self._sent != 0:
            self.making = self.making and self._state == PLAYING
            self.failed.emit(failure)
