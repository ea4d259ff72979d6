"""The Wasserstein-2 distance: root mean square distance by which p is moved onto q at best."""

from __future__ import annotations

import math

from dgm_studio.core.card import Card
from dgm_studio.core.measured import DISTANCE
from dgm_studio.measures.gaussians import Normal
from dgm_studio.measures.measure import SAMPLES
from dgm_studio.measures.moments import Moments, frechet2
from dgm_studio.measures.wasserstein import Wasserstein, exact


class W2(Wasserstein):
    """W2(p, q) = sqrt(inf E |x - y|^2), in units of distance."""

    card = Card(
        id="w2",
        title="Wasserstein-2",
        summary="Least root mean square distance by which the mass of p is moved onto q.",
        lecture="5, 6",
        paper="Villani, 2009",
        formula="W₂(p, q) = (inf over plans γ of E |x − y|²)^(1/2)",
        needs=(SAMPLES,),
        facts=(("unit", DISTANCE), ("symmetric", True)),
    )
    power = 2.0
    estimators = exact(2.0)

    def of_gaussians(self, p: Normal, q: Normal) -> float | None:
        """Lecture 6's theorem: sqrt(|m|^2 + tr(S_p + S_q - 2 (S_p^1/2 S_q S_p^1/2)^1/2))."""
        return math.sqrt(frechet2(Moments(p.mean, p.covariance), Moments(q.mean, q.covariance)))


MEASURE = W2()
