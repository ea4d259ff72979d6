"""The flow-matching loss that nobody can remove, against t: why logit-normal times (lecture 12, second course)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
import torch

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.sketch import DASHED, Plot, Reading, Sketch, line
from dgm_studio.data import data_sets
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.mixture_set import MixtureSet
from dgm_studio.lab.scenes.parts.moments import Moments, doubts, means
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.straight import Straight

DATA = ("eight-gaussians", "two-gaussians", "grid-25", "gaussian")
TIMES = np.linspace(0.0, 1.0, 41)
PAIRS = 1_000
GRID = 129
"""Points a side of the quadrature's grid."""
FINE = 400
"""Points at which densities of times are drawn and integrated."""


@dataclass(frozen=True)
class Knobs:
    """Which data, and which times a training would draw."""

    data: str = knob(
        "eight-gaussians", "Data", "A mixture of Gaussians: the best velocity is known in closed form.",
        choices=tuple(Choice(name, data_sets()[name].card.title) for name in DATA),
    )  # fmt: skip
    location: float = knob(
        0.0, "Location m", "Logit-normal times: t = sigmoid(m + s ε). Above 0 they lean towards the data.",
        low=-2.0, high=2.0,
    )  # fmt: skip
    scale: float = knob(1.0, "Scale s", "Logit-normal times: the smaller, the closer to the middle.", low=0.3, high=2.5)


class IrreducibleLoss(SmallScene):
    """E Var(x_1 - x_0 | x_t) = E |x_1 - x_0 - v*(x_t, t)|^2 with the exact velocity v* (paths/exact.py), x_0 standard
    normal, x_t = t x_1 + (1 - t) x_0.

    Beside it the loss of the best affine velocity, known for any data of covariance S with eigenvalues l:
    sum l / (t^2 l + (1 - t)^2). What lies between is all that a network can learn beyond a straight line.
    """

    card: ClassVar[Card] = Card(
        id="irreducible-loss",
        title="The loss that stays",
        summary="flow matching: why logit-normal t",
        lecture="12",
        paper="Lipman et al., 2023; Esser et al., 2024",
        formula="min E‖x₁ − x₀ − v(xₜ, t)‖² = E Var(x₁ − x₀ | xₜ)",
    )
    declared = Knobs
    place = 3

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        self.mixture = mixture_of(knobs.data)
        self.field = ExactField(self.mixture, Straight())
        self.found = [Moments() for _ in TIMES]

    def round(self) -> Iterator[None]:
        """Fresh pairs (x_1, x_0) at every time."""
        root = np.linalg.cholesky(self.mixture.covariances)
        for t, found in zip(TIMES, self.found, strict=True):
            which = self.rng.choice(len(self.mixture.weights), size=PAIRS, p=self.mixture.weights)
            spread = np.einsum("nij,nj->ni", root[which], self.rng.standard_normal((PAIRS, self.mixture.dim)))
            x1, x0 = self.mixture.means[which] + spread, self.rng.standard_normal((PAIRS, self.mixture.dim))
            x_t = torch.from_numpy(t * x1 + (1 - t) * x0)
            best = self.field.velocity(x_t, torch.tensor(float(t), dtype=torch.float64)).numpy()
            found.add(((x1 - x0 - best) ** 2).sum(1))
            quadrature(self.knobs.data, float(t))
            yield

    def sketch(self) -> Sketch:
        """Losses against t, what there is to learn, and the densities of both kinds of times."""
        loss, doubt = means(self.found), doubts(self.found)
        straight = affine_loss(covariance(self.mixture), TIMES)
        known = self._quadrature()
        left = np.maximum(straight - loss, 0.0)
        fine = np.linspace(0.0, 1.0, FINE + 1)
        density = logit_normal_density(fine, self.knobs.location, self.knobs.scale)
        losses = [
            line("Irreducible", "accent", TIMES, loss, doubt=doubt, band=(np.zeros_like(loss), loss)),
            line("Best affine velocity", "data", TIMES, straight),
            line("Irreducible, quadrature", "exact", TIMES, known, DASHED),
        ]
        plots = (
            Plot("Flow-matching loss", "path time t: 0 noise, 1 data", "squared error",
                 tuple(losses), low=0.0),
            Plot("What is left to learn", "path time t", "squared error",
                 (line("Affine less irreducible", "sample", TIMES, left, doubt=doubt,
                       band=(np.zeros_like(left), left)),
                  line("Quadrature", "exact", TIMES, straight - known, DASHED)), low=0.0),
            Plot("Where training looks", "path time t", "density of t",
                 (line("Uniform", "data", (0.0, 1.0), (1.0, 1.0), DASHED),
                  line("Logit-normal", "accent", fine, density, band=(np.zeros_like(density), density))), low=0.0),
        )  # fmt: skip
        uniform = weighted(np.ones_like(TIMES), straight, loss, doubt)
        drawn = logit_normal_density(TIMES, self.knobs.location, self.knobs.scale)
        normal = weighted(drawn, straight, loss, doubt)
        readings = (
            Reading("Uniform: to learn, of the loss", *uniform, share(np.ones_like(TIMES), straight, known), "%",
                    "Of the loss of the best affine velocity, averaged over uniform t: the share that can be learned.",
                    "quadrature"),
            Reading("Logit-normal: to learn", *normal, share(drawn, straight, known), "%",
                    "The same, averaged over logit-normal t: the more, the less of a gradient is noise.",
                    "quadrature"),
            Reading("Irreducible at t = 0", loss[0], doubt[0], self.ends()[0], "",
                    "Var x₁: at pure noise nothing tells which datum."),
            Reading("Irreducible at t = 1", loss[-1], doubt[-1], self.ends()[1], "",
                    "Var x₀: at the datum nothing tells which noise."),
        )  # fmt: skip
        peak = float(TIMES[int(np.argmax(straight - known))])
        return Sketch(plots, readings, self._caption(peak, uniform[0], normal[0]), self.found[0].count)

    def ends(self) -> tuple[float, float]:
        """Exact irreducible loss at t = 0 and 1: the data's total variance, and that of the noise."""
        return float(np.trace(covariance(self.mixture))), float(self.mixture.dim)

    def _quadrature(self) -> Array:
        return np.array([quadrature(self.knobs.data, float(t)) for t in TIMES])

    def _caption(self, peak: float, uniform: float, normal: float) -> str:
        if len(self.mixture.weights) == 1:
            return "For one Gaussian the best velocity is affine at every t: beyond that nothing is left to learn."
        return (
            "At both ends the best velocity is affine in xₜ: the loss that stays there is noise in every gradient and "
            f"nothing to learn. A network is needed in between, most at t = {peak:.2f}. With uniform times "
            f"{uniform:.0f} % of the affine loss can be learned, with these logit-normal ones {normal:.0f} %."
        )


@cache
def quadrature(data: str, t: float) -> float:
    """E Var(x_1 - x_0 | x_t) = E |x_1|^2 + d - integral of p_t |v*|^2 over a square grid (trapezoid rule, whose error
    for Gaussians wider than a step is far below 1e-6); the same whatever the other knobs are."""
    mixture = mixture_of(data)
    field = ExactField(mixture, Straight())
    time = torch.tensor(t, dtype=torch.float64)
    reach = 6.0 * math.sqrt(t**2 * float(np.linalg.eigvalsh(mixture.covariances).max()) + (1 - t) ** 2)
    reach += t * float(np.abs(mixture.means).max())
    ticks = torch.linspace(-reach, reach, GRID, dtype=torch.float64)
    points = torch.cartesian_prod(ticks, ticks)
    squares = (field.velocity(points, time) ** 2).sum(1)
    area = (2 * reach / (GRID - 1)) ** 2
    explained = float((field.log_density(points, time).exp() * squares).sum()) * area
    centre = mixture.weights @ mixture.means
    return float(np.trace(covariance(mixture)) + centre @ centre) + mixture.dim - explained


def mixture_of(name: str) -> Mixture:
    """The law of a data set that is a mixture."""
    data = data_sets()[name]
    assert isinstance(data, MixtureSet)  # DATA lists only these
    return data.mixture()


def covariance(mixture: Mixture) -> Array:
    """Covariance (d, d) of the whole mixture: within and between components."""
    gap = mixture.means - mixture.weights @ mixture.means
    within = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    out: Array = within + np.einsum("k,ki,kj->ij", mixture.weights, gap, gap)
    return out


def affine_loss(cov: Array, times: Array) -> Array:
    """Least E |x_1 - x_0 - A x_t - b|^2 over A, b at times (n,): Var(u) - Cov(u, x_t)^2 / Var(x_t) an eigenvalue."""
    values = np.linalg.eigvalsh(cov)
    t = times[:, None]
    out: Array = (values / (t**2 * values + (1 - t) ** 2)).sum(1)
    return out


def logit_normal_density(t: Array, location: float, scale: float) -> Array:
    """Density of sigmoid(location + scale N(0, 1)) (n,), 0 at both ends: Esser et al., 2024, equation 19."""
    out: Array = np.zeros_like(t)
    inner = (t > 0) & (t < 1)
    s = t[inner]
    z = (np.log(s / (1 - s)) - location) / scale
    out[inner] = np.exp(-0.5 * z**2) / (scale * np.sqrt(2 * np.pi) * s * (1 - s))
    return out


def weighted(density: Array, straight: Array, loss: Array, doubt: Array) -> tuple[float, float]:
    """Share in percent, and its doubt, of the affine loss that can be learned at times of this density (trapezoid)."""
    weight = trapezoid(density)
    return share(density, straight, loss), 100 * float(np.sqrt(((weight * doubt) ** 2).sum()) / (weight @ straight))


def share(density: Array, straight: Array, loss: Array) -> float:
    """Percent of the affine loss that can be learned at times of this density, at least 0."""
    weight = trapezoid(density)
    return 100 * max(float(weight @ (straight - loss)) / float(weight @ straight), 0.0)


def trapezoid(density: Array) -> Array:
    """Weights of the trapezoid rule at TIMES under a density, up to the step."""
    out: Array = density * np.where((TIMES == 0) | (TIMES == 1), 0.5, 1.0)
    return out


SCENE = IrreducibleLoss
