"""What W1 and W2 share: shifts and Gaussians on paper, quantiles on the line, the exact plan elsewhere."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.law import Law
from dgm_studio.measures.gaussians import Normal, normal_of
from dgm_studio.measures.line import Found, cost_of_atoms, mean_cost, quantile_cost, root
from dgm_studio.measures.measure import Estimator, Function, Measure, Slow, same_space
from dgm_studio.measures.supports import coincide
from dgm_studio.measures.transport import exact_plan, least_cost

MOST, QUICK = 4_000, 800
"""Points that the exact plan takes: 4 s and 300 MB; points of some 0.1 s."""
LINE, ANY_DIM = (1,), tuple(range(1, 1_025))
PLANE_AND_UP = ANY_DIM[1:]
"""Dimensions of points."""
LINE_BIAS = "Two finite samples of one law are apart too: near p = q it reads too high, by no more than the floor."
PLANE_BIAS = (
    "Reads too high: n points leave gaps, in the plane some n^(-1/2) wide, in d dimensions n^(-1/d) (Fournier and "
    "Guillin, 2015)."
)


class Wasserstein(Measure):
    """W_power(p, q) = (inf over plans E |x - y|^power)^(1/power)."""

    power: ClassVar[float]

    @abstractmethod
    def of_gaussians(self, p: Normal, q: Normal) -> float | None:
        """The distance of two Gaussians, where it is known on paper."""

    def closed_form(self, p: Law, q: Law) -> float | None:
        """|shift| of two laws of one shape; a sum for discrete laws on the line; Gaussians."""
        if coincide(p, q):
            return 0.0
        shift = p.shift_to(q)
        if shift is not None:
            return float(np.linalg.norm(shift))
        one, other = p.atoms(), q.atoms()
        if p.dim == q.dim == 1 and one is not None and other is not None:
            return float(cost_of_atoms(one, other, self.power) ** (1 / self.power))
        gaussian, its = normal_of(p), normal_of(q)
        return None if gaussian is None or its is None else self.of_gaussians(gaussian, its)

    def quadrature(self, p: Law, q: Law) -> Found:
        """Over the quantile functions on the line; the exact plan, with no error, of discrete laws elsewhere."""
        one, other = p.atoms(), q.atoms()
        if p.dim > 1 and one is not None and other is not None and max(len(one[0]), len(other[0])) <= MOST:
            plan = yield from exact_plan(one[0], other[0], one[1], other[1], self.power)
            return plan.cost ** (1 / self.power), 0.0
        return root((yield from quantile_cost(p, q, self.power)), self.power)


def exact(power: float) -> tuple[Estimator, Estimator]:
    """The distance of the two clouds themselves: by sorting on the line, by the exact plan elsewhere."""
    return (
        Estimator("exact-line", "Exact, by sorting", _sorted(power), LINE_BIAS, dims=LINE),
        Estimator(
            "exact-plan", "Exact transport plan", _planned(power), PLANE_BIAS, most=MOST, quick=QUICK, dims=PLANE_AND_UP
        ),
    )


def _sorted(power: float) -> Function:
    def function(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
        same_space(x, y, 1, "A Wasserstein distance")
        yield
        return float(mean_cost(x.T, y.T, power) ** (1 / power))

    return function


def _planned(power: float) -> Function:
    def function(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
        cost = yield from least_cost(x, y, power)
        return float(max(0.0, cost) ** (1 / power))

    return function
