"""The link: the worker's reports as Qt signals, at most one drain a frame."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from dgm_studio.core.reports import Answer, CatalogueReport, Failure
from dgm_studio.core.requests import Request
from dgm_studio.core.snapshot import DESK, PLAYING, Snapshot
from dgm_studio.engine.backend import Backend
from dgm_studio.engine.worker import Worker

SNAPSHOTS = 20
"""A second, at most: each costs both threads, and an eye sees no more of a training picture."""

QUICK = 120
"""A second, at most, while only lanes play that answer a hand, and two for each frame: what is dragged must follow
it, and an answer that just missed a drain would wait a whole frame for the next."""


class Link(QObject):
    """Owns the worker. All signals are emitted on the window's thread."""

    ready = Signal(object)
    """The Catalogue: the engine is awake."""

    snapshot = Signal(object)
    """A core.snapshot.Snapshot of one lane."""

    answered = Signal(int, object)
    """(request id, value) of an Answer, of any lane."""

    failed = Signal(str, object)
    """(lane, Failure)."""

    drained = Signal()
    """All snapshots of one frame have been given out."""

    _woken = Signal()

    def __init__(self, factory: Callable[[], Backend], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._drain)
        self._woken.connect(self._schedule, Qt.ConnectionType.QueuedConnection)
        self._last = 0.0
        self._closed = False
        self._cap = SNAPSHOTS
        self._quick: set[str] = set()
        self._playing: set[str] = set()
        self.worker = Worker(factory, self._woken.emit)

    def start(self) -> None:
        """Wake the engine, unless the window was closed before it was painted."""
        if not self._closed:
            self.worker.start()

    def send(self, request: Request) -> int:
        """Put a request into the worker's inbox; its id tells the answer."""
        self.worker.send(request)
        return request.id

    def set_frame_cap(self, frames_per_second: int) -> None:
        """At most so many drains a second, twice as many for what answers a hand, and never more than SNAPSHOTS or
        QUICK."""
        self._cap = frames_per_second

    def hasten(self, lane: str) -> None:
        """This lane answers a hand: alone it is drained QUICK times a second."""
        self._quick.add(lane)

    @property
    def frame_seconds(self) -> float:
        """The least time between two drains now."""
        return 1 / (min(SNAPSHOTS, self._cap) if self._playing - self._quick else min(QUICK, 2 * self._cap))

    def close(self, timeout: float = 2.0) -> bool:
        """End the worker; False if it could not end in time (torch is still being imported)."""
        self._closed = True  # a wake-up that is still queued must not start the timer again
        self._timer.stop()
        return self.worker.close(timeout)

    def _schedule(self) -> None:
        if not self._closed and not self._timer.isActive():
            wait = self.frame_seconds - (time.perf_counter() - self._last)
            self._timer.start(max(0, round(wait * 1000)))

    def _drain(self) -> None:
        self._last = time.perf_counter()
        for snapshot in self.worker.mailbox.take():
            self._give_out(snapshot)
        self.drained.emit()

    def _give_out(self, snapshot: Snapshot) -> None:
        if snapshot.lane != DESK:
            (self._playing.add if snapshot.state == PLAYING else self._playing.discard)(snapshot.lane)
            self.snapshot.emit(snapshot)
        for report in snapshot.reports:
            if isinstance(report, CatalogueReport):
                self.ready.emit(report.catalogue)
            elif isinstance(report, Answer):
                self.answered.emit(report.request, report.value)
            elif isinstance(report, Failure):
                self.failed.emit(snapshot.lane, report)
