"""Likelihood misleads: a sharp memoriser with a poor one, and 99 % noise with a good one (lecture 5)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.core.sketch import DASHED, Bars, Cloud, Mark, Plot, Reading, Segments, Sketch, line
from dgm_studio.lab.scenes.parts.memoriser import (
    GOOD,
    NOISE,
    all_points,
    log_ratio,
    lost_to_noise,
    memoriser,
    noise_gap,
    one_point,
    truth,
)
from dgm_studio.lab.scenes.parts.moments import Moments, doubts, means
from dgm_studio.lab.scenes.small_scene import SmallScene

MOST_M, MOST_N = 784, 1_000
DIMS = np.array([2, 4, 8, 16, 32, 64, 128, 256, 512, MOST_M])
TESTED = 32
"""Held-out points for each training set."""
NUMBERS = 40_000
"""Coordinates of training points up to which a round takes several training sets: some 0.5 ms."""
MANY = 4_000
"""Held-out points for the mixture, of which only |x|^2 counts: rare ones near the noise make most of the difference."""
SHOWN = 400
"""Samples drawn of each law."""
ROUNDING = 1e-9
"""A doubt below it is none: at its own data a narrow memoriser always scores the same."""
ASIDE = (-12.5, 0.0, 14.5)
"""Where the three clouds stand."""


@dataclass(frozen=True)
class Knobs:
    """The memoriser's data and width, and the dimension."""

    n: int = knob(100, "Memorised n", "Data points that the memoriser has learned by heart.", low=1, high=MOST_N,
                  log=True)  # fmt: skip
    epsilon: float = knob(0.01, "Width ε", "Variance of the memoriser's bell around each of them.", low=1e-4, high=10.0,
                          log=True)  # fmt: skip
    dims: int = knob(64, "Dimensions m", "Of x: 784 are a digit of 28 × 28 pixels.", low=2, high=MOST_M, log=True)


class LikelihoodMisleads(SmallScene):
    """Held-out log-likelihood of p = N(0, I), of p_1 = 1/n sum_i N(x_i, epsilon I), of p_2 = 0.01 p + 0.99 N(0, 9 I);
    one repetition is a fresh training set and fresh test points."""

    card: ClassVar[Card] = Card(
        id="likelihood",
        title="Likelihood misleads",
        summary="good samples, poor score",
        lecture="5",
        paper="Theis et al., 2016",
        formula="p₁ = 1/n Σᵢ N(xᵢ, εI),   p₂ = 0.01 p + 0.99 p_noise:   log p₂ ≥ log p − log 100",
    )
    declared = Knobs
    place = 16
    panel = "divergences"

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.clouds = self._clouds()
        self.rounds = 0
        self.exact: float | None = None
        self.found = {key: Moments() for key in ("truth", "memoriser", "noise", "own")}
        self.lost = {key: [Moments() for _ in DIMS] for key in ("memoriser", "noise")}

    def round(self) -> Iterator[None]:
        """Training sets at this dimension; from the second round on at every dimension, and once the quadrature."""
        room = NUMBERS // (self.knobs.n * self.knobs.dims)
        for _ in range(min(max(room, 1), 8)):
            held, own = self._train(self.knobs.dims)
            for key, values in held.items():
                self.found[key].add(np.array([values.mean()]))
            self.found["own"].add(np.array([own]))
            yield
        self.rounds += 1
        if self.rounds == 1:
            return
        if self.exact is None:
            self.exact = yield from memoriser(self.knobs.n, self.knobs.dims, self.knobs.epsilon)
        for place, m in enumerate(DIMS):
            held, _ = self._train(int(m))
            self.lost["memoriser"][place].add(np.array([(held["truth"] - held["memoriser"]).mean()]))
            self.lost["noise"][place].add(lost_to_noise(log_ratio(self.rng.chisquare(m, MANY), int(m))))
            yield

    def _train(self, m: int) -> tuple[dict[str, Array], float]:
        """log-likelihoods of each law at fresh test points (TESTED,), and of the memoriser at its own data, their
        mean."""
        n, epsilon = self.knobs.n, self.knobs.epsilon
        learned = self.rng.standard_normal((n, m))
        x = self.rng.standard_normal((TESTED, m))
        squares = (x**2).sum(1)
        known = -0.5 * (m * math.log(2 * math.pi) + squares)
        scores = memorised(np.concatenate((x, learned[:TESTED])), learned, epsilon)
        held = {
            "truth": known,
            "memoriser": scores[:TESTED],
            "noise": known - lost_to_noise(log_ratio(squares, m)),
        }
        return held, float(scores[TESTED:].mean())

    def _clouds(self) -> dict[str, Array]:
        """The first two coordinates of samples: the same ones whatever the knobs are, as far as they can be."""
        data = self.world.standard_normal((SHOWN, 2))
        learned = self.world.standard_normal((MOST_N, 2))[: self.knobs.n]
        picked = learned[(self.world.random(SHOWN) * self.knobs.n).astype(int)]
        jitter, noise = self.world.standard_normal((2, SHOWN, 2))
        good = self.world.random(SHOWN) < GOOD
        return {
            "data": data,
            "learned": learned,
            "memoriser": picked + math.sqrt(self.knobs.epsilon) * jitter,
            "good": noise[good],
            "noise": NOISE * noise[~good],
        }

    def sketch(self) -> Sketch:
        """Samples, what each loses against p, and the log-likelihoods at this dimension."""
        return Sketch(
            (self._samples(), self._losses(), self._bars()),
            self._readings(),
            self._caption(),
            self.found["truth"].count,
        )

    def _samples(self) -> Plot:
        clouds = [
            ("Data, from p", "data", "data", 0, 3.0),
            ("What p₁ has learned", "data", "learned", 1, 3.0),
            ("Samples of p₁", "sample", "memoriser", 1, 3.0),
            ("Samples of p₂: noise", "error", "noise", 2, 3.0),
            ("the 1 % from p", "sample", "good", 2, 5.0),
        ]
        return Plot(
            "Samples: p, the memoriser p₁, the mixture p₂", "x₁, the three laws side by side", "x₂", (),
            clouds=tuple(Cloud(name, tone, frozen(self.clouds[key] + np.array([ASIDE[place], 0.0])), size)
                         for name, tone, key, place, size in clouds),
            equal=True, left=-18.0, right=25.0, low=-9.5, high=9.5,
        )  # fmt: skip

    def _losses(self) -> Plot:
        n, epsilon = self.knobs.n, self.knobs.epsilon
        m = DIMS.astype(float)
        limit = [truth(k) - all_points(k, epsilon) for k in m]
        worst = [truth(k) - one_point(k, epsilon) for k in m]
        exact = (
            line("p₁, n = 1 (tinted: any n)", "sample", m, worst, DASHED, band=(np.array(limit), np.array(worst))),
            line("p₂, exact", "exact", m, [noise_gap(int(k)) for k in m], DASHED),
            line("−log p(x) itself", "data", m, [-truth(k) for k in m]),
        )
        lines = []
        for key, name, tone in (("memoriser", f"p₁, n = {n:,}", "sample"), ("noise", "p₂", "error")):
            if self.lost[key][0].count:
                held = means(self.lost[key])
                lines.append(line(name, tone, m, held, doubt=np.nan_to_num(doubts(self.lost[key]))))
        return Plot(
            "Log-likelihood lost against p", "dimensions m", "nats below p", (*lines, *exact),
            (Mark(f"m = {self.knobs.dims}", "accent", float(self.knobs.dims)),), log_x=True, log_y=True, low=1e-2,
        )  # fmt: skip

    def _bars(self) -> Plot:
        m = self.knobs.dims
        known = {"truth": truth(m), "memoriser": self.exact, "noise": truth(m) - noise_gap(m)}
        bars, lines, levels = [], [], []
        for place, (key, name, tone) in enumerate(
            (("truth", "1: p", "data"), ("memoriser", "2: p₁", "sample"), ("noise", "3: p₂", "error")), 1
        ):
            found, exact = self.found[key], known[key]
            bars.append(Bars(name, tone, np.array([place - 0.3, place + 0.3]), np.array([found.mean])))
            lines.append(line(name, tone, (place,), (found.mean,), doubt=(np.nan_to_num(found.doubt),)))
            if exact is not None:
                levels.append((place - 0.4, exact, place + 0.4, exact))
        return Plot(
            f"Held-out log-likelihood, m = {m}", "law", "nats", tuple(lines), bars=tuple(bars),
            segments=(Segments("exact", "exact", np.array(levels), width=2.0),), left=0.4, right=3.6,
        )  # fmt: skip

    def _readings(self) -> tuple[Reading, ...]:
        m, found = self.knobs.dims, self.found
        gap = noise_gap(m)
        own = found["own"].doubt if found["own"].doubt > ROUNDING else 0.0
        return (
            Reading("log p, held out", found["truth"].mean, found["truth"].doubt, truth(m), "nats",
                    "E log p(x) of the data's own law: −m/2 (1 + log 2π)."),
            Reading("log p₁, the memoriser", found["memoriser"].mean, found["memoriser"].doubt, self.exact, "nats",
                    "At data it has not seen, averaged over training sets; exact by quadrature.", "quadrature"),
            Reading("log p₁ at its own data", found["own"].mean, own, None, "nats",
                    "At the data it has learned by heart."),
            Reading("log p₂, 99 % noise", found["noise"].mean, found["noise"].doubt, truth(m) - gap, "nats",
                    "E log (0.01 p + 0.99 p_noise) over data; exact by quadrature over |x|.", "quadrature"),
            Reading("p₂ below p", None, exact=gap, unit="nats",
                    help="KL(p ‖ p₂) by quadrature over |x|: at most log 100 = 4.605 nats, in any dimension."),
            Reading("p₂ below p, of |log p|", None, exact=100 * gap / -truth(m), unit="%",
                    help="The same in percent of −E log p, which grows like m."),
        )  # fmt: skip

    def _caption(self) -> str:
        m = self.knobs.dims
        gap, lost = noise_gap(m), self.found["truth"].mean - self.found["memoriser"].mean
        width = math.sqrt(self.knobs.epsilon)
        kind = "sharp samples" if width < 0.3 else "blurred samples"
        below = f"{lost:,.0f}" if lost >= 100 else f"{lost:.2f}"
        return (
            f"The memoriser draws its own data again, √ε = {width:.2g} off: {kind}, {below} nats below p at unseen "
            f"data. Of p₂'s samples 99 % are noise, N(0, {NOISE**2:g} I), and it is {gap:.2f} nats below p, "
            f"{100 * gap / -truth(m):.2g} % of {-truth(m):,.4g}: at most log 100 = 4.61 for any m."
        )


def memorised(x: Array, learned: Array, epsilon: float) -> Array:
    """log 1/n sum_i N(x | x_i, epsilon I) at points x (k, m) for learned x_i (n, m) -> (k,)."""
    apart = (x**2).sum(1)[:, None] + np.einsum("ij,ij->i", learned, learned) - 2 * x @ learned.T
    logs = -np.maximum(apart, 0.0) / (2 * epsilon)
    top = logs.max(1)
    flat = x.shape[1] / 2 * math.log(2 * math.pi * epsilon)
    out: Array = top + np.log(np.exp(logs - top[:, None]).mean(1)) - flat
    return out


SCENE = LikelihoodMisleads
