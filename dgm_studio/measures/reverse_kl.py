"""The reverse Kullback-Leibler divergence: KL with p and q exchanged."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import NATS
from dgm_studio.data.law import Law
from dgm_studio.measures import gaussians
from dgm_studio.measures.kl import kl_density
from dgm_studio.measures.measure import DENSITIES, SAMPLES, Estimator, Slow
from dgm_studio.measures.neighbour_estimates import KL_BIAS, KNN_MOST, knn_kl
from dgm_studio.measures.on_densities import Pointwise
from dgm_studio.measures.partition import HISTOGRAM_BIAS, histogram
from dgm_studio.measures.ratio_estimates import FLOORED_BIAS, KDE_MOST, KDE_QUICK, kde, monte_carlo


class ReverseKL(Pointwise):
    """KL(q || p) = int q log(q / p)."""

    card = Card(
        id="reverse-kl",
        title="Reverse KL",
        summary="Nats lost when p stands for q: infinite as soon as q puts mass where p has none.",
        lecture="1, 5",
        paper="Kullback and Leibler, 1951",
        formula="KL(q ‖ p) = ∫ q(x) log q(x)/p(x) dx",
        needs=(DENSITIES, SAMPLES),
        facts=(("unit", NATS), ("symmetric", False)),
    )

    def integrand(self, log_p: Array, log_q: Array) -> Array:
        """q log(q / p) - q + p."""
        return reverse_kl_density(log_p, log_q)

    def of_gaussians(self, p: gaussians.Normal, q: gaussians.Normal) -> float | None:
        """See gaussians.kl."""
        return gaussians.kl(q, p)


def reverse_kl_density(log_p: Array, log_q: Array) -> Array:
    """q log(q / p) - q + p (n,)."""
    return kl_density(log_q, log_p)


def reverse_kl_of_ratio(at_x: Array, at_y: Array) -> float:
    """Mean of log q/p at points of q."""
    return -float(at_y.mean())


def knn_reverse_kl(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    """`knn_kl` of q and p."""
    return knn_kl(y, x, q, p, rng)


MEASURE = ReverseKL()
ReverseKL.estimators = (
    Estimator("knn", "Nearest neighbours", knn_reverse_kl, KL_BIAS, most=KNN_MOST),
    Estimator("histogram", "Histogram", histogram(reverse_kl_density, smooth_p=True), HISTOGRAM_BIAS),
    Estimator(
        "kde", "Kernel density", kde(reverse_kl_of_ratio, floored=True), FLOORED_BIAS, most=KDE_MOST, quick=KDE_QUICK
    ),
    Estimator("monte-carlo", "Monte Carlo, both densities", monte_carlo(reverse_kl_of_ratio)),
)
