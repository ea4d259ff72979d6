"""The laws that the tests of measures on samples share."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.slow import finish
from dgm_studio.data.law import Law
from dgm_studio.data.laws import MixtureLaw
from dgm_studio.data.mixture import Mixture
from dgm_studio.measures.measure import Measure

ROUND = np.eye(2)
TILTED, FLAT = np.array([[1.0, 0.5], [0.5, 1.0]]), np.array([[2.0, 0.0], [0.0, 0.3]])


def gaussian(mean: tuple[float, ...], covariance: Array | float = 1.0) -> MixtureLaw:
    """N(mean, covariance), or a multiple of the identity."""
    matrix = covariance * np.eye(len(mean)) if isinstance(covariance, float) else np.asarray(covariance, dtype=float)
    return MixtureLaw(Mixture(np.ones(1), np.array([mean], dtype=float), matrix[None]))


def mixture(weights: list[float], means: Array, covariances: Array) -> MixtureLaw:
    """A mixture law."""
    return MixtureLaw(Mixture(np.array(weights), np.asarray(means, dtype=float), np.asarray(covariances, dtype=float)))


def estimate(measure: Measure, way: str, x: Array, y: Array, p: Law | None = None, q: Law | None = None) -> float:
    """One estimator's value on two clouds, whose laws matter to few."""
    law = gaussian((0.0,) * x.shape[1])
    (one,) = (one for one in measure.estimators if one.id == way)
    return finish(one.function(x, y, p or law, q or law, np.random.default_rng(0)))
