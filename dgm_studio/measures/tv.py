"""Total variation: the largest difference between the probabilities of any event."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import SHARE
from dgm_studio.data.law import Box, Law
from dgm_studio.measures import gaussians
from dgm_studio.measures.measure import DENSITIES, SAMPLES, Estimator
from dgm_studio.measures.neighbour_estimates import TV_BIAS, VOTE_MOST, VOTE_QUICK, knn_tv
from dgm_studio.measures.on_densities import Pointwise
from dgm_studio.measures.partition import HISTOGRAM_BIAS, histogram
from dgm_studio.measures.quadrature import crossings
from dgm_studio.measures.ratio_estimates import BOUND_BIAS, KDE_MOST, KDE_QUICK, kde, monte_carlo


class TV(Pointwise):
    """1/2 int |p - q|, in [0, 1]."""

    card = Card(
        id="tv",
        title="Total variation",
        summary="The largest difference between the probabilities of any event; 1 as soon as p and q share no point.",
        lecture="5",
        paper="Tsybakov, 2009; Arjovsky et al., 2017",
        formula="½ ∫ |p(x) − q(x)| dx",
        needs=(DENSITIES, SAMPLES),
        facts=(("unit", SHARE), ("symmetric", True)),
    )
    apart: ClassVar[float] = 1.0

    def integrand(self, log_p: Array, log_q: Array) -> Array:
        """See `tv_density`."""
        return tv_density(log_p, log_q)

    def cuts(self, p: Law, q: Law, box: Box) -> tuple[float, ...]:
        """Where p = q."""
        return crossings(p, q, box)

    def of_gaussians(self, p: gaussians.Normal, q: gaussians.Normal) -> float | None:
        """See gaussians.tv."""
        return gaussians.tv(p, q)


def tv_density(log_p: Array, log_q: Array) -> Array:
    """1/2 |p - q| (n,)."""
    out: Array = 0.5 * np.abs(np.exp(log_p) - np.exp(log_q))
    return out


def tv_of_ratio(at_x: Array, at_y: Array) -> float:
    """P(p > q) - P(q > p) at points of p, minus the same at points of q, halved; less for any other ratio."""
    return 0.5 * float(np.sign(at_x).mean() - np.sign(at_y).mean())


MEASURE = TV()
TV.estimators = (
    Estimator("kde", "Kernel density", kde(tv_of_ratio), BOUND_BIAS, most=KDE_MOST, quick=KDE_QUICK),
    Estimator("histogram", "Histogram", histogram(tv_density), HISTOGRAM_BIAS),
    Estimator("knn", "Nearest neighbours", knn_tv, TV_BIAS, most=VOTE_MOST, quick=VOTE_QUICK),
    Estimator("monte-carlo", "Monte Carlo, both densities", monte_carlo(tv_of_ratio)),
)
