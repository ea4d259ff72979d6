"""k-NN recall: how much of p the samples of q reach, where there are no modes to count."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.measured import SHARE
from dgm_studio.core.slow import finish
from dgm_studio.data.law import Law
from dgm_studio.measures.measure import SAMPLES, Estimator, Measure, Slow, differing
from dgm_studio.measures.neighbours import QUICK, balls_slices, covered_slices
from dgm_studio.measures.precision import BIAS, K
from dgm_studio.measures.wasserstein import ANY_DIM


class Recall(Measure):
    """Mean over samples x of p of [some sample y of q : |x - y| <= |y - its k-th nearest sample of q|], k = 3."""

    card = Card(
        id="recall",
        title="Recall, k-NN",
        summary="Share of p's samples in a ball of q's samples out to their 3rd nearest neighbour: what is reached.",
        lecture="6",
        paper="Kynkäänniemi et al., 2019",
        formula="1/n Σ over x ~ p of [∃ y ~ q : |x − y| ≤ |y − NN₃(y)|]",
        needs=(SAMPLES,),
        facts=(("unit", SHARE), ("symmetric", False), ("better", "high")),
    )


def knn_recall_slices(data: Tensor, samples: Tensor, k: int = K) -> Generator[None, None, float]:
    """Recall in [0, 1] of data (n, d) by samples (m, d); with the arguments exchanged it is precision.

    Each yield ends a slice. Refused for fewer than k + 1 samples.
    """
    if not len(data):
        raise Refused("k-NN recall needs data points: give some.")
    reached, reaching = (cloud.detach().cpu().double().numpy() for cloud in (data, samples))
    return (yield from covered_slices(reached, (yield from balls_slices(reaching, k))))


def knn_recall(data: Tensor, samples: Tensor, k: int = K) -> float:
    """`knn_recall_slices` in one go."""
    return finish(knn_recall_slices(data, samples, k))


def _recall(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    differing(x, y, K + 1, "Recall")
    return (yield from covered_slices(x, (yield from balls_slices(y, K))))


Recall.estimators = (Estimator("knn", "3 nearest neighbours", _recall, BIAS, dims=ANY_DIM, quick=QUICK),)
MEASURE = Recall()
