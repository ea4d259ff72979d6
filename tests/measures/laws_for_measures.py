"""Laws that the tests of measures share: Gaussians and mixtures, given by few numbers."""

from __future__ import annotations

import numpy as np

from dgm_studio.data.laws import MixtureLaw
from dgm_studio.data.mixture import Mixture


def bells(*parts: tuple[float, float, float]) -> MixtureLaw:
    """A mixture on the line of (weight, mean, std)."""
    weights, means, stds = (np.array(column) for column in zip(*parts, strict=True))
    return MixtureLaw(Mixture(weights / weights.sum(), means[:, None], (stds**2)[:, None, None]))


def normal(mean: float, std: float) -> MixtureLaw:
    """N(mean, std^2)."""
    return bells((1.0, mean, std))


def random_normal(dim: int, rng: np.random.Generator) -> MixtureLaw:
    """A Gaussian of random mean and covariance, whose standard deviations lie between some 0.5 and 2."""
    turn = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    covariance = turn @ np.diag(np.exp(rng.uniform(-1.2, 1.2, dim))) @ turn.T
    return MixtureLaw(Mixture(np.ones(1), rng.normal(size=(1, dim)), ((covariance + covariance.T) / 2)[None]))
