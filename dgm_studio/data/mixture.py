"""Gaussian mixtures: the data whose every noised marginal is known in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array


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
        which = rng.choice(len(self.weights), size=n, p=self.weights)
        roots = np.linalg.cholesky(self.covariances) if not self.is_finite_data else self.covariances
        noise = rng.standard_normal((n, self.dim))
        points = self.means[which] + np.einsum("nij,nj->ni", roots[which], noise)
        return points.astype(np.float32), which.astype(np.int64)

    def log_density(self, points: Array) -> Array:
        """log p(x) in nats at points (n, d) -> (n,)."""
        chol = np.linalg.cholesky(self.covariances)
        gaps = np.asarray(points, dtype=np.float64)[:, None, :] - self.means[None]
        # One inverse a component and one product are cheaper than a solve a point; the factors are small.
        white = np.einsum("kij,nkj->nki", np.linalg.inv(chol), gaps)
        log_norm = np.log(np.diagonal(chol, axis1=1, axis2=2)).sum(1) + 0.5 * self.dim * np.log(2 * np.pi)
        parts = np.log(self.weights) - log_norm - 0.5 * (white**2).sum(-1)
        top = parts.max(axis=1)
        return np.asarray(top + np.log(np.exp(parts - top[:, None]).sum(axis=1)))
