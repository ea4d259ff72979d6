"""MAP against the posterior for one parameter: the most probable value is not all that the data say (lecture 2)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import DASHED, Line, Mark, Plot, Reading, Sketch, line
from dgm_studio.lab.scenes.parts.estimators import RULES, Coin, GaussianMean, log_gamma, normal_density
from dgm_studio.lab.scenes.parts.moments import Moments, doubts, means
from dgm_studio.lab.scenes.small_scene import SmallScene

COIN, MEAN = "coin", "mean"
COUNTS = (1, 2, 3, 5, 10, 20, 50, 100)
REPETITIONS = 2_000
NEXT = 20
"""Further tosses whose number of heads is predicted."""
NAMES = {
    "mle": ("MLE", "error"),
    "map": ("MAP", "sample"),
    "mean": ("Posterior mean", "accent"),
}
WORDS = {"mle": "maximum likelihood", "map": "maximum a posteriori", "mean": "posterior mean"}


@dataclass(frozen=True)
class Knobs:
    """The model, its prior, and the data."""

    model: str = knob(
        COIN, "Parameter θ", "What is unknown.",
        choices=(
            Choice(COIN, "Coin", "Probability of heads; Beta prior."),
            Choice(MEAN, "Gaussian mean", "Mean of a Gaussian of known variance; Gaussian prior."),
        ),
    )  # fmt: skip
    count: int = knob(5, "Observations n", "Tosses, or measurements.", low=1, high=100, log=True)
    heads: float = knob(0.8, "Share of heads", "k = round(n times this).", low=0.0, high=1.0, when=("model", (COIN,)))
    a: float = knob(3.0, "Prior a", "Beta(a, b): as if a − 1 heads had been seen.", low=1.0, high=20.0, log=True,
                    when=("model", (COIN,)))  # fmt: skip
    b: float = knob(3.0, "Prior b", "Beta(a, b): as if b − 1 tails had been seen.", low=1.0, high=20.0, log=True,
                    when=("model", (COIN,)))  # fmt: skip
    average: float = knob(1.5, "Observed average", "Mean of the n measurements.", low=-4.0, high=4.0,
                          when=("model", (MEAN,)))  # fmt: skip
    noise: float = knob(1.5, "Known noise σ", "Standard deviation of one measurement.", low=0.2, high=4.0, log=True,
                        when=("model", (MEAN,)))  # fmt: skip
    prior_spread: float = knob(1.0, "Prior spread τ", "θ ~ N(0, τ²) before any data.", low=0.1, high=4.0, log=True,
                               when=("model", (MEAN,)))  # fmt: skip


class Posterior(SmallScene):
    """Prior, likelihood, posterior; what three point estimates cost; and what each predicts."""

    card: ClassVar[Card] = Card(
        id="posterior",
        title="MAP and the posterior",
        summary="one parameter, all that is known of it",
        lecture="2",
        paper="Bernardo and Smith, 1994",
        formula="p(θ | X) ∝ p(X | θ) p(θ)",
    )
    declared = Knobs
    place = 4

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.law: Coin | GaussianMean = (
            Coin(knobs.a, knobs.b) if knobs.model == COIN else GaussianMean(0.0, knobs.prior_spread, knobs.noise)
        )
        self.seen = float(round(knobs.count * knobs.heads)) if knobs.model == COIN else knobs.average
        self.counts = sorted({*COUNTS, knobs.count})
        self.found = {rule: [Moments() for _ in self.counts] for rule in RULES}

    def round(self) -> Iterator[None]:
        """Other worlds: theta from the prior, its data, and each estimate's squared error, for every n."""
        for place, n in enumerate(self.counts):
            theta, k = self.law.draw(n, REPETITIONS, self.rng)
            for rule, estimate in self.law.estimates(n, k).items():
                self.found[rule][place].add((estimate - theta) ** 2)
        yield

    def sketch(self) -> Sketch:
        """Curves over theta, the prediction, and the mean squared errors."""
        n, now = self.knobs.count, self.estimates()
        theta, words = self._grid()
        prior, likelihood, posterior = self.law.curves(theta, n, self.seen)
        curves = (
            line("Prior", "data", theta, prior),
            line("Likelihood, scaled", "error", theta, likelihood),
            line("Posterior, exact", "exact", theta, posterior, band=(np.zeros_like(posterior), posterior)),
        )
        marks = tuple(Mark(NAMES[rule][0], NAMES[rule][1], now[rule]) for rule in RULES)
        plots = (
            Plot("What is known of θ", words, "density", curves, marks, low=0.0),
            self._prediction(now["map"]),
            Plot("What each estimate costs", "observations n", "squared error", tuple(self._costs()),
                 log_x=True, log_y=True),
        )  # fmt: skip
        return Sketch(plots, self._readings(now), self._caption(now), self.found["map"][0].count)

    def estimates(self) -> dict[str, float]:
        """The three answers for the data on the knobs."""
        found = self.law.estimates(self.knobs.count, np.array([self.seen]))
        return {rule: float(one[0]) for rule, one in found.items()}

    def prediction(self) -> tuple[float, float]:
        """Exact mean and standard deviation of what comes next: heads in NEXT tosses, or one measurement."""
        if isinstance(self.law, Coin):
            heads, chance = np.arange(NEXT + 1.0), np.exp(self.law.log_heads(NEXT, self.seen, self.knobs.count))
            mean = float(chance @ heads)
            return mean, math.sqrt(float(chance @ (heads - mean) ** 2))
        centre, variance = self.law.posterior(self.knobs.count, np.array([self.seen]))
        return float(centre[0]), math.sqrt(variance + self.law.noise**2)

    def _grid(self) -> tuple[Array, str]:
        if isinstance(self.law, Coin):
            return np.linspace(0.0, 1.0, 402)[1:-1], "θ, probability of heads"
        width = max(3.5 * self.law.spread, abs(self.seen) + 3.5 * self.law.noise / math.sqrt(self.knobs.count))
        return np.linspace(-width, width, 400), "θ, mean of the measurements"

    def _prediction(self, at: float) -> Plot:
        if isinstance(self.law, Coin):
            heads = np.arange(NEXT + 1.0)
            plugged = plug_in(NEXT, at)
            exact = np.exp(self.law.log_heads(NEXT, self.seen, self.knobs.count))
            across, up = f"heads in the next {NEXT} tosses", "probability"
        else:
            mean, sd = self.prediction()
            heads = np.linspace(mean - 3.5 * sd, mean + 3.5 * sd, 200)
            plugged, exact = normal_density(heads, at, self.law.noise), normal_density(heads, mean, sd)
            across, up = "the next measurement", "density"
        lines = (
            line("With θ = MAP", "sample", heads, plugged),
            line("Predictive, exact", "exact", heads, exact, DASHED),
        )
        return Plot("What comes next", across, up, lines, low=0.0)

    def _costs(self) -> Iterator[Line]:
        x = np.array(self.counts, dtype=float)
        # The MAP of a Gaussian mean is its posterior mean: one curve for both.
        rules = RULES if isinstance(self.law, Coin) else ("mle", "mean")
        for rule in rules:
            yield line(*NAMES[rule], x, means(self.found[rule]), doubt=doubts(self.found[rule]))
        for rule in rules:
            yield line("Exact", "exact", x, [self.law.risk(n)[rule] for n in self.counts], DASHED)

    def _readings(self, now: dict[str, float]) -> tuple[Reading, ...]:
        mean, sd = self.prediction()
        place, n = self.counts.index(self.knobs.count), self.knobs.count
        risk = self.law.risk(n)
        what = f"Heads in {NEXT} tosses" if isinstance(self.law, Coin) else "Next measurement"
        answers = tuple(
            Reading(NAMES[rule][0], None, None, now[rule], "", f"The {WORDS[rule]} for these data, in closed form.")
            for rule in RULES
        )
        costs = tuple(
            Reading(f"Squared error of {WORDS[rule]}", one[place].mean, one[place].doubt, risk[rule], "",
                    f"E (estimate − θ)² over worlds drawn from the prior, n = {n}.")
            for rule, one in self.found.items()
        )  # fmt: skip
        return (
            *answers,
            Reading(f"{what}, mean", None, None, mean, "", "Of the posterior predictive distribution."),
            Reading(f"{what}, sd", None, None, sd, "", "Of the posterior predictive; with θ = MAP it is too small."),
            *costs,
        )

    def _caption(self, now: dict[str, float]) -> str:
        _, sd = self.prediction()
        if isinstance(self.law, Coin):
            plugged = math.sqrt(NEXT * now["map"] * (1 - now["map"]))
            data = f"{self.seen:.0f} heads of {self.knobs.count}"
        else:
            plugged, data = self.law.noise, f"An average of {self.seen:.2g} over {self.knobs.count}"
        return (
            f"{data}: MAP keeps the peak at {now['map']:.3g} and forgets the width, so its prediction has spread "
            f"{plugged:.3g} where the posterior's has {sd:.3g}. Over worlds drawn from the prior the posterior mean "
            "has the least squared error; with many observations all three agree."
        )


def plug_in(m: int, theta: float) -> Array:
    """Binomial probabilities of 0..m heads at a known theta (m + 1,)."""
    j = np.arange(m + 1.0)
    ways = np.exp(math.lgamma(m + 1) - log_gamma(j + 1) - log_gamma(m - j + 1))
    out: Array = ways * theta**j * (1 - theta) ** (m - j)
    return out


SCENE = Posterior
