"""The Wasserstein-1 distance: least mean distance by which p is moved onto q."""

from __future__ import annotations

import math

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.measured import DISTANCE
from dgm_studio.measures.gaussians import Normal
from dgm_studio.measures.lipschitz_critic import CRITICS
from dgm_studio.measures.measure import SAMPLES
from dgm_studio.measures.wasserstein import Wasserstein, exact


class W1(Wasserstein):
    """W1(p, q) = inf E |x - y|, in units of distance."""

    card = Card(
        id="w1",
        title="Wasserstein-1",
        summary="Least mean distance by which the mass of p is moved onto q: the earth mover's distance.",
        lecture="5",
        paper="Villani, 2009; Arjovsky et al., 2017",
        formula="W₁(p, q) = inf over plans γ of E |x − y| = max over 1-Lipschitz f of E_p f − E_q f",
        needs=(SAMPLES,),
        facts=(("unit", DISTANCE), ("symmetric", True)),
    )
    power = 1.0
    estimators = (*exact(1.0), *CRITICS)

    def of_gaussians(self, p: Normal, q: Normal) -> float | None:
        """On the line E |m + s Z| with m, s the differences of means and of standard deviations (the folded normal's
        mean); elsewhere known at equal covariances, |m|."""
        gap = p.mean - q.mean
        if np.array_equal(p.covariance, q.covariance):
            return float(np.linalg.norm(gap))
        if len(gap) > 1:
            return None
        m, s = float(gap[0]), math.sqrt(p.covariance[0, 0]) - math.sqrt(q.covariance[0, 0])
        return math.sqrt(2 / math.pi) * abs(s) * math.exp(-0.5 * (m / s) ** 2) + m * math.erf(
            m / (math.sqrt(2) * abs(s))
        )


MEASURE = W1()
