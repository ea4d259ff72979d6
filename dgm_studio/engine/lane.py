"""A lane: one task's clock and its views, each an iterator with a fair share of the thread."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from dgm_studio.core.reports import Beat, Report
from dgm_studio.core.snapshot import DONE, FAILED, PAUSED, PLAYING
from dgm_studio.engine.backend import Task

CLOCK_WEIGHT, VIEW_WEIGHT = 0.95, 0.05
"""What layers ask for gets less than a tenth of the worker's time while the clock runs; painting it costs about as much
again, and training keeps more than 0.85 of a bare loop's speed (tests/benchmarks/worker.py)."""

VIEW_INTERVAL = 1 / 30
"""Seconds between the starts of two rounds of views."""


@dataclass
class Stream:
    """An iterator with a weight; `spent` is its virtual time in seconds / weight: the smallest goes next."""

    weight: float
    spent: float = 0.0
    iterator: Iterator[Beat | Report | None] | None = None

    def advance(self) -> tuple[Beat | Report | None, bool]:
        """One next(): what it yielded, and whether it has ended."""
        assert self.iterator is not None
        start = time.perf_counter()
        try:
            return next(self.iterator), False
        except StopIteration:
            self.iterator = None
            return None, True
        finally:
            self.spent += (time.perf_counter() - start) / self.weight

    def drop(self) -> None:
        """Close the iterator; a new one may be made."""
        if self.iterator is not None:
            close = getattr(self.iterator, "close", None)
            self.iterator = None
            if close is not None:
                close()


@dataclass
class Lane:
    """`opened` is the id of the request that made it. `credit` is how many steps (or beats) are still to run: None is
    without end, 0 is paused."""

    name: str
    task: Task
    opened: int
    clock: Stream = field(init=False)
    views: Stream = field(init=False)
    credit: int | None = 0
    by_beats: bool = False
    state: str = PAUSED
    next_views: float = 0.0
    views_failed: bool = False

    def __post_init__(self) -> None:
        self.clock = Stream(CLOCK_WEIGHT * self.task.weight)
        self.views = Stream(VIEW_WEIGHT * self.task.weight)

    @property
    def playing(self) -> bool:
        """Whether the clock has beats to run."""
        return self.state == PLAYING

    def play(self, credit: int | None, by_beats: bool = False) -> None:
        """Run `credit` steps or beats."""
        if self.state == DONE or credit == 0:
            return
        if self.clock.iterator is None:
            self.clock.iterator = self.task.beats()
        self.credit, self.by_beats, self.state = credit, by_beats, PLAYING

    def pause(self) -> None:
        """Keep the place; the next play goes on."""
        if self.state == PLAYING:
            self.credit, self.state = 0, PAUSED

    def count(self, report: Beat | Report | None) -> None:
        """Use up credit for what the clock yielded."""
        if report is None or self.credit is None or not (self.by_beats or report.ends_step):
            return
        self.credit -= 1
        if self.credit == 0:
            self.state = PAUSED

    def fail(self) -> None:
        """The clock raised: keep the task, so that its last good state can be saved or gone back to."""
        self.clock.drop()
        self.credit, self.state = 0, FAILED

    def recover(self) -> None:
        """After a command mended the task."""
        if self.state == FAILED:
            self.state = PAUSED

    def wants_views(self, now: float) -> bool:
        """Whether views are being computed, or may be begun now; begins them if the task has something to show."""
        if self.views.iterator is not None:
            return True
        if self.views_failed or now < self.next_views:
            return False
        start = time.perf_counter()
        try:
            self.views.iterator = self.task.watch()
        finally:  # copying the model is looking, too
            self.views.spent += (time.perf_counter() - start) / self.views.weight
        if self.views.iterator is None:
            return False
        self.next_views = now + VIEW_INTERVAL
        return True

    def close(self) -> None:
        """End both iterators and the task."""
        self.clock.drop()
        self.views.drop()
        self.task.close()
