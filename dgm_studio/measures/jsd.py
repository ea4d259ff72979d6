"""The Jensen-Shannon divergence: what an optimal GAN discriminator measures."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import NATS
from dgm_studio.measures.discriminator import DISCRIMINATOR_BIAS, DISCRIMINATOR_MOST, discriminator
from dgm_studio.measures.measure import DENSITIES, SAMPLES, Estimator
from dgm_studio.measures.neighbour_estimates import JSD_BIAS, KNN_MOST, knn_jsd
from dgm_studio.measures.on_densities import Pointwise, log_ratio, weighted
from dgm_studio.measures.partition import HISTOGRAM_BIAS, histogram
from dgm_studio.measures.ratio_estimates import BOUND_BIAS, KDE_MOST, KDE_QUICK, kde, monte_carlo


class JSD(Pointwise):
    """1/2 KL(p || m) + 1/2 KL(q || m), m = (p + q) / 2, in [0, log 2]; its root is a distance."""

    card = Card(
        id="jsd",
        title="Jensen-Shannon",
        summary="What an optimal GAN discriminator measures: log 2 as soon as p and q share no point.",
        lecture="5",
        paper="Lin, 1991; Goodfellow et al., 2014",
        formula="½ KL(p ‖ m) + ½ KL(q ‖ m),  m = (p + q) / 2",
        needs=(DENSITIES, SAMPLES),
        facts=(("unit", NATS), ("symmetric", True)),
    )
    apart: ClassVar[float] = math.log(2)

    def integrand(self, log_p: Array, log_q: Array) -> Array:
        """See `jsd_density`."""
        return jsd_density(log_p, log_q)


def jsd_density(log_p: Array, log_q: Array) -> Array:
    """1/2 [p log(2 p / (p + q)) + q log(2 q / (p + q))] (n,)."""
    ratio = log_ratio(log_p, log_q)
    one, other = weighted(np.exp(log_p), below_log_2(ratio)), weighted(np.exp(log_q), below_log_2(-ratio))
    return np.maximum(0.5 * (one + other), 0.0)


def below_log_2(ratio: Array) -> Array:
    """log(2 D) (n,) for D = p / (p + q) = 1 / (1 + exp(-ratio)), ratio = log p/q (Goodfellow et al., proposition 1)."""
    out: Array = math.log(2) - np.logaddexp(0.0, -ratio)
    return out


def jsd_of_ratio(at_x: Array, at_y: Array) -> float:
    """log 2 + 1/2 mean log D at points of p + 1/2 mean log(1 - D) at points of q; a lower bound for any other D."""
    return 0.5 * float(below_log_2(at_x).mean() + below_log_2(-at_y).mean())


MEASURE = JSD()
JSD.estimators = (
    Estimator("knn", "Nearest neighbours", knn_jsd, JSD_BIAS, most=KNN_MOST),
    Estimator("histogram", "Histogram", histogram(jsd_density), HISTOGRAM_BIAS),
    Estimator("kde", "Kernel density", kde(jsd_of_ratio), BOUND_BIAS, most=KDE_MOST, quick=KDE_QUICK),
    Estimator(
        "discriminator",
        "Discriminator",
        discriminator(jsd_of_ratio),
        DISCRIMINATOR_BIAS,
        most=DISCRIMINATOR_MOST,
        quick=0,
    ),
    Estimator("monte-carlo", "Monte Carlo, both densities", monte_carlo(jsd_of_ratio)),
)
