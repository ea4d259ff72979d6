"""Which distance is stronger: sequences p_t -> pi with KL, JSD, TV and W against t (lecture 5, Theorem 2)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.measured import NATS, Measured
from dgm_studio.core.sketch import DASHED, SOLID, Cloud, Line, Mark, Plot, Reading, Segments, Sketch, line
from dgm_studio.data.law import Law
from dgm_studio.lab.scenes.parts.beyond import beyond
from dgm_studio.lab.scenes.parts.gathering import Asking, Gathering
from dgm_studio.lab.scenes.parts.moments import Moments, doubts, means
from dgm_studio.lab.scenes.parts.sequences import SEQUENCES, Sequence
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.measures import measures
from dgm_studio.measures.line import mean_cost
from dgm_studio.measures.measuring import CLOSED_FORM, QUADRATURE

MOST_T = 100
TIMES = np.unique(np.geomspace(1, MOST_T, 60).round())
SAMPLED = np.unique(np.geomspace(1, MOST_T, 9).round())
"""Where W is also estimated from samples."""
FIRST = 1_000
"""Samples of the first round, which must be over while a knob moves."""
DRAWS = 4_000
"""Samples of one slice, several repetitions of a small n: under 5 ms."""
FINE = 2_001
CURVES = (
    ("kl", "kl", "(1) ", "KL(π ‖ pₜ)", "error"),
    ("reverse", "reverse-kl", "(1) ", "KL(pₜ ‖ π)", "accent"),
    ("jsd", "jsd", "(2) ", "JSD", "sample"),
    ("tv", "tv", "", "TV", "data"),
    ("w1", "w1", "(3) ", "W", "exact"),
)
"""Field of Distances, id of the measure, number in the theorem, name, colour."""
ASKING: tuple[Asking, ...] = (
    ("kl", (QUADRATURE,)),
    ("reverse-kl", (QUADRATURE,)),
    ("jsd", (QUADRATURE, "histogram")),
    ("tv", (QUADRATURE, "histogram")),
    ("w1", ("exact-line",)),
)
"""Measures of the panel's table at this t, and estimates beside what is known."""


@dataclass(frozen=True)
class Knobs:
    """Which sequence, which of its members, how many samples."""

    sequence: str = knob(
        "needle", "Sequence", "The laws pₜ that approach π, in one sense or another.",
        choices=tuple(Choice(one.id, f"{k} · {one.title}", f"{one.formula}.") for k, one in enumerate(SEQUENCES, 1)),
    )  # fmt: skip
    t: int = knob(5, "Step t", "Which member of the sequence is drawn.", low=1, high=MOST_T, log=True)
    n: int = knob(1_000, "Samples n", "Of each law, for the estimate of W beside its exact value.",
                  low=100, high=200_000, log=True)  # fmt: skip


class WhichIsStronger(SmallScene):
    """Exact distances of a sequence of choice, W from samples beside them, and the table of what tends to 0."""

    card: ClassVar[Card] = Card(
        id="stronger",
        title="Which is stronger?",
        summary="sequences pₜ → π: KL, JSD, W",
        lecture="5",
        paper="Arjovsky et al., 2017",
        formula="(1) KL(π ‖ pₜ) or KL(pₜ ‖ π) → 0   ⇒   (2) JSD → 0   ⇒   (3) W → 0",
    )
    declared = Knobs
    place = 17
    panel = "divergences"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.sequence = next(one for one in SEQUENCES if one.id == knobs.sequence)
        self.limit = self.sequence.limit()
        known = self.sequence.distances(np.array([float(knobs.t)]))
        self.known = {key: float(getattr(known, key)[0]) for key, *_ in CURVES}
        told = []
        for key, one, *_ in CURVES:
            value = self.known[key]
            told.append(Measured(one, value, value, value, CLOSED_FORM, measures()[one].unit))
        self.gathering = Gathering(self.limit, self.sequence.law(knobs.t), knobs.n, seed, ASKING, told)
        self.times = np.unique(np.append(SAMPLED, knobs.t))
        self.rounds = 0
        self._begin(min(knobs.n, FIRST))

    def _begin(self, n: int) -> None:
        self.n = n
        self.found = [Moments() for _ in self.times]
        self.floor = Moments()

    def round(self) -> Iterator[None]:
        """W from fresh samples at every sampled t, and from two samples of pi; the first with few samples, then with
        all n, from which on repetitions are counted anew."""
        if not self.rounds:
            yield from self.gathering.known()
        elif self.n < self.knobs.n:
            self._begin(self.knobs.n)
        for t, found in zip(self.times, self.found, strict=True):
            yield from self._estimate(self.sequence.law(int(t)), found)
        yield from self._estimate(self.limit, self.floor)
        self.rounds += 1
        if self.rounds > 1:
            yield from self.gathering.more()

    def _estimate(self, law: Law, found: Moments) -> Iterator[None]:
        repeats = max(1, min(4, DRAWS // self.n))
        one = self.limit.draw(repeats * self.n, self.rng).reshape(repeats, 1, self.n)
        if self.n > DRAWS:
            yield
        other = law.draw(repeats * self.n, self.rng).reshape(repeats, 1, self.n)
        if self.n > DRAWS:
            yield
        found.add(np.array([mean_cost(x, y, 1.0) for x, y in zip(one, other, strict=True)]))
        yield

    def sketch(self) -> Sketch:
        """Distances against t, both laws, and the table."""
        return Sketch(
            (self._distances(), self._laws(), table(self.sequence)),
            self._readings(),
            self._caption(),
            self.found[0].count,
            measured=self.gathering.measured,
        )

    def _distances(self) -> Plot:
        known = self.sequence.distances(TIMES)
        curves, gone = [], []
        strokes = np.geomspace(1.05, MOST_T / 1.05, 24)
        for place, (key, _, _, name, tone) in enumerate(CURVES):
            values = getattr(known, key)
            if np.isinf(values).all():
                gone.append(beyond(f"{name} = ∞", tone, strokes * (1 + 0.03 * place), 2.4, 6.0))
            else:
                curves.append(line(name, tone, TIMES, values, DASHED if key in ("reverse", "w1") else SOLID))
        held, doubt = means(self.found), doubts(self.found)
        floor = np.full(len(self.times), self.floor.mean)
        sampled = line(f"W from {self.n:,} samples", "text", self.times, held, doubt=doubt)
        return Plot(
            "How far pₜ is from π", "step t", "nats, share, length",
            (*curves, replace(sampled, floor=floor)), (Mark(f"t = {self.knobs.t}", "data", self.knobs.t),),
            log_x=True, log_y=True, low=2e-5, high=6.0, segments=tuple(gone), left=1.0, right=float(MOST_T),
        )  # fmt: skip

    def _laws(self) -> Plot:
        left, right = self.sequence.reach
        law = self.sequence.law(self.knobs.t)
        if not self.sequence.compact:
            right = max(right, law.box()[0][1] + 0.5)  # type: ignore[index]
        lines, spikes = [], []
        for name, tone, one in (("π", "data", self.limit), (f"pₜ, t = {self.knobs.t}", "sample", law)):
            atoms = one.atoms()
            if atoms is None:
                lines.append(density(name, tone, one, left, right))
            else:
                x = atoms[0][:, 0]
                spikes.append(beyond(f"{name}: {mass(len(x))}", tone, x, 0.0, 1.5))
        return Plot(
            "Both laws", "x", "density", tuple(lines), low=0.0, high=2.5, segments=tuple(spikes),
            left=left - 0.03 * (right - left), right=right + 0.03 * (right - left),
        )  # fmt: skip

    def _readings(self) -> tuple[Reading, ...]:
        shown = []
        for (key, measure, number, name, _), limit in zip(CURVES, self.sequence.limits, strict=True):
            value = self.known[key]
            unit = measures()[measure].unit if measures()[measure].unit == NATS else ""
            told = f"{number}{name} = ∞" if math.isinf(value) else f"{number}{name} → {said(limit, unit)}"
            shown.append(Reading(
                told, None, exact=None if math.isinf(value) else value, unit=unit,
                help=f"Exact at t = {self.knobs.t}; its limit as t → ∞ is in its name.",
            ))  # fmt: skip
        at = self.found[int(np.flatnonzero(self.times == self.knobs.t)[0])]
        shown.append(Reading(
            f"W from {self.n:,} samples", at.mean, at.doubt,
            help="Mean of the transport cost between samples of both laws: biased upwards.",
        ))  # fmt: skip
        shown.append(Reading(
            f"Floor of W at {self.n:,}", self.floor.mean, self.floor.doubt,
            help="The same estimate from two samples of π: below it W says nothing.",
        ))  # fmt: skip
        return tuple(shown)

    def _caption(self) -> str:
        words = [f"({k}) {'holds' if held else 'fails'}" for k, held in enumerate(self.sequence.holds(), 1)]
        return (
            f"{self.sequence.formula}. Here {', '.join(words)}: {self.sequence.shows}. No arrow "
            "goes back: the table has a witness against each."
        )


def density(name: str, tone: str, law: Law, left: float, right: float) -> Line:
    """A law's density, with both sides of its jumps, tinted."""
    edges = np.array([edge for edge in law.breaks() if left <= edge <= right])
    x = np.sort(np.concatenate((np.linspace(left, right, FINE), np.nextafter(edges, -np.inf),
                                edges, np.nextafter(edges, np.inf))))  # fmt: skip
    logs = law.log_density(x[:, None])
    assert logs is not None
    return replace(line(name, tone, x, np.exp(logs)), filled=True)


def table(sequence: Sequence) -> Plot:
    """Which of the statements (1), (2), (3) hold for each sequence."""
    places: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for row, one in enumerate(SEQUENCES, 1):
        for column, held in enumerate(one.holds(), 1):
            places[held].append((column, row))
    now = SEQUENCES.index(sequence) + 1
    return Plot(
        "What tends to 0", "statement (1), (2), (3)", "sequence no.", (),
        low=0.3, high=len(SEQUENCES) + 0.7, left=0.5, right=3.5,
        clouds=(Cloud("tends to 0", "exact", np.array(places[True]), 9.0),
                Cloud("does not", "error", np.array(places[False]), 5.0)),
        segments=(Segments("shown now", "accent", np.array([[0.5, now, 3.5, now]])),),
    )  # fmt: skip


def mass(points: int) -> str:
    """How an atom's weight is said."""
    return "one point of mass 1" if points == 1 else f"{points} points of mass 1/{points}"


def said(limit: float, unit: str = "") -> str:
    """A limit in words; log 2 by its name, which holds in nats and in bits."""
    if unit and math.isclose(limit, math.log(2)):
        return "log 2"
    number = "∞" if math.isinf(limit) else f"{limit:.3g}"
    return f"{number} {unit}" if unit and limit and math.isfinite(limit) else number


SCENE = WhichIsStronger
