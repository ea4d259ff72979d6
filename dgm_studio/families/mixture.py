"""The Gaussian mixture, fitted by expectation maximisation: one E beat, one M beat, and no gradient."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.capabilities import refuse_noised
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.ellipses import contours
from dgm_studio.families.parts.seeding import nearest, plus_plus
from dgm_studio.families.showing import Bars, Fact, Structure
from dgm_studio.solvers.solver import State

FULL, DIAGONAL, SPHERICAL, TIED = "full", "diagonal", "spherical", "tied"
PLUS_PLUS, RANDOM = "k-means++", "random"
LOG_LIKELIHOOD, BOUND = "log-likelihood", "lower bound"

ROWS = 65_536
"""Points times components that one slice of the density works on."""

SEEDS = 4096
"""Points among which the first means are sought: more would only cost time."""

FEW = 1e-10
"""A component that owns less than this share of the data keeps its place: its new mean would be rounding."""

LEAST_UNIT = 1e-6
"""The data's variance counts as this at least: equal points have none."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    components: int = knob(8, "Components", "Gaussians in the mixture (k).", low=1, high=64, log=True)
    covariance: str = knob(
        FULL, "Covariance", "What shape each Gaussian may take.",
        choices=(
            Choice(FULL, "Full", "Any ellipse, one for each component."),
            Choice(DIAGONAL, "Diagonal", "Ellipses along the axes."),
            Choice(SPHERICAL, "Spherical", "Circles, each of its own size."),
            Choice(TIED, "Tied", "One ellipse for all components."),
        ),
    )  # fmt: skip
    start: str = knob(
        PLUS_PLUS, "Start", "Where the means begin.",
        choices=(
            Choice(PLUS_PLUS, "k-means++", "Points far from those taken before: the best of a few draws each time."),
            Choice(RANDOM, "Random points", "Training points drawn at random: often two share a cluster."),
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    batch: int = knob(
        16_384, "Points per E", "Points an E beat sees; all of them, so that EM cannot get worse, where it holds more.",
        low=16, high=65_536, log=True,
    )  # fmt: skip
    floor: float = knob(
        1e-4, "Variance floor", "Least variance in any direction, in units of the data's: none may close on one point.",
        low=1e-6, high=1.0, log=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Sampling:
    """How it is sampled."""

    spread: float = knob(
        1.0, "Spread", "Multiplies each component's standard deviation; 0 shows the means.", low=0.0, high=2.0
    )


class MixtureModel(Family):
    """p(x) = sum_k pi_k N(x; mu_k, Sigma_k), z the component (lecture 3).

    E: r_ik = p(z = k | x_i). M: pi, mu, Sigma maximise E_r log p(x, z) among covariances whose eigenvalues are at
    least the floor (clipping them is the exact maximiser), so log p never falls: log p(theta) = bound(r, theta) <=
    bound(r, theta') <= log p(theta'). Dempster, Laird and Rubin, 1977; Bishop, 2006, chapter 9.

    What the M beat needs is kept in buffers: means over the points of r, r (x - mu) and r (x - mu)(x - mu)^T with the
    E beat's mu (no digits are lost where data lie far from 0), the entropy of r, and the data's variance per axis.
    """

    card = Card(
        id="mixture",
        title="Gaussian mixture",
        summary="A few Gaussians, fitted by EM: guess who made each point, then fit each Gaussian to its own.",
        lecture="3",
        paper="Dempster et al., 1977",
        formula="p(x) = Σ_k π_k N(x; μ_k, Σ_k)",
        shows=("log_prob", "facts", "bars", "structure"),
        facts=(("structure", "Components"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("mixture", "Gaussian mixture", "Eight free ellipses from k-means++.", "3", "Dempster et al., 1977"),
        Preset(
            "many-gaussians", "Many Gaussians", "32 components: enough to follow a curve.", "3",
            "Dempster et al., 1977", {"components": 32},
        ),
        Preset(
            "bad-start", "Random start", "Means at random points: EM climbs to a local maximum and stays.", "3",
            "Dempster et al., 1977", {"start": RANDOM},
        ),
        Preset(
            "soft-k-means", "Soft k-means", "Circles only: k-means with shares instead of choices.", "3",
            "Arthur and Vassilvitskii, 2007", {"covariance": SPHERICAL},
        ),
    )  # fmt: skip
    log_prob_kind = "exact"
    weights: Tensor
    means: Tensor
    covariances: Tensor
    started: Tensor
    mass: Tensor
    first: Tensor
    second: Tensor
    entropy: Tensor
    unit: Tensor
    shown_weights: Tensor
    shown_means: Tensor
    shown_covariances: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        k = design.components
        for kind in ("", "shown_"):  # shown: the parameters of the last E beat, whose responsibilities are drawn
            self.register_buffer(f"{kind}weights", torch.empty(k))
            self.register_buffer(f"{kind}means", torch.empty(k, dim))
            self.register_buffer(f"{kind}covariances", torch.empty(k, dim, dim))
        self.register_buffer("mass", torch.empty(k))
        self.register_buffer("first", torch.empty(k, dim))
        self.register_buffer("second", torch.empty(k, dim, dim))
        self.register_buffer("entropy", torch.empty(()))
        self.register_buffer("unit", torch.empty(()))
        self.register_buffer("started", torch.empty((), dtype=torch.bool))

    def fill(self, generator: torch.Generator) -> None:
        """Equal unit Gaussians at the origin, until data are seen."""
        for name, buffer in self.named_buffers():
            buffer.zero_()
            if name.endswith("weights"):
                buffer.fill_(1 / self.design.components)
            elif name.endswith("covariances"):
                buffer.copy_(torch.eye(self.dim))

    # Training.

    def beats(self, training: Any) -> tuple[str, ...]:
        """Expectation, maximisation."""
        return ("E", "M")

    @torch.no_grad()
    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """E gives the average log-likelihood, M the lower bound between it and the next, in nats a point."""
        if name == "M":
            return {BOUND: self._maximise(fit.training.floor * float(self.unit))}
        self.unit.copy_(fit.points.var(0, unbiased=False).mean().clamp_min(LEAST_UNIT))
        if not bool(self.started):
            self._begin(fit)
        x = fit.points
        if len(x) > fit.training.batch:
            drawn = torch.randperm(len(x), generator=fit.generator, device=fit.device)
            x = x[drawn[: fit.training.batch]]
        return {LOG_LIKELIHOOD: self._expect(x)}

    def _begin(self, fit: Fit) -> None:
        """Means at points of the data, one round variance: the mean square distance to the nearest of them."""
        k = self.design.components
        x = fit.points[torch.randperm(len(fit.points), generator=fit.generator, device=fit.device)[:SEEDS]]
        if self.design.start == PLUS_PLUS:
            means = plus_plus(x, k, fit.generator)
        else:
            means = x[torch.randint(len(x), (k,), generator=fit.generator, device=fit.device)]
        variance = (nearest(x, means).mean() / self.dim).clamp_min(fit.training.floor * float(self.unit))
        self.means.copy_(means)
        self.covariances.copy_(variance * torch.eye(self.dim, device=self.device, dtype=self.dtype))
        self.started.fill_(True)

    def _expect(self, x: Tensor) -> Tensor:
        """Responsibilities of points (n, d), kept as means over them; the average log p(x)."""
        log_p, r = posterior(self._joint(x))
        r = r / len(x)
        gap = x.T.contiguous() - self.means[:, :, None]
        owned = gap * r[:, None]
        self.mass.copy_(r.sum(1))
        self.first.copy_(owned.sum(2))
        self.second.copy_(owned @ gap.mT)
        # At these parameters the bound is the log-likelihood itself, which gives the entropy without another pass.
        self.entropy.copy_(log_p.mean() - self._complete(self.second))
        for own in ("weights", "means", "covariances"):
            getattr(self, f"shown_{own}").copy_(getattr(self, own))
        return log_p.mean()

    def _maximise(self, floor: float) -> Tensor:
        """New weights, means and covariances from the means of the E beat; the lower bound there."""
        owned = (self.mass > FEW)[:, None]
        step = torch.where(owned, self.first / self.mass[:, None].clamp_min(FEW), 0.0)
        # Around the new mean: E (x - mu')(x - mu')^T = E (x - mu)(x - mu)^T - step step^T, each times the mass; where
        # the mean stays, so does the scatter around it.
        scatter = self.second - self.mass[:, None, None] * step[:, :, None] * step[:, None, :]
        self.weights.copy_(self.mass / self.mass.sum())
        self.means.add_(step)
        shaped = self._shaped(scatter, floor)
        self.covariances.copy_(torch.where(owned[:, :, None], shaped, self.covariances))
        return self._complete(scatter) + self.entropy

    def _complete(self, scatter: Tensor) -> Tensor:
        """E_r log p(x, z) (0-d) at the present parameters, for scatter matrices (k, d, d) around the present means."""
        chol = torch.linalg.cholesky(self.covariances)
        trace = (torch.cholesky_inverse(chol) * scatter).sum((1, 2))
        found: Tensor = (torch.special.xlogy(self.mass, self.weights) - self.mass * _log_norm(chol) - 0.5 * trace).sum()
        return found

    def _shaped(self, scatter: Tensor, floor: float) -> Tensor:
        """The maximising covariances (k, d, d) of the design's kind from scatter matrices (k, d, d)."""
        kind, eye = self.design.covariance, torch.eye(self.dim, device=self.device, dtype=self.dtype)
        if kind == TIED:
            return clipped(scatter.sum(0) / self.mass.sum(), floor).expand_as(scatter)
        own = scatter / self.mass[:, None, None].clamp_min(FEW)
        if kind == FULL:
            return clipped(own, floor)
        variances = own.diagonal(dim1=1, dim2=2)
        if kind == SPHERICAL:
            variances = variances.mean(1, keepdim=True)
        return variances.clamp_min(floor)[:, :, None] * eye

    # The model.

    def _joint(self, x: Tensor) -> Tensor:
        return log_joint(x, self.weights, self.means, self.covariances)

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """log p(x) (n,) in nats, exact; only at t = 1. The spread, a change of the sampler, is not in it."""
        refuse_noised(self.card, t)
        found = []
        for part in torch.split(x, max(1, ROWS // self.design.components)):
            found.append(posterior(self._joint(part))[0])
            yield
        return torch.cat(found)

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """N(0, I), (n, d)."""
        return torch.randn((n, self.dim), generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Noise eps, then mu_z with z drawn from pi, then mu_z + L_z eps, Sigma = L L^T."""
        yield State(0.0, start)
        which = torch.multinomial(self.weights, len(start), replacement=True, generator=generator)
        yield State(0.5, self.means[which])
        chol = sampling.spread * torch.linalg.cholesky(self.covariances)
        yield State(1.0, self.means[which] + torch.einsum("nij,nj->ni", chol[which], start), evaluations=1)

    def frames(self, sampling: Any) -> int:
        """Noise, means, samples."""
        return 3

    # What it shows.

    def free_numbers(self) -> int:
        """Free parameters: weights that sum to 1, means, covariances of the kind."""
        k, d = self.design.components, self.dim
        shape = d * (d + 1) // 2
        shapes = {FULL: k * shape, TIED: shape, DIAGONAL: k * d, SPHERICAL: k}
        return int(k - 1 + k * d + shapes[self.design.covariance])

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """Likelihood, its price in parameters, how sure the responsibilities are."""
        n, k = len(points), self.design.components
        log_p = yield from self.log_prob(points, sampling, generator)
        total, free = float(log_p.double().sum()), self.free_numbers()
        used = int((self.weights > 0.1 / k).sum())
        return (
            Fact("Log-likelihood", f"{total / n:.3f} nats", "Average log p(x) of the training points."),
            Fact("Parameters", f"{free:,}", "Free numbers: weights, means, covariances."),
            Fact("BIC", f"{free * math.log(n) - 2 * total:,.0f}", "Parameters x log n - 2 log p: lower is better."),
            Fact("Components in use", f"{used} of {k}", "Those with more than a tenth of an equal weight."),
        )

    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """The weights."""
        yield
        return Bars("Weights", self.weights.clone(), unit="share", note="π_k, which sum to 1")

    def structure(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Structure]:
        """Ellipses at 1 and 2 sigma, means, and the responsibilities of the last E beat as shares."""
        shares = []
        for part in torch.split(points, max(1, ROWS // self.design.components)):
            joint = log_joint(part, self.shown_weights, self.shown_means, self.shown_covariances)
            shares.append(posterior(joint)[1].T)
            yield
        return Structure(
            lines=tuple(line for m, s in zip(self.means, self.covariances, strict=True) for line in contours(m, s)),
            dots=self.means.clone(),
            weights=self.weights / self.weights.max(),
            shares=torch.cat(shares) if bool(self.started) else None,
            note="1 and 2 sigma; colours are the last E step's responsibilities",
        )


def log_joint(x: Tensor, weights: Tensor, means: Tensor, covariances: Tensor) -> Tensor:
    """log pi_k + log N(x; mu_k, Sigma_k), a row for each component (k, n), at points (n, d)."""
    chol = torch.linalg.cholesky(covariances)
    eye = torch.eye(x.shape[1], device=x.device, dtype=x.dtype).expand_as(chol)
    # Inverse factors are small, and one product for all points is cheaper than a solve a point.
    white = torch.linalg.solve_triangular(chol, eye, upper=False) @ (x.T.contiguous() - means[:, :, None])
    found: Tensor = (weights.log() - _log_norm(chol))[:, None] - 0.5 * white.square_().sum(1)
    return found


def posterior(joint: Tensor) -> tuple[Tensor, Tensor]:
    """log p(x) (n,) and p(z = k | x) (k, n) from log p(x, z = k) (k, n).

    A component e^60 times less likely than the best counts as e^-60 of it, far below rounding: numbers smaller than
    that are denormal, which makes their exponentials twenty times slower.
    """
    top = joint.amax(0)
    share = (joint - top).clamp_min_(-60.0).exp_()
    total = share.sum(0)
    return top + total.log(), share / total


def _log_norm(chol: Tensor) -> Tensor:
    """log of (2 pi)^(d/2) |Sigma|^(1/2) (k,) from lower factors (k, d, d)."""
    return chol.diagonal(dim1=1, dim2=2).log().sum(1) + 0.5 * chol.shape[1] * math.log(2 * math.pi)


def clipped(covariance: Tensor, floor: float) -> Tensor:
    """Covariances (..., d, d) with their eigenvalues raised to at least `floor`."""
    values, vectors = torch.linalg.eigh(covariance)
    found: Tensor = (vectors * values.clamp_min(floor)[..., None, :]) @ vectors.mT
    return found


FAMILY = MixtureModel
