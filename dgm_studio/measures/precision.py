"""k-NN precision: the share of q's samples that look like samples of p."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import SHARE
from dgm_studio.data.law import Law
from dgm_studio.measures.measure import SAMPLES, Estimator, Measure, Slow, differing
from dgm_studio.measures.neighbours import QUICK, balls_slices, covered_slices
from dgm_studio.measures.wasserstein import ANY_DIM

K = 3
"""Neighbours of precision and of recall, as in the paper."""
BIAS = "A figure of two samples, which depends on n and k = 3; below 1 even where the laws are one."


class Precision(Measure):
    """Mean over samples y of q of [some sample x of p : |y - x| <= |x - its k-th nearest sample of p|], k = 3."""

    card = Card(
        id="precision",
        title="Precision, k-NN",
        summary="Share of q's samples in a ball of p's samples out to their 3rd nearest neighbour: what looks real.",
        lecture="6",
        paper="Kynkäänniemi et al., 2019",
        formula="1/n Σ over y ~ q of [∃ x ~ p : |y − x| ≤ |x − NN₃(x)|]",
        needs=(SAMPLES,),
        facts=(("unit", SHARE), ("symmetric", False), ("better", "high")),
    )


def _precision(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    differing(x, y, K + 1, "Precision")
    return (yield from covered_slices(y, (yield from balls_slices(x, K))))


Precision.estimators = (Estimator("knn", "3 nearest neighbours", _precision, BIAS, dims=ANY_DIM, quick=QUICK),)
MEASURE = Precision()
