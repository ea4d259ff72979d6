"""A sweep: how good the text is against the number of steps, for each order."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import replace

from dgm_studio.core.errors import Refused
from dgm_studio.core.requests import Sweep
from dgm_studio.core.unmasking import MANUAL, ORDERS, SweepPoint, Unmasking
from dgm_studio.data.text.quality import quality, written
from dgm_studio.lab.corpus_desk import CorpusDesk
from dgm_studio.lab.text_model import TextModel
from dgm_studio.solvers.unmasking import TokenFilm

RAW = Unmasking(temperature=1.0)
"""The network's own distribution."""


def check(request: Sweep) -> None:
    """Refused where an order is none, or is by hand, or a number is out of range."""
    known = [one.id for one in ORDERS if one.id != MANUAL]
    for order in request.orders:
        if order not in known:
            raise Refused(f"The order '{order}' cannot be swept. Choose {', '.join(known)}.")
    if request.orders and not (request.steps and request.samples >= 1 and all(1 <= k <= 1024 for k in request.steps)):
        raise Refused("A sweep needs numbers of steps from 1 to 1024, and at least one film for each.")


def sweep(text: TextModel, film: TokenFilm, request: Sweep, corpus: CorpusDesk) -> Generator[SweepPoint | None]:
    """A point for each order and number of steps, from the film's start; a network call at most between two slices."""
    concordance = yield from corpus.concordance(text.data)
    first = film.moments[0]
    total, done = len(request.orders) * len(request.steps), 0
    for order in request.orders:
        for steps in request.steps:
            settings = replace(film.settings, order=order, steps=steps)
            rows = []
            for sample in range(request.samples):
                own = TokenFilm(film.network.model, settings, first.ids, first.locked, request.seed + sample)
                for _ in own.walk():
                    yield None
                last = own.steps[-1]
                read = quality(concordance, written(text.vocabulary, last.ids))
                free = ~first.locked.numpy()
                nats = float(own.restate(last.step, RAW).entropy[free].mean()) if free.any() else math.nan
                rows.append((nats, read.distinct, read.seen, float(last.calls)))
                yield None
            done += 1
            entropy, distinct, pairs, calls = (_mean(column) for column in zip(*rows, strict=True))
            yield SweepPoint(order, steps, entropy, distinct, pairs, calls, request.samples, done, total)


def _mean(values: tuple[float, ...]) -> float:
    """Of those that are numbers."""
    known = [value for value in values if not math.isnan(value)]
    return sum(known) / len(known) if known else math.nan
