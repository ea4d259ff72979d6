"""Naive Monte Carlo against the ELBO and IWAE for log p(x), as the latent dimension grows (lecture 3)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import DASHED, Line, Plot, Reading, Sketch, line
from dgm_studio.lab.scenes.parts.moments import Moments, doubts, means
from dgm_studio.lab.scenes.small_scene import SmallScene

EXACT_Q, MEAN_FIELD = "exact", "mean-field"
MOST = 30
DRAWS = 3_000
"""Draws of z in one slice, whatever K is: about 10 ms at 30 dimensions."""
ESTIMATES = (
    ("naive", "Naive Monte Carlo", "error"),
    ("elbo", "ELBO", "sample"),
    ("iwae", "IWAE", "accent"),
)
"""Key, name and colour of the three estimates of log p(x) that are compared."""


@dataclass(frozen=True)
class Knobs:
    """What is compared: draws, dimensions, noise, encoder."""

    samples: int = knob(100, "Samples K", "Draws of z that each estimate may use.", low=1, high=5_000, log=True)
    latent_dims: int = knob(20, "Latent dimensions", "The largest dimension of z that is drawn.", low=4, high=MOST)
    noise: float = knob(
        0.5, "Decoder noise σ", "Standard deviation of x given z: the smaller, the narrower the posterior.",
        low=0.1, high=2.0, log=True,
    )  # fmt: skip
    encoder: str = knob(
        MEAN_FIELD, "Encoder q(z | x)", "The distribution that proposes z for the ELBO and for IWAE.",
        choices=(
            Choice(MEAN_FIELD, "Mean field", "The best Gaussian of independent coordinates, as a VAE's encoder gives."),
            Choice(EXACT_Q, "Posterior", "The exact posterior p(z | x): at width 1 both bounds are log p(x) itself."),
        ),
    )  # fmt: skip
    width: float = knob(
        1.0, "Width of q", "Factor on the encoder's standard deviations; 1 is right.", low=0.5, high=2.0, log=True
    )


class LinearGaussian:
    """z ~ N(0, I), x | z ~ N(W z, sigma^2 I) with d latent and d observed dimensions, one datum x, and a Gaussian q.

    log p(x) = log N(x; 0, W W^T + sigma^2 I); the posterior has precision L = I + W^T W / sigma^2 and mean
    L^-1 W^T x / sigma^2; ELBO = log p(x) - KL(q || posterior).
    """

    def __init__(self, weight: Array, x: Array, noise: float, encoder: str, width: float) -> None:
        d = len(x)
        self.weight, self.x, self.noise = weight, x, noise
        precision = np.eye(d) + weight.T @ weight / noise**2
        self.mean: Array = np.linalg.solve(precision, weight.T @ x) / noise**2
        covariance = np.linalg.inv(precision) if encoder == EXACT_Q else np.diag(1 / np.diag(precision))
        self.root: Array = width * np.linalg.cholesky(covariance)
        marginal = weight @ weight.T + noise**2 * np.eye(d)
        self.log_p = float(
            -0.5 * (x @ np.linalg.solve(marginal, x) + np.linalg.slogdet(marginal)[1] + d * math.log(2 * math.pi))
        )
        self.log_det_root = float(np.log(np.diag(self.root)).sum())
        spread = float((precision * (self.root @ self.root.T)).sum())
        self.kl = 0.5 * (spread - d - 2 * self.log_det_root - float(np.linalg.slogdet(precision)[1]))
        squares = float(x @ x + (weight**2).sum())
        self.prior_bound = -0.5 * (d * math.log(2 * math.pi * noise**2) + squares / noise**2)
        """E over the prior of log p(x | z): lecture 3's naive bound."""

    def log_weights(self, normal: Array, proposed: bool) -> Array:
        """log p(x, z) - log q(z) at z = mean + root e where `proposed`, else log p(x | z) at z = e (..., d)."""
        d = len(self.x)
        z = self.mean + normal @ self.root.T if proposed else normal
        gap = self.x - z @ self.weight.T
        given: Array = -0.5 * (d * math.log(2 * math.pi * self.noise**2) + (gap**2).sum(-1) / self.noise**2)
        if not proposed:
            return given
        ratio: Array = 0.5 * ((normal**2).sum(-1) - (z**2).sum(-1)) + self.log_det_root
        return given + ratio


class Evidence(SmallScene):
    """How far each estimate of log p(x) falls short, dimension by dimension."""

    card: ClassVar[Card] = Card(
        id="evidence",
        title="Naive Monte Carlo and the ELBO",
        summary="log p(x) as the latent dimension grows",
        lecture="3",
        paper="Kingma and Welling, 2014; Burda et al., 2016",
        formula="log p(x) ≥ E log 1/K Σₖ p(x, zₖ) / q(zₖ | x) ≥ ELBO",
    )
    declared = Knobs
    place = 1

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        weight, latent, noise = (self.world.standard_normal(shape) for shape in ((MOST, MOST), MOST, MOST))
        self.models = []
        for d in range(1, knobs.latent_dims + 1):
            loading = weight[:d, :d] / math.sqrt(d)
            x = loading @ latent[:d] + knobs.noise * noise[:d]
            self.models.append(LinearGaussian(loading, x, knobs.noise, knobs.encoder, knobs.width))
        self.found = {key: [Moments() for _ in self.models] for key in ("naive", "elbo", "iwae", "bound", "used")}

    def round(self) -> Iterator[None]:
        """Every dimension once: several independent estimates of each kind, each from K draws."""
        count = max(2, DRAWS // self.knobs.samples)
        for place, model in enumerate(self.models):
            shape = (count, self.knobs.samples, place + 1)
            prior = model.log_weights(self.rng.standard_normal(shape), proposed=False)
            proposed = model.log_weights(self.rng.standard_normal(shape), proposed=True)
            self.found["naive"][place].add(log_mean_exp(prior))
            self.found["bound"][place].add(prior.mean(1))
            self.found["used"][place].add(effective(prior))
            self.found["elbo"][place].add(proposed.mean(1))
            self.found["iwae"][place].add(log_mean_exp(proposed))
            yield

    def sketch(self) -> Sketch:
        """Values, shortfall and spread against the dimension."""
        dims = np.arange(1.0, len(self.models) + 1)
        exact = np.array([model.log_p for model in self.models])
        kl = np.array([model.kl for model in self.models])
        values, gaps, spreads = [], [], []
        for key, name, tone in ESTIMATES:
            found = self.found[key]
            mean, sd, doubt = means(found), np.array([one.sd for one in found]), doubts(found)
            values.append(line(name, tone, dims, mean, doubt=doubt, band=(mean - sd, mean + sd)))
            gaps.append(line(name, tone, dims, exact - mean, doubt=doubt))
            spreads.append(line(name, tone, dims, sd))
        values.append(line("Exact log p(x)", "exact", dims, exact, DASHED))
        naive_bound = exact - np.array([model.prior_bound for model in self.models])
        gaps.append(line("Lecture's bound", "data", dims, naive_bound, DASHED))
        loose = kl > 1e-9  # elsewhere q is the posterior
        if loose.any():
            gaps.append(line("Exact KL", "exact", dims[loose], kl[loose], DASHED))
        plots = (
            Plot("Log-likelihood of one datum", "dimensions of z", "log p(x), nats", tuple(values)),
            Plot("Below the exact value", "dimensions of z", "nats", tuple(gaps), log_y=True, low=1e-3),
            Plot("Spread of one estimate", "dimensions of z", "sd, nats", tuple(visible(spreads)),
                 log_y=True, low=1e-3),
        )  # fmt: skip
        return Sketch(plots, self._readings(), self._caption(), self.found["naive"][-1].count)

    def _readings(self) -> tuple[Reading, ...]:
        last, model = {key: found[-1] for key, found in self.found.items()}, self.models[-1]
        d, k = len(self.models), self.knobs.samples
        return (
            Reading("Naive Monte Carlo", last["naive"].mean, last["naive"].doubt, model.log_p, "nats",
                    f"Mean of log 1/K Σ p(x | z), z from the prior, at {d} dimensions; exact: log p(x)."),
            Reading(f"IWAE, K = {k:,}", last["iwae"].mean, last["iwae"].doubt, model.log_p, "nats",
                    "Mean of log 1/K Σ p(x, z) / q(z | x); exact: log p(x), which it reaches as K grows."),
            Reading("ELBO", last["elbo"].mean, last["elbo"].doubt, model.log_p - model.kl, "nats",
                    "Mean of log p(x, z) − log q(z | x); exact: log p(x) − KL(q ‖ posterior)."),
            Reading("Lecture's naive bound", last["bound"].mean, last["bound"].doubt, model.prior_bound, "nats",
                    "Mean of log p(x | z), z from the prior (lecture 3's slide); exact in closed form."),
            Reading(f"Prior draws that count, of {k:,}", last["used"].mean, last["used"].doubt, None, "",
                    "Effective sample size (Σ w)² / Σ w² of the naive estimate's weights w = p(x | z)."),
        )  # fmt: skip

    def _caption(self) -> str:
        naive, iwae = (self.models[-1].log_p - self.found[key][-1].mean for key in ("naive", "iwae"))
        used = self.found["used"][-1].mean
        return (
            f"In {len(self.models)} dimensions {used:.1f} of {self.knobs.samples:,} draws from the prior count: naive "
            f"Monte Carlo falls {max(naive, 0):.2g} nats short, IWAE {max(iwae, 0):.2g}, because q proposes z where "
            "p(x | z) is large. Bands: spread of one estimate; bars: 95 % interval of its mean."
        )


def log_mean_exp(logs: Array) -> Array:
    """log of the mean of exp over the second axis, (n, k) -> (n,), without overflow."""
    top = logs.max(1, keepdims=True)
    out: Array = top[:, 0] + np.log(np.exp(logs - top).mean(1))
    return out


def effective(logs: Array) -> Array:
    """Effective sample size (sum w)^2 / sum w^2 of log weights (n, k) -> (n,)."""
    w = np.exp(logs - logs.max(1, keepdims=True))
    out: Array = w.sum(1) ** 2 / (w**2).sum(1)
    return out


def visible(lines: list[Line]) -> list[Line]:
    """Those with a spread at all: with q the posterior, every draw gives the same number."""
    return [one for one in lines if float(np.nanmax(one.y)) > 1e-9]


SCENE = Evidence
