"""Average log-likelihood, as a loss: minus the mean of log q at points of p."""

from __future__ import annotations

import math

import numpy as np
import torch

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.measured import NATS
from dgm_studio.data.law import Law
from dgm_studio.measures import gaussians
from dgm_studio.measures.kde import fit_kde
from dgm_studio.measures.measure import DENSITIES, SAMPLES, Estimator, Slow, same_space, spread_out
from dgm_studio.measures.on_densities import Pointwise, weighted
from dgm_studio.measures.ratio_estimates import KDE_MOST, KDE_QUICK, blocks, left_out

KDE_NLL_BIAS = "A kernel estimate stands for q; at p = q an upper bound on average, for no density beats p's own."


class NLL(Pointwise):
    """-E_p log q = H(p) + KL(p || q): not 0 at p = q, but p's entropy, and no less."""

    card = Card(
        id="nll",
        title="Negative log-likelihood",
        summary="Minus the average log-likelihood of p's points under q; at p = q it is p's entropy, not 0.",
        lecture="1, 5",
        paper="Theis et al., 2016",
        formula="−E over p of log q(x)",
        needs=(DENSITIES, SAMPLES),
        facts=(("unit", NATS), ("symmetric", False)),
    )

    least = -math.inf

    def integrand(self, log_p: Array, log_q: Array) -> Array:
        """-p log q; inf where q misses p."""
        return weighted(np.exp(log_p), np.where(log_p > -np.inf, -log_q, 0.0))

    def of_known(self, p: Law, q: Law) -> float | None:
        """None: it depends on more than how far apart the laws are."""
        return None

    def of_gaussians(self, p: gaussians.Normal, q: gaussians.Normal) -> float | None:
        """See gaussians.cross_entropy."""
        return gaussians.cross_entropy(p, q)


def mean_nll(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    """Minus the mean of log q at points of p, q's density being known."""
    same_space(x, y, 2, "The average log-likelihood")
    parts = []
    for some in blocks(x):
        log_q = q.log_density(some)
        if log_q is None:
            raise Refused("The average log-likelihood needs q's density, which is unknown: take the kernel estimate.")
        parts.append(log_q)
        yield
    return -float(np.concatenate(parts).mean())


def kde_nll(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    """Minus the mean of log q at points of p, q's kernel estimate in its density's place (Parzen, 1962)."""
    spread_out(x, y, 16, "A kernel estimate")
    estimate = yield from fit_kde(torch.from_numpy(y))
    return -float((yield from left_out(estimate, torch.from_numpy(x))).mean())


MEASURE = NLL()
NLL.estimators = (
    Estimator("mean", "Mean over points of p", mean_nll),
    Estimator("kde", "Kernel density for q", kde_nll, KDE_NLL_BIAS, most=KDE_MOST, quick=KDE_QUICK),
)
