"""The flow-matching loss that nobody can remove, against t: why logit-normal times (lecture 12, second course)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
from dgm_studio.lab.scenes.moments import Moments, doubts, means
from dgm_studio.lab.scenes.small_scene import SmallScene
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.straight import Straight

DATA = ("eight-gaussians", "two-gaussians", "grid-25", "gaussian")
TIMES = np.linspace(0.0, 1.0, 41)
PAIRS = 1_000
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
        summary="flow matching against t: why logit-normal",
        lecture="12",
        paper="Lipman et al., 2023; Esser et al., 2024",
        formula="min E‖x₁ − x₀ − v(xₜ, t)‖² = E Var(x₁ − x₀ | xₜ)",
    )
    declared = Knobs
    place = 3

    def __init__(self, knobs: Knobs, seed: int = 0) -> None:
        super().__init__(knobs, seed)
        data = data_sets()[knobs.data]
        assert isinstance(data, MixtureSet)  # DATA lists only these
        self.mixture = data.mixture()
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
            yield

    def sketch(self) -> Sketch:
        """Losses against t, what there is to learn, and the densities of both kinds of times."""
        loss, doubt = means(self.found), doubts(self.found)
        straight = affine_loss(covariance(self.mixture), TIMES)
        left = np.maximum(straight - loss, 0.0)
        fine = np.linspace(0.0, 1.0, FINE + 1)
        density = logit_normal_density(fine, self.knobs.location, self.knobs.scale)
        losses = [
            line("Irreducible", "accent", TIMES, loss, doubt=doubt, band=(np.zeros_like(loss), loss)),
            line("Best affine velocity", "data", TIMES, straight),
        ]
        if len(self.mixture.weights) == 1:
            losses.append(line("Exact irreducible", "exact", TIMES, straight, DASHED))
        else:
            ends = self.ends()
            losses.append(line("Exact at both ends", "exact", (0.0, 1.0), ends, DASHED))
        plots = (
            Plot("Flow-matching loss", "path time t: 0 noise, 1 data", "squared error, summed over axes",
                 tuple(losses), low=0.0),
            Plot("What is left to learn", "path time t", "affine loss − irreducible loss",
                 (line("Beyond a straight line", "sample", TIMES, left, doubt=doubt,
                       band=(np.zeros_like(left), left)),), low=0.0),
            Plot("Where training looks", "path time t", "density of t",
                 (line("Uniform", "data", (0.0, 1.0), (1.0, 1.0), DASHED),
                  line("Logit-normal", "accent", fine, density, band=(np.zeros_like(density), density))), low=0.0),
        )  # fmt: skip
        uniform = weighted(np.ones_like(TIMES), straight, loss, doubt)
        normal = weighted(logit_normal_density(TIMES, self.knobs.location, self.knobs.scale), straight, loss, doubt)
        readings = (
            Reading("Uniform: to learn, % of loss", *uniform, None, "%",
                    "Of the loss of the best affine velocity, averaged over uniform t: the share that can be learned."),
            Reading("Logit-normal: to learn", *normal, None, "%",
                    "The same, averaged over logit-normal t: the more, the less of a gradient is noise."),
            Reading("Irreducible at t = 0", loss[0], doubt[0], self.ends()[0], "",
                    "Var x₁: at pure noise nothing tells which datum."),
            Reading("Irreducible at t = 1", loss[-1], doubt[-1], self.ends()[1], "",
                    "Var x₀: at the datum nothing tells which noise."),
        )  # fmt: skip
        return Sketch(plots, readings, self._caption(uniform[0], normal[0]), self.found[0].count)

    def ends(self) -> tuple[float, float]:
        """Exact irreducible loss at t = 0 and 1: the data's total variance, and that of the noise."""
        return float(np.trace(covariance(self.mixture))), float(self.mixture.dim)

    def _caption(self, uniform: float, normal: float) -> str:
        if len(self.mixture.weights) == 1:
            return "For one Gaussian the best velocity is affine at every t: beyond that nothing is left to learn."
        return (
            "At both ends the best velocity is a straight line in xₜ (mean of the data less the noise; the datum less "
            "the mean noise), yet the loss there is largest, and none of it can be learned: noise in every gradient. "
            f"The middle is where a network is needed. Of uniform times {uniform:.0f} % of the loss can be learned, of "
            f"these logit-normal ones {normal:.0f} %."
        )


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
    weight = density * np.where((TIMES == 0) | (TIMES == 1), 0.5, 1.0)
    total = float(weight @ straight)
    share = float(weight @ (straight - loss)) / total
    return 100 * max(share, 0.0), 100 * float(np.sqrt(((weight * doubt) ** 2).sum())) / total


SCENE = IrreducibleLoss
