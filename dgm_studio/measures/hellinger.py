"""The squared Hellinger distance: one minus the overlap of the roots of two densities."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import NONE
from dgm_studio.measures import gaussians
from dgm_studio.measures.measure import DENSITIES, SAMPLES, Estimator
from dgm_studio.measures.neighbour_estimates import KNN_MOST, POWER_BIAS, knn_hellinger
from dgm_studio.measures.on_densities import Pointwise
from dgm_studio.measures.partition import HISTOGRAM_BIAS, histogram
from dgm_studio.measures.ratio_estimates import KDE_BIAS, KDE_MOST, KDE_QUICK, kde, monte_carlo


class Hellinger(Pointwise):
    """1 - BC, BC = int sqrt(p q) the Bhattacharyya coefficient; in [0, 1]."""

    card = Card(
        id="hellinger",
        title="Squared Hellinger",
        summary="One minus the overlap of the densities' roots; 1 as soon as p and q share no point.",
        lecture="5",
        paper="Hellinger, 1909; Bhattacharyya, 1943",
        formula="1 − ∫ √(p(x) q(x)) dx",
        needs=(DENSITIES, SAMPLES),
        facts=(("unit", NONE), ("symmetric", True)),
    )
    apart: ClassVar[float] = 1.0

    def integrand(self, log_p: Array, log_q: Array) -> Array:
        """See `hellinger_density`."""
        return hellinger_density(log_p, log_q)

    def of_gaussians(self, p: gaussians.Normal, q: gaussians.Normal) -> float | None:
        """See gaussians.hellinger."""
        return gaussians.hellinger(p, q)


def hellinger_density(log_p: Array, log_q: Array) -> Array:
    """1/2 (sqrt p - sqrt q)^2 (n,), which integrates to 1 - BC without cancellation."""
    out: Array = 0.5 * np.square(np.exp(log_p / 2) - np.exp(log_q / 2))
    return out


def hellinger_of_ratio(at_x: Array, at_y: Array) -> float:
    """1 minus the mean of sqrt(p q) / m = 1 / cosh(ratio / 2) under m = (p + q) / 2, which is bounded by 1."""
    overlap = (1 / np.cosh(np.clip(ratio, -1400, 1400) / 2) for ratio in (at_x, at_y))
    return 1 - 0.5 * sum(float(one.mean()) for one in overlap)


MEASURE = Hellinger()
Hellinger.estimators = (
    Estimator("knn", "Nearest neighbours", knn_hellinger, POWER_BIAS, most=KNN_MOST),
    Estimator("histogram", "Histogram", histogram(hellinger_density), HISTOGRAM_BIAS),
    Estimator("kde", "Kernel density", kde(hellinger_of_ratio), KDE_BIAS, most=KDE_MOST, quick=KDE_QUICK),
    Estimator("monte-carlo", "Monte Carlo, both densities", monte_carlo(hellinger_of_ratio)),
)
