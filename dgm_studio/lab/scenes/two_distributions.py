"""Two distributions p and q, dragged with the mouse, and every measure of how far they are apart (lectures 1, 5)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.measured import Measured
from dgm_studio.core.sketch import Plot, Sketch
from dgm_studio.lab.scenes.parts import two_plots
from dgm_studio.lab.scenes.parts.moments import Moments
from dgm_studio.lab.scenes.parts.two_laws import PLANE, Field, Side, make_knobs
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.measures import measures
from dgm_studio.measures.gaussians import normal_of
from dgm_studio.measures.libraries import libraries
from dgm_studio.measures.measure import Estimator, Measure
from dgm_studio.measures.measuring import CLOSED_FORM, FEWEST, MOST, QUADRATURE, Asked, best, measuring
from dgm_studio.measures.on_densities import OnDensities, together

LITTLE, LEAST = 120, 40
"""Samples of each side while a hand moves, and for estimators that compare all with all: about a millisecond each."""
FEW = 6
"""With more measures than this, those that are known exactly wait for their estimates until the hand rests."""
SWIFT = 20_000
"""Points that a quick estimator bears."""
SIZES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)
COARSE_MAP, FINE_MAP = 20, 72
SETS = {
    "main": ("kl", "reverse-kl", "jsd", "tv", "w1", "w2"),
    "densities": ("kl", "reverse-kl", "jsd", "tv", "hellinger", "chi2", "fisher", "nll"),
    "distances": ("w1", "w2", "sliced-w2", "sinkhorn", "energy", "mmd"),
    "scores": ("frechet", "precision", "recall", "density", "coverage", "nll"),
}
USUAL, EVERY = "usual", "every"


def _more() -> list[Field]:
    """The knobs that belong to neither law."""
    sets = (
        Choice("main", "Main", "KL both ways, Jensen-Shannon, total variation, Wasserstein."),
        Choice("densities", "Of densities", "KL, reverse KL, JSD, TV, Hellinger, chi-squared, Fisher, likelihood."),
        Choice("distances", "Of distance", "Wasserstein 1 and 2, sliced, Sinkhorn, energy, MMD."),
        Choice("scores", "Scores of models", "Fréchet, precision, recall, density, coverage, likelihood."),
        Choice("all", "All", "Every measure of the studio."),
    )
    ways = (
        Choice(USUAL, "The usual one", "One estimator of each measure."),
        Choice(EVERY, "All of them", "Every estimator there is, trained critics too: these take seconds."),
    )
    traced = tuple(Choice(name, one.card.title, one.card.summary) for name, one in measures().items())
    return [
        ("n", int, knob(2_000, "Samples n", "Of each side, for the estimates; fewer while a hand moves.", low=FEWEST,
                        high=MOST, log=True)),
        ("shown", str, knob("main", "Measures", "Which of them are shown.", choices=sets)),
        ("ways", str, knob(USUAL, "Estimators", "Which ways from samples to a number are gone.", choices=ways)),
        ("traced", str, knob("kl", "Against n", "The measure whose estimates are drawn against n.", choices=traced)),
    ]  # fmt: skip


class TwoDistributions(SmallScene):
    """Round 1: exact values and estimates at a small n. Round 2: exact values in full. Then an estimator a round with
    interval and floor at n; then repeats of one of them at every n up to that."""

    card: ClassVar[Card] = Card(
        id="two-distributions",
        title="Two distributions",
        summary="drag them, watch every measure",
        lecture="5",
        paper="Kullback and Leibler, 1951; Lin, 1991; Villani, 2009",
        formula="KL(p ‖ q) = ∫ p log(p / q),   JSD ≤ log 2,   W₁(p, q) = inf E |x − y|",
    )
    declared = make_knobs(_more())
    place = 11
    panel = "divergences"

    def __init__(self, knobs: Any, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.seed = seed
        self.sides = Side("p", knobs), Side("q", knobs)
        self.p, self.q = (side.law() for side in self.sides)
        self.flat = knobs.space == PLANE
        every = measures()
        self.shown = [every[name] for name in SETS.get(knobs.shown, every)]
        self.traced = every[knobs.traced]
        self.found: dict[tuple[str, str], Measured] = {}
        self.reasons: dict[str, str] = {}
        self.rounds = 0
        self.sizes = [size for size in SIZES if size <= knobs.n] or [FEWEST]
        self.values, self.floors = ([Moments() for _ in self.sizes] for _ in range(2))
        self._sorted: dict[str, list[Estimator]] = {}
        ways = [(one, way) for one in self.shown for way in self._ways(one)]
        usual = [(one, way) for one, way in ways if way is self._ways(one)[0]]
        self.waiting = usual + ([pair for pair in ways if pair not in usual] if knobs.ways == EVERY else [])

    def _ways(self, measure: Measure) -> list[Estimator]:
        """The quick ones first, so that they follow the hand; else in the measure's own order."""
        kept = self._sorted.get(measure.card.id)
        if kept is None:
            ways = [way for way in measure.estimators if self.p.dim in way.dims]
            kept = self._sorted[measure.card.id] = sorted(ways, key=lambda way: not _swift(way))
        return kept

    # Rounds.

    def round(self) -> Iterator[None]:
        """The next of the rounds; each next() is a slice."""
        if self.rounds == 0:
            yield from libraries()
            yield from self._at_a_glance()
        elif self.rounds == 1:
            yield from self._exactly(coarse=False)
        elif self.waiting:
            yield from self._estimate(*self.waiting.pop(0))
        else:
            yield from self._repeat()
        self.rounds += 1

    def _at_a_glance(self) -> Iterator[None]:
        yield from self._exactly(coarse=True)
        x, y = (law.draw(LITTLE, self.rng) for law in (self.p, self.q))
        for one in self.shown:
            known = any(self.found.get((one.card.id, way)) is not None for way in (CLOSED_FORM, QUADRATURE))
            for way in self._ways(one)[:1]:
                value, n = math.nan, LITTLE if _swift(way) else LEAST
                if not known or len(self.shown) <= FEW:
                    try:
                        value = yield from way.function(x[:n], y[:n], self.p, self.q, self.rng)
                    except Refused as refusal:
                        self.reasons[one.card.id] = f"{one.card.title}: {refusal}"
                        continue
                few = "few samples, while the hand moves"
                self._keep(_known(one, value, way.title, n=n, bias=way.bias, note=few, pending=True))

    def _exactly(self, coarse: bool) -> Iterator[None]:
        """Closed forms and quadratures; `coarse` ones only where they take milliseconds."""
        # Whether supports are disjoint costs each of these half a millisecond, and the quadrature knows it too.
        normal = normal_of(self.p) is not None and normal_of(self.q) is not None
        for one in self.shown:
            if normal or not coarse or not isinstance(one, OnDensities):
                value = one.closed_form(self.p, self.q)
                if value is not None:
                    self._keep(_known(one, value, CLOSED_FORM))
                if not coarse:
                    yield
        integrals = [one for one in self.shown if isinstance(one, OnDensities)]
        if coarse and self.flat:
            answers: list[tuple[float, float] | None] = [None] * len(integrals)
        else:
            answers = yield from together(self.p, self.q, integrals, coarse)
        for one, answer in zip(integrals, answers, strict=True):
            self._keep_integral(one, answer)
        for one in self.shown:
            if not coarse and not isinstance(one, OnDensities):
                self._keep_integral(one, (yield from one.quadrature(self.p, self.q)))

    def _keep_integral(self, one: Measure, answer: tuple[float, float] | None) -> None:
        if answer is not None:
            value, error = answer
            self._keep(_known(one, value, QUADRATURE, 0.0 if math.isinf(value) else error))

    def _estimate(self, measure: Measure, way: Estimator) -> Iterator[None]:
        """One estimator with its interval and floor, at n."""
        asked = Asked(self.p, self.q, min(self.knobs.n, way.most), self.seed, (way.id,))
        try:
            for known in measuring(measure, asked):
                if known is not None:
                    self._keep(known)
                yield
        except Refused as refusal:
            self.reasons[measure.card.id] = str(refusal)
            self.found.pop((measure.card.id, way.title), None)

    def _repeat(self) -> Iterator[None]:
        """The traced measure once more at every n, and once between two samples of p."""
        for way in self._ways(self.traced)[:1]:
            for n, values, floors in zip(self.sizes, self.values, self.floors, strict=True):
                if n > way.most:
                    continue
                for other, kept in ((self.q, values), (self.p, floors)):
                    x, y = self.p.draw(n, self.rng), other.draw(n, self.rng)
                    yield
                    try:
                        value = yield from way.function(x, y, self.p, other, self.rng)
                    except Refused as refusal:
                        self.reasons[self.traced.card.id] = f"{self.traced.card.title}: {refusal}"
                        return
                    kept.add(np.array([value]))

    def _keep(self, one: Measured) -> None:
        self.found[one.measure, one.method] = one

    # The sketch.

    def sketch(self) -> Sketch:
        """Both laws, what the measures add up, estimates against n; all numbers known by now."""
        order = {one.card.id: place for place, one in enumerate(self.shown)}
        ways = {CLOSED_FORM: 0, QUADRATURE: 1}
        listed = sorted(self.found.values(), key=lambda one: (order[one.measure], ways.get(one.method, 2)))
        return Sketch((*self._plots(), self._trace()), (), self._caption(), self.rounds, tuple(listed))

    def _plots(self) -> tuple[Plot, ...]:
        p, q = ((side, law) for side, law in zip(self.sides, (self.p, self.q), strict=True))
        if not self.flat:
            return two_plots.densities(p, q), two_plots.integrands(self.p, self.q, self.shown)
        rng = np.random.default_rng([self.seed, 2])
        few = LITTLE * 3 if self.rounds <= 1 else two_plots.SHOWN_POINTS
        points = [law.draw(few, rng) for law in (self.p, self.q)]
        cells = COARSE_MAP if self.rounds <= 1 else FINE_MAP
        return two_plots.clouds(p, q, points), two_plots.difference_map(self.p, self.q, cells)

    def _trace(self) -> Plot:
        seen = [place for place, one in enumerate(self.floors) if one.count]
        sizes = [self.sizes[place] for place in seen] or self.sizes
        exact = self._exact(self.traced)
        values, floors = ([some[place] for place in seen] for some in (self.values, self.floors))
        return two_plots.against_n(self.traced.card.title, self.traced.unit, sizes, values, floors, exact)

    def _exact(self, measure: Measure) -> Measured | None:
        for way in (CLOSED_FORM, QUADRATURE):
            if (measure.card.id, way) in self.found:
                return self.found[measure.card.id, way]
        value = measure.closed_form(self.p, self.q) if measure not in self.shown else None
        return None if value is None else _known(measure, value, CLOSED_FORM)

    def _best(self, name: str) -> float | None:
        known = [one for (measure, _), one in self.found.items() if measure == name and not math.isnan(one.value)]
        return best(known).value if known else None

    def _caption(self) -> str:
        kl, reverse, jsd, w1 = (self._best(name) for name in ("kl", "reverse-kl", "jsd", "w1"))
        said = []
        if kl is not None and reverse is not None:
            if math.isinf(kl) or math.isinf(reverse):
                lost = "p where q has none" if math.isinf(kl) else "q where p has none"
                name = "KL(p ‖ q)" if math.isinf(kl) else "KL(q ‖ p)"
                said.append(f"{name} is infinite: there is mass of {lost}.")
            else:
                said.append(f"KL(p ‖ q) is {kl:.3g} nats, KL(q ‖ p) {reverse:.3g} nats: it matters which is fitted.")
        if jsd is not None:
            said.append(f"JSD reaches {max(jsd, 0) / math.log(2):.0%} of its largest value, log 2.")
        if w1 is not None:
            said.append(f"The earth must be moved by {w1:.3g} on average.")
        if self.reasons:
            said.append(next(iter(self.reasons.values())))
        return " ".join(said) or "Drag p and q by their handles: every number follows."


def _swift(way: Estimator) -> bool:
    return min(way.quick, way.most) >= SWIFT


def _known(measure: Measure, value: float, method: str, error: float = 0.0, **more: Any) -> Measured:
    better = str(measure.card.fact("better", "low"))
    return Measured(
        measure.card.id, value, value - error, value + error, method, measure.unit, better=better, **more
    )  # fmt: skip


SCENE = TwoDistributions
