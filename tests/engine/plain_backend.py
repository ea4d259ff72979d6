"""A backend of plain Python: the engine under test is real, what it drives is as small as a task can be."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dgm_studio.core.ask import Ask
from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.reports import Answer, Beat, Failure, Picture, Report
from dgm_studio.core.requests import Look, Opening, Request


@dataclass(frozen=True)
class Count(Opening):
    """Opens a counting lane: beats that take `seconds` of sleep, `end` steps, failing at `fail_at`."""

    seconds: float = 0.0
    end: int = 10**9
    fail_at: int = -1
    beats_per_step: int = 1
    view_seconds: float = 0.0
    asks: tuple[Ask, ...] = ()
    slices: int = 0
    """So many slices of 10 ms to prepare it; -1 fails in the first."""


class CountTask:
    """Counts. Its state outlives its iterators."""

    weight = 1.0

    def __init__(self, request: Count, log: list[str]) -> None:
        self.request = request
        self.step = 0
        self.beat = 0
        self.asks = request.asks
        self.shown = -1
        self.log = log
        self.clock_seconds = 0.0
        self.view_seconds = 0.0

    def beats(self) -> Iterator[Beat | Report | None]:
        try:
            while self.step < self.request.end:
                if self.step == self.request.fail_at:
                    raise RuntimeError("the count failed")
                start = time.perf_counter()
                time.sleep(self.request.seconds)
                self.beat += 1
                ends = self.beat % self.request.beats_per_step == 0
                beat = Beat("count", self.step + 1, {"value": float(self.step)}, ends)
                self.step += ends
                self.clock_seconds += time.perf_counter() - start
                yield beat
        finally:
            self.log.append(f"{self.request.lane} clock closed")

    def watch(self) -> Iterator[Report | None] | None:
        if not self.asks or self.shown == self.step:
            return None
        return self._views(self.step)

    def _views(self, step: int) -> Iterator[Report | None]:
        for ask in self.asks:
            for _ in range(5):
                start = time.perf_counter()
                time.sleep(self.request.view_seconds / 5)
                self.view_seconds += time.perf_counter() - start
                yield None
            yield Picture(ask, step, {})
        self.shown = step

    def receive(self, request: Request) -> Iterable[Report]:
        if isinstance(request, Look):
            self.asks = request.asks
            return ()
        self.request = Count(self.request.lane, fail_at=-1)
        return (Answer(request.id, self.step),)

    def close(self) -> None:
        self.log.append(f"{self.request.lane} closed")


class PlainBackend:
    """Makes counting tasks; remembers them so that a test can look."""

    def __init__(self) -> None:
        self.tasks: dict[str, CountTask] = {}
        self.log: list[str] = []

    def catalogue(self) -> Catalogue:
        return Catalogue({}, {}, {}, {}, {}, ("cpu",), {})

    def prepare(self, request: Opening) -> Iterator[None]:
        assert isinstance(request, Count)
        if request.slices < 0:
            raise RuntimeError("it cannot be prepared")
        try:
            for _ in range(request.slices):
                time.sleep(0.01)
                yield
        except GeneratorExit:
            self.log.append(f"{request.lane} called off")
            raise

    def open(self, request: Opening) -> tuple[CountTask, Iterable[Report]]:
        assert isinstance(request, Count)
        task = CountTask(request, self.log)
        self.tasks[request.lane] = task
        return task, ()

    def receive(self, request: Request) -> Iterable[Report]:
        raise ValueError("nobody answers this")

    def explain(self, error: BaseException, request: int) -> Failure:
        return Failure(str(error), repr(error), request=request)
