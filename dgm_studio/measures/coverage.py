"""k-NN coverage: how many of p's samples have a sample of q nearby."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import SHARE
from dgm_studio.data.law import Law
from dgm_studio.measures.density import K
from dgm_studio.measures.measure import SAMPLES, Estimator, Measure, Slow, differing
from dgm_studio.measures.neighbours import QUICK, balls_slices, filled_slices
from dgm_studio.measures.wasserstein import ANY_DIM

BIAS = "A figure of two samples, which depends on n and k = 5; about 1 − 2^(−5) = 0.97 where the laws are one."


class KnnCoverage(Measure):
    """Share of samples x of p whose k-NN ball holds a sample of q, k = 5."""

    card = Card(
        id="coverage",
        title="Coverage, k-NN",
        summary="Share of p's samples in whose ball (out to their 5th nearest neighbour) a sample of q lies.",
        lecture="6",
        paper="Naeem et al., 2020",
        formula="1/n Σ over x ~ p of [∃ y ~ q : |y − x| ≤ |x − NN₅(x)|]",
        needs=(SAMPLES,),
        facts=(("unit", SHARE), ("symmetric", False), ("better", "high")),
    )


def _coverage(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    differing(x, y, K + 1, "Coverage")
    return (yield from filled_slices(y, (yield from balls_slices(x, K))))


KnnCoverage.estimators = (Estimator("knn", "5 nearest neighbours", _coverage, BIAS, dims=ANY_DIM, quick=QUICK),)
MEASURE = KnnCoverage()
