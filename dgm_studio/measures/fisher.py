"""The Fisher divergence: how far two score functions are apart, which score matching minimises."""

from __future__ import annotations

import numpy as np
import torch

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.measured import NONE
from dgm_studio.data.law import Law
from dgm_studio.measures import gaussians
from dgm_studio.measures.kernel_scores import fit_scores, left_out_score
from dgm_studio.measures.measure import DENSITIES, SAMPLES, Estimator, Slow, same_space, spread_out
from dgm_studio.measures.on_densities import OnDensities, weighted
from dgm_studio.measures.quadrature import Nodes
from dgm_studio.measures.ratio_estimates import KDE_MOST, KDE_QUICK, blocks

KDE_SCORE_BIAS = "Noise in the kernels' scores raises it, most near 0; their blur, and the tails left out, lower it."


class Fisher(OnDensities):
    """1/2 E_p |score_p - score_q|^2: blind to the weights of modes that are far apart."""

    card = Card(
        id="fisher",
        title="Fisher divergence",
        summary="Mean squared gap of the scores under p: score matching minimises it; blind to far modes' weights.",
        lecture="6",
        paper="Hyvärinen, 2005",
        formula="½ E over p of |∇ log p(x) − ∇ log q(x)|²",
        needs=(DENSITIES, SAMPLES),
        facts=(("unit", NONE), ("symmetric", False)),
    )

    def on_nodes(self, nodes: Nodes) -> Array:
        """1/2 p |score_p - score_q|^2; inf where q misses p, for no score of q is there."""
        of_p, of_q = scores(nodes.p, nodes.q, nodes.points)
        inside = nodes.log_p > -np.inf
        missed = inside & (nodes.log_q == -np.inf)
        held = inside & ~missed
        gaps = half_squares(np.where(held[:, None], of_p, 0.0), np.where(held[:, None], of_q, 0.0))
        return np.where(missed, np.inf, weighted(np.exp(nodes.log_p), gaps))

    def integrable(self, p: Law, q: Law) -> bool:
        """Whether both scores are known."""
        middle = np.array([[(low + high) / 2 for low, high in p.box() or ((0.0, 0.0),) * p.dim]])
        return p.score(middle) is not None and q.score(middle) is not None

    def of_gaussians(self, p: gaussians.Normal, q: gaussians.Normal) -> float | None:
        """See gaussians.fisher."""
        return gaussians.fisher(p, q)


def scores(p: Law, q: Law, points: Array) -> tuple[Array, Array]:
    """Both scores (n, d) at points (n, d); Refused where one is unknown."""
    of_p, of_q = p.score(points), q.score(points)
    if of_p is None or of_q is None:
        raise Refused("The Fisher divergence needs both scores, and one is unknown: take an estimate from samples.")
    return of_p, of_q


def half_squares(of_p: Array, of_q: Array) -> Array:
    """1/2 |score_p - score_q|^2 (n,) of scores (n, d)."""
    out: Array = 0.5 * np.square(of_p - of_q).sum(1)
    return out


def monte_carlo_fisher(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    """The mean over points of p with both scores known, hence unbiased."""
    same_space(x, y, 2, "Monte Carlo")
    halves = []
    for some in blocks(x):
        halves.append(half_squares(*scores(p, q, some)))
        yield
    return float(np.concatenate(halves).mean())


def kde_fisher(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    """The mean over points of p of the gap between the scores of two kernel estimates, each point left out of its
    own."""
    spread_out(x, y, 16, "A kernel estimate")
    ours, found = torch.from_numpy(x), []
    for points in (ours, torch.from_numpy(y)):
        fitted = yield from fit_scores(points)
        found.append((yield from left_out_score(fitted, ours)).numpy())
    return float(half_squares(*found).mean())


MEASURE = Fisher()
Fisher.estimators = (
    Estimator("kde", "Kernel density", kde_fisher, KDE_SCORE_BIAS, most=KDE_MOST, quick=KDE_QUICK // 2),
    Estimator("monte-carlo", "Monte Carlo, both scores", monte_carlo_fisher),
)
