"""Gaussian mixtures: the data whose every noised marginal is known in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dgm_studio.core.arrays import Array

REACH = 7.5
"""Standard deviations outside which a Gaussian has 6e-14 of its mass."""
TICKS, STEPS = 513, 60
"""Of the table a quantile starts from; the most steps it takes: bisection alone ends in fewer."""


@dataclass(frozen=True, eq=False)
class Mixture:
    """sum_k w_k N(m_k, S_k): weights (k,), means (k, d), covariances (k, d, d), float64.

    Zero covariances make it a finite data set (the empirical measure), which has no density.
    """

    weights: Array
    means: Array
    covariances: Array

    @property
    def dim(self) -> int:
        """Dimension d of the points."""
        return int(self.means.shape[1])

    @property
    def is_finite_data(self) -> bool:
        """True where the components are points."""
        return not self.covariances.any()

    @staticmethod
    def isotropic(means: Array, std: float) -> Mixture:
        """Equal weights, the same std for all."""
        means = np.asarray(means, dtype=np.float64)
        k, d = means.shape
        return Mixture(np.full(k, 1 / k), means, np.broadcast_to(std**2 * np.eye(d), (k, d, d)).copy())

    @staticmethod
    def of_points(points: Array) -> Mixture:
        """The empirical measure of points (n, d)."""
        return Mixture.isotropic(points, 0.0)

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """n samples (n, d) float32 and the component each came from (n,)."""
        points, which = self.sample(n, rng)
        return points.astype(np.float32), which

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """As `draw`, unrounded: float64, of which no two are alike."""
        which = rng.choice(len(self.weights), size=n, p=self.weights)
        roots = np.linalg.cholesky(self.covariances) if not self.is_finite_data else self.covariances
        noise = rng.standard_normal((n, self.dim))
        points = self.means[which] + np.einsum("nij,nj->ni", roots[which], noise)
        return points, which.astype(np.int64)

    def log_density(self, points: Array) -> Array:
        """log p(x) in nats at points (n, d) -> (n,)."""
        parts, _ = self._parts(points)
        top = parts.max(axis=1)
        return np.asarray(top + np.log(np.exp(parts - top[:, None]).sum(axis=1)))

    def score(self, points: Array) -> Array:
        """grad log p(x) = sum_k r_k(x) S_k^-1 (m_k - x), r_k the responsibilities, at points (n, d) -> (n, d)."""
        parts, whitened = self._parts(points)
        shares = np.exp(parts - parts.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        pull = np.einsum("kji,nkj->nki", self._whitening[0], whitened)
        return np.asarray(-np.einsum("nk,nki->ni", shares, pull))

    def likeliest(self, points: Array) -> Array:
        """The component that most likely made each of points (n, d): argmax_k w_k N(x; m_k, S_k), (n,)."""
        return np.asarray(self._parts(points)[0].argmax(axis=1))

    def box(self) -> tuple[tuple[float, float], ...]:
        """(low, high) along each axis: every component's mean and REACH standard deviations of it."""
        room = REACH * np.sqrt(np.diagonal(self.covariances, axis1=1, axis2=2))
        low, high = (self.means - room).min(axis=0), (self.means + room).max(axis=0)
        return tuple(zip(low.tolist(), high.tolist(), strict=True))

    def distribution(self, x: Array) -> Array:
        """On the line: F(x) = sum_k w_k Phi((x - m_k) / s_k) at x (n,) -> (n,)."""
        from scipy.special import ndtr

        std = np.sqrt(self.covariances[:, 0, 0])
        return np.asarray(ndtr((np.asarray(x)[:, None] - self.means[:, 0]) / std) @ self.weights)

    def quantile(self, levels: Array) -> Array:
        """On the line: F^-1 at levels (n,) in (0, 1) -> (n,), by Newton's steps kept inside a closing bracket."""
        from scipy.special import ndtri

        levels = np.asarray(levels, dtype=np.float64)
        if len(self.weights) == 1:
            return np.asarray(self.means[0, 0] + np.sqrt(self.covariances[0, 0, 0]) * ndtri(levels))
        ((low, high),) = self.box()
        ticks = np.linspace(low, high, TICKS)
        # Where the table is flat (tails, gaps) a level may lie anywhere between two ticks: hence the bracket.
        after = np.clip(np.searchsorted(self.distribution(ticks), levels), 1, TICKS - 1)
        left, right = ticks[after - 1], ticks[after]
        x = (left + right) / 2
        for _ in range(STEPS):
            excess = self.distribution(x) - levels
            left, right = np.where(excess < 0, x, left), np.where(excess < 0, right, x)
            with np.errstate(over="ignore", invalid="ignore"):  # where the density is 0 the bracket decides
                newton = x - excess * np.exp(-self.log_density(x[:, None]))
            inside = (newton >= left) & (newton <= right)
            best = np.where(inside, newton, (left + right) / 2)
            if np.abs(best - x).max(initial=0.0) <= 1e-14 * (high - low):
                return np.asarray(best)
            x = best
        return np.asarray(x)

    def _parts(self, points: Array) -> tuple[Array, Array]:
        """log(w_k N(x; m_k, S_k)) (n, k), and L_k^-1 (x - m_k) (n, k, d) for S_k = L_k L_k^T."""
        inverse, peaks = self._whitening
        gaps = np.asarray(points, dtype=np.float64)[:, None, :] - self.means[None]
        white = gaps * inverse[:, 0, 0, None] if self.dim == 1 else np.einsum("kij,nkj->nki", inverse, gaps)
        return peaks - 0.5 * (white**2).sum(-1), white

    @cached_property
    def _whitening(self) -> tuple[Array, Array]:
        """L_k^-1 (k, d, d) and log(w_k N(m_k; m_k, S_k)) (k,): a curve, a quadrature, a grip ask for them in turn.

        One inverse a component and one product are cheaper than a solve a point; the factors are small.
        """
        chol = np.linalg.cholesky(self.covariances)
        log_norm = np.log(np.diagonal(chol, axis1=1, axis2=2)).sum(1) + 0.5 * self.dim * np.log(2 * np.pi)
        with np.errstate(divide="ignore"):  # a component without weight is no component
            return np.linalg.inv(chol), np.log(self.weights) - log_norm
