"""Pearson's chi-squared divergence: the variance of p/q under q."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import NONE
from dgm_studio.data.law import Box, Law
from dgm_studio.measures import gaussians
from dgm_studio.measures.measure import DENSITIES, SAMPLES, Estimator
from dgm_studio.measures.neighbour_estimates import KNN_MOST, POWER_BIAS, knn_chi2
from dgm_studio.measures.on_densities import Pointwise, log_ratio
from dgm_studio.measures.partition import HISTOGRAM_BIAS, histogram
from dgm_studio.measures.quadrature import log_densities
from dgm_studio.measures.ratio_estimates import monte_carlo

SCAN = {1: 129, 2: 33}
"""Points along an axis on which p^2 / q is looked at before it is integrated."""
DOUBLINGS = 12
NEGLIGIBLE = 36.0
"""Nats below its largest value at which p^2 / q is over."""


class Chi2(Pointwise):
    """int (p - q)^2 / q = int p^2 / q - 1."""

    card = Card(
        id="chi2",
        title="Chi-squared",
        summary="The variance of p/q under q: infinite where q's tails are lighter than the root of p's.",
        lecture="5",
        paper="Pearson, 1900; Nielsen and Nock, 2014",
        formula="∫ (p(x) − q(x))² / q(x) dx",
        needs=(DENSITIES, SAMPLES),
        facts=(("unit", NONE), ("symmetric", False)),
    )

    def integrand(self, log_p: Array, log_q: Array) -> Array:
        """See `chi2_density`."""
        return chi2_density(log_p, log_q)

    def of_gaussians(self, p: gaussians.Normal, q: gaussians.Normal) -> float | None:
        """See gaussians.chi2."""
        return gaussians.chi2(p, q)

    def domain(self, p: Law, q: Law, box: Box) -> Box | None:
        """The box, doubled until p^2 / q is negligible on its edge; None where it never is."""
        held, top = np.array(box), -np.inf
        skirt = 1e-6 * (held[:, 1] - held[:, 0])  # just outside a bounded support nothing is left
        for _ in range(DOUBLINGS):
            axes = [
                np.linspace(low, high, SCAN[p.dim])
                for low, high in np.stack((held[:, 0] - skirt, held[:, 1] + skirt), 1)
            ]
            index = np.stack([axis.ravel() for axis in np.meshgrid(*[np.arange(SCAN[p.dim])] * p.dim)], 1)
            points = np.stack([axis[index[:, place]] for place, axis in enumerate(axes)], 1)
            log_p, log_q = log_densities(p, q, points)
            inside = log_p > -np.inf
            power = np.where(inside, 2 * log_p - np.where(inside, log_q, 0.0), -np.inf)
            if np.isposinf(power).any():
                return None
            edge = ((index == 0) | (index == SCAN[p.dim] - 1)).any(1)
            top = max(top, float(power.max()))
            if float(power[edge].max()) <= top - NEGLIGIBLE:
                return tuple((float(low), float(high)) for low, high in held)
            half = (held[:, 1] - held[:, 0]) / 2
            held = np.stack((held[:, 0] - half, held[:, 1] + half), 1)
        return None


def chi2_density(log_p: Array, log_q: Array) -> Array:
    """(p - q)^2 / q = p^2 / q - 2 p + q (n,); inf where q misses p."""
    ratio, q = log_ratio(log_p, log_q), np.exp(log_q)
    with np.errstate(over="ignore", invalid="ignore"):  # the branch that is not taken
        near = q * np.square(np.expm1(np.minimum(ratio, 1.0)))
        far = np.exp(log_p + ratio) - 2 * np.exp(log_p) + q
    out: Array = np.where(ratio < 1, near, np.where(ratio == np.inf, np.inf, far))
    return out


def chi2_of_ratio(at_x: Array, at_y: Array) -> float:
    """Mean of p/q at points of p, less 1."""
    with np.errstate(over="ignore"):
        return float(np.exp(at_x).mean()) - 1


MEASURE = Chi2()
Chi2.estimators = (
    Estimator("knn", "Nearest neighbours", knn_chi2, POWER_BIAS, most=KNN_MOST),
    Estimator("histogram", "Histogram", histogram(chi2_density, smooth_q=True), HISTOGRAM_BIAS),
    Estimator("monte-carlo", "Monte Carlo, both densities", monte_carlo(chi2_of_ratio)),
)
