"""Measured numbers of a scene, gathered a while in every round, so that its sketch shows each as it is known."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Sequence

from dgm_studio.core.errors import Refused
from dgm_studio.core.measured import Measured
from dgm_studio.data.law import Law
from dgm_studio.measures import measures
from dgm_studio.measures.measuring import CLOSED_FORM, Asked, measuring

EARLY, SOON, LATER = 15, 0.15, 1.2
"""In so many rounds, whose error bars are to shrink at sight, the estimates get so many seconds; then so many."""

Asking = tuple[str, Sequence[str]]
"""A measure's id, and the ways to it that are wanted besides its closed form; slow ones come last, in an
entry of their own."""


class Gathering:
    """`asking` in its order, for laws p and q: closed forms at once, quadratures and estimates from n samples by and
    by. `told` are numbers that the scene itself knows."""

    def __init__(
        self, p: Law, q: Law, n: int, seed: int, asking: Sequence[Asking], told: Iterable[Measured] = ()
    ) -> None:
        self._found = {(one.measure, one.method): one for one in told}
        self._rounds = 0
        self._order = [name for name, _ in asking]
        self._known = self._run([(name, Asked(p, q, n, seed, ways=(CLOSED_FORM,))) for name, _ in asking])
        self._later = self._run([(name, Asked(p, q, n, seed, ways)) for name, ways in asking if ways])

    def _run(self, wanted: Sequence[tuple[str, Asked]]) -> Generator[None, None, None]:
        for name, asked in wanted:
            try:
                for one in measuring(measures()[name], asked):
                    if one is not None:
                        self._found[name, one.method] = one
                    yield
            except Refused:  # these two laws have no such number
                continue

    def known(self) -> Iterator[None]:
        """Closed forms."""
        yield from self._known

    def more(self) -> Iterator[None]:
        """A round's share of the quadratures and estimates; nothing once all are there. Each next() is a slice."""
        self._rounds += 1
        end = time.perf_counter() + (SOON if self._rounds < EARLY else LATER)
        for _ in self._later:
            yield
            if time.perf_counter() > end:
                return

    @property
    def measured(self) -> tuple[Measured, ...]:
        """What is known now, in the order of the asking."""
        return tuple(sorted(self._found.values(), key=lambda one: self._order.index(one.measure)))
