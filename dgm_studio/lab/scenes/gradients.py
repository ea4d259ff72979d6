"""Gradient variance: the reparametrisation trick against the log-derivative trick (lecture 3)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import ClassVar, NamedTuple

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import DASHED, Line, Plot, Reading, Sketch, line
from dgm_studio.lab.scenes.parts.moments import Moments
from dgm_studio.lab.scenes.small_scene import SmallScene

SQUARE, SINE, STEP = "square", "sine", "step"
NO_BASELINE, MEAN_BASELINE, BEST_BASELINE = "none", "mean", "best"
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
DIMENSIONS = (1, 2, 3, 5, 8, 13, 20, 30, 50)
BUDGET = 60_000
"""Normal draws of one slice, at least four estimates."""
NODES = 64
"""Gauss-Hermite nodes: exact for the square, to 1e-9 for the sine at the knobs' widest."""


@dataclass(frozen=True)
class Knobs:
    """What is differentiated, where, and how it is estimated."""

    function: str = knob(
        SQUARE, "Function f", "f(z) = Σᵢ g(zᵢ), summed over the dimensions of z.",
        choices=(
            Choice(SQUARE, "z²", "g(z) = z²."),
            Choice(SINE, "sin z", "g(z) = sin z."),
            Choice(STEP, "step", "g(z) = 1 where z > 0, else 0: no derivative to pull through."),
        ),
    )  # fmt: skip
    mu: float = knob(1.0, "Mean μ", "Mean of every coordinate of z; the gradient is taken in μ₁.", low=-3.0, high=3.0)
    sigma: float = knob(1.0, "Width σ", "Standard deviation of every coordinate of z.", low=0.1, high=3.0, log=True)
    dimensions: int = knob(10, "Dimensions of z", "How many coordinates f sums over.", low=1, high=50)
    samples: int = knob(10, "Samples n", "Draws of z that one gradient estimate averages.", low=1, high=1_000, log=True)
    baseline: str = knob(
        NO_BASELINE, "Baseline b", "A constant taken from f in the log-derivative trick: no bias, less variance.",
        choices=(
            Choice(NO_BASELINE, "None", "b = 0."),
            Choice(MEAN_BASELINE, "Mean of f", "b = E f(z); in practice a running average."),
            Choice(BEST_BASELINE, "Best", "b = E[f s²] / E[s²], s the score: the constant of least variance."),
        ),
    )  # fmt: skip


class Coordinate(NamedTuple):
    """Expectations over one coordinate, e standard normal, z = mu + sigma e: E g, E g^2, E g e, E g e^2, E g^2 e^2,
    E g', E g'^2."""

    g: float
    gg: float
    ge: float
    gee: float
    ggee: float
    slope: float
    slope_squared: float


@cache
def quadrature() -> tuple[Array, Array]:
    """Nodes and weights of the standard normal (NODES,) each."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return nodes, weights / weights.sum()


@lru_cache(maxsize=64)
def coordinate(function: str, mu: float, sigma: float) -> Coordinate:
    """By Gauss-Hermite quadrature for smooth g, in closed form for the step (a = mu / sigma)."""
    if function == STEP:
        a = mu / sigma
        below, peak = 0.5 * (1 + math.erf(a / math.sqrt(2))), math.exp(-0.5 * a * a) / math.sqrt(2 * math.pi)
        return Coordinate(below, below, peak, below - a * peak, below - a * peak, 0.0, 0.0)
    nodes, weights = quadrature()
    g, slope = (of(mu + sigma * nodes) for of in FUNCTIONS[function])
    parts = (g, g**2, g * nodes, g * nodes**2, (g * nodes) ** 2, slope, slope**2)
    return Coordinate(*(float(weights @ part) for part in parts))


FUNCTIONS: dict[str, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    SQUARE: (np.square, lambda z: 2 * z),
    SINE: (np.sin, np.cos),
    STEP: (lambda z: (z > 0).astype(np.float64), np.zeros_like),
}
"""g and its derivative."""


class Exact(NamedTuple):
    """The gradient, and the variance of one draw of each estimator."""

    gradient: float
    reparametrised: float
    score: float
    baseline: float


def exact(function: str, mu: float, sigma: float, dimensions: int, baseline: str) -> Exact:
    """d/d mu_1 E f(z) = E[f e_1] / sigma = E g' (where g' exists), and both variances.

    Of the other d - 1 coordinates only F = their sum matters: E F, E F^2. For the score estimator (f - b) e_1 / sigma:
    E[(f - b)^2 e_1^2] = E[f^2 e^2] - 2 b E[f e^2] + b^2, minus the squared mean.
    """
    one, rest = coordinate(function, mu, sigma), dimensions - 1
    rest_mean = rest * one.g
    rest_square = rest * (one.gg - one.g**2) + rest_mean**2
    f_ee = one.gee + rest_mean
    ff_ee = one.ggee + 2 * one.gee * rest_mean + rest_square
    b = {NO_BASELINE: 0.0, MEAN_BASELINE: dimensions * one.g, BEST_BASELINE: f_ee}[baseline]
    score = (ff_ee - 2 * b * f_ee + b * b - one.ge**2) / sigma**2
    return Exact(one.ge / sigma, max(one.slope_squared - one.slope**2, 0.0), score, b)


class Gradients(SmallScene):
    """Two unbiased estimators of one gradient, and how noisy each is."""

    card: ClassVar[Card] = Card(
        id="gradients",
        title="Two gradient tricks",
        summary="reparametrisation and log-derivative",
        lecture="3",
        paper="Kingma and Welling, 2014; Williams, 1992",
        formula="∇ E f(z) = E f′(μ + σε) = E (f(z) − b) ∇ log q(z)",
    )
    declared = Knobs
    place = 2

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        cases = [(n, knobs.dimensions) for n in COUNTS] + [(knobs.samples, d) for d in DIMENSIONS]
        self.here = (knobs.samples, knobs.dimensions)
        self.found = {case: (Moments(), Moments()) for case in (self.here, *cases)}

    def exact_at(self, dimensions: int) -> Exact:
        """Gradient and variances of one draw."""
        k = self.knobs
        return exact(k.function, k.mu, k.sigma, dimensions, k.baseline)

    def round(self) -> Iterator[None]:
        """Independent estimates of both kinds, from the same draws, for every number of samples and of dimensions."""
        g, slope = FUNCTIONS[self.knobs.function]
        mu, sigma = self.knobs.mu, self.knobs.sigma
        for (n, d), (reparametrised, score) in self.found.items():
            count = min(2_000, max(4, BUDGET // (n * d)))
            e = self.rng.standard_normal((count, n, d))
            z = mu + sigma * e
            reparametrised.add(slope(z[..., 0]).mean(1))
            b = self.exact_at(d).baseline
            score.add(((g(z).sum(-1) - b) * e[..., 0] / sigma).mean(1))
            yield

    def sketch(self) -> Sketch:
        """Variance against the number of samples and of dimensions, and where single estimates fall."""
        here, (n_now, d_now) = self.exact_at(self.knobs.dimensions), self.here
        counts, dims = np.array(COUNTS, dtype=float), np.array(DIMENSIONS, dtype=float)
        by_count = self._lines(counts, [(n, d_now) for n in COUNTS])
        by_dim = self._lines(dims, [(n_now, d) for d in DIMENSIONS])
        spread = self._estimates(counts)
        plots = (
            Plot(f"Variance of the estimate in {plural(d_now)}", "samples n averaged in one estimate",
                 "variance", by_count, log_x=True, log_y=True),
            Plot(f"Variance at n = {n_now:,}", "dimensions of z", "variance", by_dim,
                 log_x=True, log_y=True),
            Plot("The estimates: mean ± sd", "samples n averaged in one estimate", "gradient in μ₁", spread,
                 log_x=True),
        )  # fmt: skip
        reparametrised, score = self.found[self.here]
        readings = (
            Reading("Reparametrisation, mean", reparametrised.mean, reparametrised.doubt, here.gradient, "",
                    "Mean over all repetitions; exact: the gradient in closed form."),
            Reading("Log-derivative, mean", score.mean, score.doubt, here.gradient, "",
                    "Mean over all repetitions; exact: the gradient in closed form."),
            Reading("Reparametrisation, variance", reparametrised.variance, reparametrised.variance_doubt,
                    here.reparametrised / n_now, "", f"Of an estimate from n = {n_now:,} draws."),
            Reading("Log-derivative, variance", score.variance, score.variance_doubt, here.score / n_now, "",
                    f"Of an estimate from n = {n_now:,} draws, with the baseline chosen."),
        )  # fmt: skip
        return Sketch(plots, readings, self._caption(here), score.count)

    def _lines(self, x: Array, cases: list[tuple[int, int]]) -> tuple[Line, ...]:
        out: list[Line] = []
        known_lines: list[Line] = []
        for which, (name, tone) in enumerate((("Reparametrisation", "accent"), ("Log-derivative", "sample"))):
            known = [self.exact_at(d)[1 + which] / n for n, d in cases]
            if max(known) <= 1e-12:
                continue  # a variance of nought has no place on a logarithmic axis; the caption says so
            found = [self.found[case][which] for case in cases]
            doubt = [one.variance_doubt for one in found]
            out.append(line(name, tone, x, [one.variance for one in found], doubt=doubt))
            known_lines.append(line("Exact", "exact", x, known, DASHED))
        return (*out, *known_lines)

    def _estimates(self, counts: Array) -> tuple[Line, ...]:
        out: list[Line] = []
        for which, (name, tone) in ((1, ("Log-derivative", "sample")), (0, ("Reparametrisation", "accent"))):
            found = [self.found[n, self.knobs.dimensions][which] for n in COUNTS]
            mean, sd = np.array([one.mean for one in found]), np.array([one.sd for one in found])
            out.append(line(name, tone, counts, mean, band=(mean - sd, mean + sd)))
        gradient = np.full_like(counts, self.exact_at(self.knobs.dimensions).gradient)
        return (*out, line("Exact", "exact", counts, gradient, DASHED))

    def _caption(self, here: Exact) -> str:
        if self.knobs.function == STEP:
            return (
                "The step is flat almost everywhere: reparametrisation answers 0 every time, without any variance and "
                f"wrong (the gradient is {here.gradient:.3g}). The log-derivative trick needs no derivative of f and "
                "stays unbiased: it pays with variance."
            )
        ratio = here.score / max(here.reparametrised, 1e-300)
        compared = (
            f"the log-derivative trick needs {ratio:,.3g} times as many samples for the same accuracy"
            if here.reparametrised > 1e-12
            else "reparametrisation has no variance at all"
        )
        return (
            f"In {plural(self.knobs.dimensions)}, {compared}. Every further dimension adds its noise to f and none to "
            "f′ in μ₁; a baseline takes away what is constant in f. Both fall as 1/n."
        )


def plural(dimensions: int) -> str:
    """ "1 dimension", "2 dimensions"."""
    return f"{dimensions} dimension" + ("s" if dimensions > 1 else "")


SCENE = Gradients
