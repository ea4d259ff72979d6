"""The Frechet distance: how far the means and covariances of two laws are apart."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.measured import SQUARED
from dgm_studio.data.law import Law
from dgm_studio.measures.measure import SAMPLES, Estimator, Measure, Slow, same_space
from dgm_studio.measures.moments import frechet2, moments_of_cloud, moments_of_law
from dgm_studio.measures.supports import coincide
from dgm_studio.measures.wasserstein import ANY_DIM

BIAS = "Reads too high by a term in 1/n, for means and covariances of finite samples differ (Chong and Forsyth, 2020)."


class Frechet(Measure):
    """d^2 = |m_p - m_q|^2 + tr(S_p + S_q - 2 (S_p^1/2 S_q S_p^1/2)^1/2): the formula of the FID, on raw points."""

    card = Card(
        id="frechet",
        title="Fréchet distance, squared",
        summary="The FID's formula on raw points: W2² of the Gaussians that have the laws' means and covariances.",
        lecture="6",
        paper="Dowson and Landau, 1982; Heusel et al., 2017",
        formula="d² = |m_p − m_q|² + tr(S_p + S_q − 2 (S_p^½ S_q S_p^½)^½)",
        needs=(SAMPLES,),
        facts=(("unit", SQUARED), ("symmetric", True)),
    )

    def closed_form(self, p: Law, q: Law) -> float | None:
        """From the exact moments of mixtures and of discrete laws; |shift|^2 of two laws of one shape."""
        if coincide(p, q):
            return 0.0
        shift = p.shift_to(q)
        if shift is not None:
            return float(shift @ shift)
        one, other = moments_of_law(p), moments_of_law(q)
        return None if one is None or other is None or p.dim != q.dim else frechet2(one, other)


def frechet(x: Array, y: Array) -> float:
    """d^2 of two clouds, of raw points or of any features of them: x (n, d), y (m, d), n, m >= 2."""
    same_space(x, y, 2, "The Fréchet distance")
    return frechet2(moments_of_cloud(x), moments_of_cloud(y))


def _frechet(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    yield
    return frechet(x, y)


Frechet.estimators = (Estimator("moments", "Moments of the samples", _frechet, BIAS, dims=ANY_DIM),)
MEASURE = Frechet()
