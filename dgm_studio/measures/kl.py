"""The Kullback-Leibler divergence: nats lost when q stands for p."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import NATS
from dgm_studio.measures import gaussians
from dgm_studio.measures.measure import DENSITIES, SAMPLES, Estimator
from dgm_studio.measures.neighbour_estimates import KL_BIAS, KNN_MOST, knn_kl
from dgm_studio.measures.on_densities import Pointwise, log_ratio, weighted
from dgm_studio.measures.partition import HISTOGRAM_BIAS, histogram
from dgm_studio.measures.ratio_estimates import FLOORED_BIAS, KDE_MOST, KDE_QUICK, kde, monte_carlo


class KL(Pointwise):
    """KL(p || q) = int p log(p / q)."""

    card = Card(
        id="kl",
        title="Forward KL",
        summary="Nats lost when q stands for p: infinite as soon as q misses a place where p has mass.",
        lecture="1, 5",
        paper="Kullback and Leibler, 1951",
        formula="KL(p ‖ q) = ∫ p(x) log p(x)/q(x) dx",
        needs=(DENSITIES, SAMPLES),
        facts=(("unit", NATS), ("symmetric", False)),
    )

    def integrand(self, log_p: Array, log_q: Array) -> Array:
        """p log(p / q) - p + q, which is nowhere negative and has the same integral."""
        return kl_density(log_p, log_q)

    def of_gaussians(self, p: gaussians.Normal, q: gaussians.Normal) -> float | None:
        """See gaussians.kl."""
        return gaussians.kl(p, q)


def kl_density(log_p: Array, log_q: Array) -> Array:
    """p log(p / q) - p + q (n,): Bregman's form, in which the tails of p and q do not cancel; inf where q misses p."""
    p, ratio = np.exp(log_p), log_ratio(log_p, log_q)
    missed = (log_p > -np.inf) & (log_q == -np.inf)
    return np.where(missed, np.inf, np.maximum(weighted(p, ratio) + (np.exp(log_q) - p), 0.0))


def kl_of_ratio(at_x: Array, at_y: Array) -> float:
    """Mean of log p/q at points of p."""
    return float(at_x.mean())


MEASURE = KL()
KL.estimators = (
    Estimator("knn", "Nearest neighbours", knn_kl, KL_BIAS, most=KNN_MOST),
    Estimator("histogram", "Histogram", histogram(kl_density, smooth_q=True), HISTOGRAM_BIAS),
    Estimator("kde", "Kernel density", kde(kl_of_ratio, floored=True), FLOORED_BIAS, most=KDE_MOST, quick=KDE_QUICK),
    Estimator("monte-carlo", "Monte Carlo, both densities", monte_carlo(kl_of_ratio)),
)
