"""Probabilistic PCA: a Gaussian latent variable on a line or plane through the data, and round noise."""

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
from dgm_studio.families.showing import Fact, Structure
from dgm_studio.nets.init import normal_
from dgm_studio.solvers.solver import State

CLOSED, EM = "closed", "em"
LOG_LIKELIHOOD, BOUND = "log-likelihood", "lower bound"
CHUNK = 16_384
REACH = 3.0
"""The latent line is drawn for |z| up to this."""

LEAST_FLOOR = 1e-6
"""Less noise than this share of the variance makes C singular in single precision."""

LEAST_UNIT = 1e-6
"""The data's variance counts as this at least: equal points have none."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    latent: int = knob(
        1, "Latent dimension", "Coordinates of z (q); with as many as the data's columns it is any Gaussian.",
        low=1, high=16,
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    method: str = knob(
        CLOSED, "Method", "How the likelihood is maximised.",
        choices=(
            Choice(CLOSED, "Closed form", "Eigenvectors of the covariance: the maximum in one step."),
            Choice(EM, "EM", "Posterior of z, then regression of x on z: climbs to the same maximum."),
        ),
    )  # fmt: skip
    floor: float = knob(
        1e-5, "Noise floor", "Least sigma^2 in units of the data's variance, for data that have no noise.",
        low=LEAST_FLOOR, high=1.0, log=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Sampling:
    """How it is sampled."""

    decoder_noise: bool = knob(True, "Decoder noise", "Draw x from p(x|z); off shows its mean, on the latent line.")


class PPCA(Family):
    """x = W z + mu + sigma eps, z ~ N(0, I_q): p(x) = N(x; mu, C), C = W W^T + sigma^2 I (lecture 3).

    Closed form (Tipping and Bishop, 1999, equations 14 and 15): W = U_q (Lambda_q - sigma^2 I)^(1/2), sigma^2 the mean
    of the discarded eigenvalues of the data's covariance (over n), or the floor if that is larger. EM (their appendix
    B), M = W^T W + sigma^2 I: E: z_i = M^-1 W^T (x_i - mu), cov = sigma^2 M^-1; M: W = A B^-1 with A = E (x - mu) z^T,
    B = E z z^T. mu is the data's mean, the best for every W. A linear VAE's ELBO has this maximum (Lucas et al., 2019).
    """

    card = Card(
        id="ppca",
        title="Probabilistic PCA",
        summary="A line through the data with round noise: the linear VAE's limit, solved on paper.",
        lecture="3",
        paper="Tipping and Bishop, 1999",
        formula="p(x) = N(x; μ, W Wᵀ + σ² I)",
        shows=("log_prob", "latent", "facts", "structure"),
        facts=(("structure", "Latent line"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("ppca", "Probabilistic PCA", "One latent coordinate, in closed form.", "3", "Tipping and Bishop, 1999"),
        Preset(
            "ppca-em", "PPCA by EM", "The line turns towards the longest axis, E and M in turn.", "3",
            "Tipping and Bishop, 1999", {}, {"method": EM},
        ),
    )  # fmt: skip
    log_prob_kind = "exact"
    mean: Tensor
    weight: Tensor
    variance: Tensor
    cross: Tensor
    inner: Tensor
    total: Tensor
    entropy: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        q = design.latent
        self.register_buffer("mean", torch.empty(dim))
        self.register_buffer("weight", torch.empty(dim, q))
        self.register_buffer("variance", torch.empty(()))
        # What an E beat leaves to the M beat: A (d, q), B (q, q), E |x - mu|^2, the entropy of q(z|x).
        self.register_buffer("cross", torch.empty(dim, q))
        self.register_buffer("inner", torch.empty(q, q))
        self.register_buffer("total", torch.empty(()))
        self.register_buffer("entropy", torch.empty(()))

    def fill(self, generator: torch.Generator) -> None:
        """mu = 0, W random (0 would be a saddle of EM), sigma = 1."""
        for buffer in self.buffers():
            buffer.zero_()
        normal_(self.weight, 1.0, generator)
        self.variance.fill_(1.0)

    # Training.

    def beats(self, training: Any) -> tuple[str, ...]:
        """One solution, or expectation and maximisation."""
        return ("E", "M") if training.method == EM else ("solve",)

    @torch.no_grad()
    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """The average log-likelihood after solving or at an E beat; the M beat's lower bound; nats a point."""
        floor = fit.training.floor
        if name == "solve":
            covariance = self._centre(fit.points)
            weight, variance = optimum(covariance, self.design.latent, floor)
            self.weight.copy_(weight)
            self.variance.copy_(variance)
            return {LOG_LIKELIHOOD: expected_log_prob(covariance, self.weight, self.variance)}
        if name == "E":
            return {LOG_LIKELIHOOD: self._expect(fit.points)}
        return {BOUND: self._maximise(floor)}

    def _centre(self, points: Tensor) -> Tensor:
        """Move mu to the mean of points (n, d); their covariance (d, d) over n."""
        self.mean.copy_(points.mean(0))
        return covariance_of(points)

    def _expect(self, points: Tensor) -> Tensor:
        """The posterior of z at every point, kept as moments; the average log p(x)."""
        covariance = self._centre(points)
        gain, spread = self._posterior()
        z = (points - self.mean) @ gain.T
        self.cross.copy_((points - self.mean).T @ z / len(points))
        self.inner.copy_(spread + z.T @ z / len(points))
        self.total.copy_(covariance.trace())
        q = self.design.latent
        self.entropy.copy_(0.5 * (torch.linalg.slogdet(spread)[1] + q * (1 + math.log(2 * math.pi))))
        return expected_log_prob(covariance, self.weight, self.variance)

    def _maximise(self, floor: float) -> Tensor:
        """W and sigma^2 from the moments; E log p(x, z) + entropy there, the lower bound."""
        self.weight.copy_(torch.linalg.solve(self.inner, self.cross.T).T)
        explained = 2 * (self.weight * self.cross).sum() - (self.weight @ self.inner * self.weight).sum()
        left = self.total - explained
        self.variance.copy_((left / self.dim).clamp_min(floor * _unit(self.total / self.dim)))
        log_likelihood = self.dim * (2 * math.pi * self.variance).log() + left / self.variance
        log_prior = self.design.latent * math.log(2 * math.pi) + self.inner.trace()
        bound: Tensor = self.entropy - 0.5 * (log_likelihood + log_prior)
        return bound

    def _posterior(self) -> tuple[Tensor, Tensor]:
        """The gain M^-1 W^T (q, d) and the covariance sigma^2 M^-1 (q, q) of p(z|x)."""
        eye = torch.eye(self.design.latent, device=self.device, dtype=self.dtype)
        m = self.weight.T @ self.weight + self.variance * eye
        return torch.linalg.solve(m, self.weight.T), self.variance * torch.linalg.inv(m)

    # The model.

    @property
    def covariance(self) -> Tensor:
        """C = W W^T + sigma^2 I (d, d)."""
        return covariance_of_model(self.weight, self.variance)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variances (n, q) of p(z|x); EM's z may be rotated, then these are the marginal variances."""
        gain, spread = self._posterior()
        mean = (x - self.mean) @ gain.T
        return mean, spread.diagonal().log().expand_as(mean)

    def decode(self, z: Tensor) -> Tensor:
        """W z + mu (n, d)."""
        return z @ self.weight.T + self.mean

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """log p(x) (n,) in nats, exact; only at t = 1."""
        refuse_noised(self.card, t)
        chol = torch.linalg.cholesky(self.covariance)
        log_norm = 0.5 * self.dim * math.log(2 * math.pi) + chol.diagonal().log().sum()
        found = []
        for part in torch.split(x, CHUNK):
            white = torch.linalg.solve_triangular(chol, (part - self.mean).T, upper=False)
            found.append(-0.5 * white.square().sum(0) - log_norm)
            yield
        return torch.cat(found)

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """z from N(0, I), (n, q)."""
        shape = (n, self.design.latent)
        return torch.randn(shape, generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """z where it lives in the data's dimension, then W z + mu, then x from p(x|z) where noise is on."""
        if self.design.latent == self.dim:
            yield State(0.0, start)
        mean = self.decode(start)
        yield State(0.5 if sampling.decoder_noise else 1.0, mean, evaluations=1)
        if sampling.decoder_noise:
            noise = torch.randn(mean.shape, generator=generator, device=mean.device, dtype=mean.dtype)
            yield State(1.0, mean + self.variance.sqrt() * noise, evaluations=1)

    def frames(self, sampling: Any) -> int:
        """Noise where it can be drawn, the latent line, samples."""
        return (2 if self.design.latent == self.dim else 1) + int(sampling.decoder_noise)

    # What it shows.

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """sigma^2, explained variance, and the log-likelihood beside the best there is."""
        covariance, q = covariance_of(points), self.design.latent
        yield
        basis = torch.linalg.qr(self.weight)[0]
        share = float((basis.T @ covariance @ basis).trace() / covariance.trace())
        log_p = yield from self.log_prob(points, sampling, generator)
        best = float(expected_log_prob(covariance, *optimum(covariance, q, LEAST_FLOOR)))
        return (
            Fact("σ²", f"{float(self.variance):.4g}", "Variance of the round noise in every direction."),
            Fact("Explained variance", f"{100 * share:.1f} %", "Share of the data's variance along W."),
            Fact("Log-likelihood", f"{float(log_p.mean()):.4f} nats", "Average log p(x) of the training points."),
            Fact(
                "Best linear VAE's ELBO", f"{best:.4f} nats",
                "A linear VAE's bound is tight at its optimum, which is this model's closed form (Lucas et al., 2019).",
            ),
        )  # fmt: skip

    def structure(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Structure]:
        """Each principal axis of W W^T through the mean for |z| <= 3, and the 1 and 2 sigma ellipses of p(x)."""
        axes, lengths = torch.linalg.svd(self.weight, full_matrices=False)[:2]
        yield
        ends = REACH * (axes * lengths).T
        lines = tuple(torch.stack([self.mean - end, self.mean + end]) for end in ends)
        return Structure(
            lines=lines + contours(self.mean, self.covariance),
            dots=self.mean[None].clone(),
            weights=self.mean.new_ones(1),
            note=f"latent line for |z| ≤ {REACH:g}; 1 and 2 sigma of p(x)",
        )


def covariance_of(points: Tensor) -> Tensor:
    """The covariance (d, d) of points (n, d), over n: the maximum-likelihood one."""
    gap = points - points.mean(0)
    return gap.T @ gap / len(points)


def covariance_of_model(weight: Tensor, variance: Tensor) -> Tensor:
    """C = W W^T + sigma^2 I (d, d) from W (d, q)."""
    found: Tensor = weight @ weight.T + variance * torch.eye(len(weight), device=weight.device, dtype=weight.dtype)
    return found


def expected_log_prob(covariance: Tensor, weight: Tensor, variance: Tensor) -> Tensor:
    """E log p(x) (0-d) over points of mean mu and covariance S (d, d): -(d log 2 pi + log|C| + tr C^-1 S) / 2."""
    chol = torch.linalg.cholesky(covariance_of_model(weight, variance))
    trace = torch.cholesky_solve(covariance, chol).trace()
    found: Tensor = -0.5 * (len(weight) * math.log(2 * math.pi) + trace) - chol.diagonal().log().sum()
    return found


def optimum(covariance: Tensor, latent: int, floor: float) -> tuple[Tensor, Tensor]:
    """W (d, latent) and sigma^2 (0-d) of the greatest likelihood, sigma^2 at least floor times the mean variance, from
    the data's covariance (d, d); columns beyond the d-th are 0."""
    values, vectors = torch.linalg.eigh(covariance)
    dim, kept = len(values), min(latent, len(values))
    left = values[: dim - kept]
    mean = left.mean() if len(left) else values.new_zeros(())
    variance = mean.clamp_min(floor * _unit(values.mean()))
    weight = covariance.new_zeros(dim, latent)
    weight[:, :kept] = (vectors * (values - variance).clamp_min(0).sqrt()).flip(1)[:, :kept]
    return weight, variance


def _unit(variance: Tensor) -> float:
    """The data's variance per axis, in which the floor is measured."""
    return max(float(variance), LEAST_UNIT)


FAMILY = PPCA
