"""What the engine asks of the compute tower: it knows requests and reports, never models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from dgm_studio.core.catalogue import Catalogue
from dgm_studio.core.reports import Beat, Failure, Report
from dgm_studio.core.requests import Opening, Request


class Task(Protocol):
    """What a lane drives. All methods are called on the worker thread, never while one of its iterators runs."""

    @property
    def weight(self) -> float:
        """Its clock's share of the thread beside other clocks, usually 1."""

    def beats(self) -> Iterator[Beat | Report | None]:
        """The lane's clock: each next() is one beat of at most 50 ms; it may be None. Made anew at any beat."""

    def watch(self) -> Iterator[Report | None] | None:
        """Pictures of the present state for the visible asks, in slices; None when all are shown already."""

    def receive(self, request: Request) -> Iterable[Beat | Report]:
        """Obey a command between two beats; slow motion is one that makes a beat."""

    def close(self) -> None:
        """The lane ends."""


class Backend(Protocol):
    """The compute tower, as made by the factory inside the worker."""

    def catalogue(self) -> Catalogue:
        """The first reply."""

    def prepare(self, request: Opening) -> Iterator[None]:
        """What `open` would take long for, done before it in slices of at most 50 ms; most need none."""

    def open(self, request: Opening) -> tuple[Task, Iterable[Report]]:
        """Make a task, and what is to be said of it at once."""

    def receive(self, request: Request) -> Iterable[Report]:
        """Obey a request that is addressed to no lane."""

    def explain(self, error: BaseException, request: int) -> Failure:
        """An exception as a sentence, with what to do; `request` is the id of what failed, or opened the lane."""
