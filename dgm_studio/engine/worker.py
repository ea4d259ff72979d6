"""The worker: one thread, one inbox, lanes that share it fairly."""

from __future__ import annotations

import queue
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from dgm_studio.core.errors import Diverged, Refused
from dgm_studio.core.reports import Beat, CatalogueReport, Failure, Report
from dgm_studio.core.requests import Cancel, Look, Opening, Pause, Play, PlayBeats, Request, Save, SlowMotion
from dgm_studio.core.snapshot import DESK, DONE
from dgm_studio.engine.backend import Backend
from dgm_studio.engine.lane import Lane
from dgm_studio.engine.mailbox import Mailbox

SLICE = 4e-3
"""Seconds of beats between two looks at the inbox's other business, at least one beat."""


class _Turn(NamedTuple):
    """A stream that could go on; they compare by what the stream has had, clocks before views, then lanes in order."""

    spent: float
    is_view: bool
    number: int
    lane: Lane


@dataclass
class _Coming:
    """A lane that is being opened, in slices, and what was asked of it meanwhile: obeyed, in order, once it is open."""

    request: Opening
    slices: Generator[None, None, None]
    later: list[Request] = field(default_factory=list)


class Worker:
    """Owns all compute. `factory` is called inside the thread, so that slow imports never stop the window."""

    def __init__(self, factory: Callable[[], Backend], wake: Callable[[], None]) -> None:
        self.mailbox = Mailbox(wake)
        self._factory = factory
        self._inbox: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._lanes: dict[str, Lane] = {}
        self._coming: dict[str, _Coming] = {}
        self._closing = threading.Event()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dgm-worker", daemon=True)

    def start(self) -> None:
        """Begin: the first report is the catalogue, or a Failure."""
        self._thread.start()

    def send(self, request: Request) -> None:
        """Put a request into the inbox; it is obeyed between two beats, in order."""
        self._inbox.put(request)

    @property
    def ready(self) -> bool:
        """Whether the backend is up (torch is imported)."""
        return self._ready.is_set()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def close(self, timeout: float = 2.0) -> bool:
        """End the thread after its present beat; False if it has not ended within `timeout` seconds."""
        self._closing.set()
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        self.mailbox.open(DESK, 0)
        try:
            backend = self._factory()
            self.mailbox.post(DESK, CatalogueReport(backend.catalogue()))
        except Exception as error:  # noqa: BLE001 -- the window must hear of it, whatever it is
            self.mailbox.post(DESK, _bare_failure("The engine could not start", error))
            return
        self._ready.set()
        try:
            while not self._closing.is_set():
                turns = self._turns(backend)
                busy = bool(turns or self._coming)
                if not busy or not self._inbox.empty():
                    self._obey_inbox(backend, 0.0 if busy else self._until_views())
                    continue
                if turns:
                    self._advance(backend, min(turns))
                if self._coming:
                    self._go_on_opening(backend, next(iter(self._coming.values())))
        except Exception as error:  # noqa: BLE001 -- a fault of the engine itself must not end it silently
            for lane in self._lanes.values():
                lane.fail()
                self._say_state(lane)
            self.mailbox.post(DESK, _bare_failure("The engine stopped", error))
        finally:
            for lane in self._lanes.values():
                lane.close()
            for coming in self._coming.values():
                coming.slices.close()
            self._lanes.clear()
            self._coming.clear()

    def _obey_inbox(self, backend: Backend, wait: float | None) -> None:
        """Obey all that waits; sleep up to `wait` seconds, or without end, until something comes."""
        while not self._closing.is_set():
            try:
                request = self._inbox.get(block=wait != 0.0, timeout=wait)
            except queue.Empty:
                return
            wait = 0.0
            if request is not None:
                self._obey(backend, request)

    def _until_views(self) -> float | None:
        """Seconds to a lane's next round of views; None if none is due."""
        now = time.perf_counter()
        return min((lane.next_views - now for lane in self._lanes.values() if lane.next_views > now), default=None)

    def _obey(self, backend: Backend, request: Request) -> None:
        if (coming := self._coming.get(request.lane)) is not None:
            if not isinstance(request, (Opening, Cancel)):
                coming.later.append(request)
                return
            self._coming.pop(request.lane).slices.close()  # replaced, or called off
        try:
            if isinstance(request, Opening):
                self._coming[request.lane] = coming = _Coming(request, self._opening(backend, request))
                self._go_on_opening(backend, coming)
            elif request.lane == DESK:
                self._post(DESK, backend.receive(request))
            else:
                self._command(request)
        except Exception as error:  # noqa: BLE001 -- told
            lane = self._tell(backend, request, error)
            if lane != DESK and isinstance(request, SlowMotion):
                self._stop_by(self._lanes[lane], error)

    def _tell(self, backend: Backend, request: Request, error: Exception) -> str:
        """Say why a request was not obeyed: to its lane, where that is open. The lane it was said to."""
        lane = request.lane if request.lane in self._lanes else DESK
        self.mailbox.post(lane, backend.explain(error, request.id))
        return lane

    def _opening(self, backend: Backend, request: Opening) -> Generator[None, None, None]:
        """Most lanes need no slice and are open at the first next()."""
        yield from backend.prepare(request)
        self._open(backend, request)

    def _go_on_opening(self, backend: Backend, coming: _Coming) -> None:
        """One slice, which nobody's share pays for: it is a second, once. The lane that is to be replaced goes on."""
        try:
            next(coming.slices)
            return
        except StopIteration:
            pass
        except Exception as error:  # noqa: BLE001 -- told
            self._tell(backend, coming.request, error)
        del self._coming[coming.request.lane]
        for request in coming.later:
            self._obey(backend, request)

    def _stop_by(self, lane: Lane, error: Exception) -> None:
        """Slow motion is a beat of the lane's clock: what ends it stops the clock as in any beat. A refusal, unless it
        is of a loss that diverged, only says that nothing was done."""
        if isinstance(error, Diverged) or not isinstance(error, Refused):
            lane.fail()
            self._say_state(lane)

    def _open(self, backend: Backend, request: Opening) -> None:
        task, reports = backend.open(request)
        if (old := self._lanes.pop(request.lane, None)) is not None:
            old.close()
        lane = Lane(request.lane, task, request.id)
        lane.clock.spent = lane.views.spent = self._floor()
        self._lanes[lane.name] = lane
        self.mailbox.open(lane.name, request.id)
        self._post(lane.name, reports)
        lane.play(request.steps)
        self._say_state(lane)

    def _command(self, request: Request) -> None:
        lane = self._lanes.get(request.lane)
        if lane is None:
            return  # ended meanwhile: its commands are stale
        if isinstance(request, Cancel):
            self._lanes.pop(lane.name).close()
            lane.state = DONE
        elif isinstance(request, Pause):
            lane.pause()
        elif isinstance(request, (Play, PlayBeats)):
            floor = self._floor()
            by_beats = isinstance(request, PlayBeats)
            lane.play(request.beats if isinstance(request, PlayBeats) else request.steps, by_beats)
            lane.clock.spent = max(lane.clock.spent, floor)
        else:
            self._post(lane.name, lane.task.receive(request))
            if not isinstance(request, (Look, Save)):  # looking and saving mend nothing
                lane.recover()
            lane.views_failed, lane.next_views = False, 0.0
        self._say_state(lane)

    def _turns(self, backend: Backend) -> list[_Turn]:
        """The streams that could go on; the least is the one that has had least of the thread."""
        now = time.perf_counter()
        turns: list[_Turn] = []
        for number, lane in enumerate(self._lanes.values()):
            if lane.playing:
                turns.append(_Turn(lane.clock.spent, False, number, lane))
            if self._wants_views(backend, lane, now):
                turns.append(_Turn(lane.views.spent, True, number, lane))
        return turns

    def _advance(self, backend: Backend, turn: _Turn) -> None:
        """A turn of one stream: one next() of views, as many beats as SLICE holds of a clock. Small models' beats take
        a fraction of a millisecond; asking between any two of them who is next would slow them by a tenth."""
        lane, is_view = turn.lane, turn.is_view
        stream = lane.views if is_view else lane.clock
        end = time.perf_counter() + SLICE
        said: list[Beat | Report] = []
        ended, failure = False, None
        while True:
            try:
                report, ended = stream.advance()
            except Exception as error:  # noqa: BLE001 -- told
                stream.iterator = None
                failure = backend.explain(error, lane.opened)
                break
            if report is not None:
                said.append(report)
            if not is_view:
                lane.count(report)
            if is_view or ended or not lane.playing or not self._inbox.empty() or time.perf_counter() >= end:
                break
        if failure is not None:
            said.append(failure)
            if is_view:
                lane.views_failed = True
            else:
                lane.fail()
        elif ended and not is_view:
            lane.state = DONE
        if said:
            self.mailbox.post(lane.name, *said)
        if failure is not None or ended or is_view or not lane.playing:
            self._say_state(lane)

    def _wants_views(self, backend: Backend, lane: Lane, now: float) -> bool:
        """See Lane.wants_views. What beginning them raises (no memory for a copy of the model) is theirs alone."""
        if lane.views.iterator is None:  # an idle stream gathers no claim on the thread
            lane.views.spent = max(lane.views.spent, self._floor())
        try:
            return lane.wants_views(now)
        except Exception as error:  # noqa: BLE001 -- told
            lane.views_failed = True
            self.mailbox.post(lane.name, backend.explain(error, lane.opened))
            return False

    def _floor(self) -> float:
        """The virtual time at which a stream that was idle joins: that of the least served playing clock. With none
        playing it is the latest of all: what views took while a lane was paused is not held against them."""
        lanes = self._lanes.values()
        playing = [lane.clock.spent for lane in lanes if lane.playing]
        if playing:
            return min(playing)
        return max((max(lane.clock.spent, lane.views.spent) for lane in lanes), default=0.0)

    def _say_state(self, lane: Lane) -> None:
        self.mailbox.set_state(lane.name, lane.state, lane.views.iterator is not None)

    def _post(self, lane: str, reports: Iterable[Beat | Report]) -> None:
        for report in reports:
            self.mailbox.post(lane, report)


def _bare_failure(what: str, error: Exception) -> Failure:
    """Without a backend that could explain it."""
    return Failure(
        f"{what}: {error}. Training and sampling are not available; save what you can see and start again.",
        "".join(traceback.format_exception(error)),
    )
