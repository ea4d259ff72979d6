"""Mean and covariance of laws and clouds, and the distance of the Gaussians that have them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Law
from dgm_studio.data.mixture import Mixture


@dataclass(frozen=True, eq=False)
class Moments:
    """mean (d,) and covariance (d, d), float64; the covariance may be singular."""

    mean: Array
    covariance: Array


def moments_of_cloud(x: Array) -> Moments:
    """Of points (n, d), n >= 2: the covariance is divided by n - 1."""
    mean = x.mean(axis=0)
    gap = x - mean
    return Moments(mean, gap.T @ gap / (len(x) - 1))


def moments_of_law(law: Law) -> Moments | None:
    """Exact for mixtures and discrete laws; None for others."""
    mixture = as_mixture(law)
    if mixture is None:
        return None
    weights = mixture.weights / mixture.weights.sum()
    mean = weights @ mixture.means
    gap = mixture.means - mean
    return Moments(mean, np.einsum("k,kij->ij", weights, mixture.covariances) + np.einsum("k,ki,kj", weights, gap, gap))


def as_mixture(law: Law) -> Mixture | None:
    """The law as a Gaussian mixture, whose covariances are zero where it is discrete."""
    mixture, atoms = law.mixture(), law.atoms()
    if mixture is not None or atoms is None:
        return mixture
    points, weights = atoms
    return Mixture(np.asarray(weights), np.asarray(points), np.zeros((len(points), law.dim, law.dim)))


def frechet2(p: Moments, q: Moments) -> float:
    """|m_p - m_q|^2 + tr(S_p + S_q - 2 (S_p^1/2 S_q S_p^1/2)^1/2): the squared Frechet (Bures) distance, never below 0.

    It is W2^2 between the Gaussians of these moments (Dowson and Landau, 1982; lecture 6).
    """
    gap, one, other = p.mean - q.mean, _root(p.covariance), _root(q.covariance)
    # The trace is min over orthogonal U of |S_p^1/2 - S_q^1/2 U|^2 (Bhatia, Jain and Lim, 2019): a difference of roots,
    # squared, keeps its digits where the covariances are nearly equal.
    left, _, right = np.linalg.svd(other @ one)
    spread = np.square(one - other @ left @ right).sum()
    return float(gap @ gap + spread)


def cross_root(p: Array, q: Array, add: float = 0.0) -> Array:
    """(P^1/2 Q P^1/2 + add I)^1/2 of symmetric non-negative matrices (d, d)."""
    half = _root(p)
    return _root(half @ q @ half + add * np.eye(len(p)))


def _root(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)
