"""k-NN density: precision that is not fooled by one stray sample of p."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import NONE
from dgm_studio.data.law import Law
from dgm_studio.measures.measure import SAMPLES, Estimator, Measure, Slow, differing
from dgm_studio.measures.neighbours import QUICK, balls_slices, pairs_slices
from dgm_studio.measures.wasserstein import ANY_DIM

K = 5
"""Neighbours of density and of coverage, as in the paper."""
BIAS = "A figure of two samples, which depends on n and k = 5; its mean is 1 where the laws are one."


class Density(Measure):
    """1 / (k m) sum over samples y of q of the number of samples x of p whose k-NN ball holds y, k = 5."""

    card = Card(
        id="density",
        title="Density, k-NN",
        summary="Mean number of balls of p's samples, out to the 5th nearest neighbour, around a sample of q, over 5.",
        lecture="6",
        paper="Naeem et al., 2020",
        formula="1/(k m) Σ over y ~ q of #{x ~ p : |y − x| ≤ |x − NN₅(x)|},  k = 5",
        needs=(SAMPLES,),
        facts=(("unit", NONE), ("symmetric", False), ("better", "high")),
    )


def _density(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    differing(x, y, K + 1, "Density")
    pairs = yield from pairs_slices(y, (yield from balls_slices(x, K)))
    return pairs / (K * len(y))


Density.estimators = (Estimator("knn", "5 nearest neighbours", _density, BIAS, dims=ANY_DIM, quick=QUICK),)
MEASURE = Density()
