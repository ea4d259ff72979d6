"""Optimal transport plans between weighted clouds: exact, entropic, and on the line; their prices (dual potentials).

All are solved by POT (Flamary et al., 2021), which cannot be interrupted and takes two seconds to import: hence in the
warm helper process of core.aside. Everything here is a generator whose yields end short slices.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.aside import aside_warm
from dgm_studio.core.errors import Refused
from dgm_studio.measures.measure import same_space

FEW = 400
"""Points of either cloud whose best assignment takes some 10 ms: hardly more than to ask another process, which several
lanes would each need of their own."""
PIVOTS = 50_000_000
"""Most pivots of the network simplex: POT's own limit stops short of the optimum from 2,000 points on."""


@dataclass(frozen=True, eq=False)
class Plan:
    """Mass (k,) goes from the points `rows` (k,) of x to the points `columns` (k,) of y at cost |x - y|^power a unit.

    `cost` = sum mass |x - y|^power, without any entropy. `f` (n,) and `g` (m,) are the prices (dual potentials): of the
    exact plan f_i + g_j <= |x_i - y_j|^power, equal where mass moves, and sum a f + sum b g = cost; of an entropic one
    mass_ij = a_i b_j exp((f_i + g_j - |x_i - y_j|^power) / epsilon). None where the method gives none. `error` is the
    mass that the plan puts on the wrong point of y: 0 but for an entropic plan whose iterations were too few;
    `iterations` are how many it took.
    """

    rows: Array
    columns: Array
    mass: Array
    cost: float
    power: float
    f: Array | None = None
    g: Array | None = None
    error: float = 0.0
    iterations: int = 0

    def matrix(self, n: int, m: int) -> Array:
        """The plan as a dense matrix (n, m)."""
        dense = np.zeros((n, m))
        dense[self.rows, self.columns] = self.mass
        return dense


def exact_plan(
    x: Array, y: Array, a: Array | None = None, b: Array | None = None, power: float = 2.0
) -> Generator[None, None, Plan]:
    """The plan of least cost between x (n, d) of weights a (n,) and y (m, d) of weights b (m,), uniform by default.

    Network simplex (Bonneel et al., 2011), by POT: 3 ms for 200 + 200 points, 1 s for 2,000 + 2,000. At most n + m - 1
    entries carry mass. Refused for unlike or broken clouds and weights.
    """
    clouds = _checked(x, y, a, b)
    return (yield from aside_warm(_exact, *clouds, power))  # type: ignore[no-any-return]


def least_cost(x: Array, y: Array, power: float) -> Generator[None, None, float]:
    """`exact_plan(x, y).cost` of uniform weights, without carrying the plan over.

    Two small clouds of one size need no helper: their best plan is an assignment (Birkhoff, 1946), found by SciPy's
    shortest augmenting paths (Crouse, 2016).
    """
    clouds = _checked(x, y, None, None)
    if len(x) == len(y) <= FEW:
        from scipy.optimize import linear_sum_assignment

        yield
        cost = costs(*clouds[:2], power)
        return float(cost[linear_sum_assignment(cost)].mean())
    return (yield from aside_warm(_least_cost, *clouds[:2], power))  # type: ignore[no-any-return]


def entropic_plan(
    x: Array, y: Array, epsilon: float, a: Array | None = None, b: Array | None = None, power: float = 2.0,
    iterations: int = 1_000, start: Array | None = None, tolerance: float = 1e-9,
) -> Generator[None, None, Plan]:  # fmt: skip
    """The plan of least cost + epsilon KL(plan | a b), by Sinkhorn's iterations (POT; Cuturi, 2013).

    epsilon is in units of |x - y|^power. Stopped at a marginal error (L2) below `tolerance`, asked every tenth
    iteration, or after `iterations`; `start` (m,) are prices g to begin from, such as those of a neighbouring epsilon.
    All n m entries carry mass; keep both below 500.
    """
    if not epsilon > 0:
        raise Refused(f"An entropic plan needs an epsilon above 0, not {epsilon:g}: the exact plan is the limit at 0.")
    clouds = _checked(x, y, a, b)
    plan: Plan = yield from aside_warm(_entropic, *clouds, power, epsilon, iterations, start, tolerance)
    return plan


def line_plan(
    x: Array, y: Array, a: Array | None = None, b: Array | None = None, power: float = 1.0
) -> Generator[None, None, Plan]:
    """The monotone plan of points x (n, 1) and y (m, 1) on the line, from left to right: optimal for any power >= 1.

    By POT's emd_1d, in n log n. For weights of a histogram on bins i, `cost` at power 1 is the slide's sum P |i - j|.
    """
    clouds = _checked(x, y, a, b)
    if x.shape[1] != 1:
        raise Refused(f"The monotone plan is of points on the line, not in {x.shape[1]} dimensions: use the exact one.")
    return (yield from aside_warm(_monotone, *clouds, power))  # type: ignore[no-any-return]


def potential(at: Array, y: Array, g: Array, power: float) -> Array:
    """f (k,) at any points (k, d), from the prices g (m,) at y: min_j |x - y_j|^power - g_j (the c-transform).

    At power 1 it is 1-Lipschitz and E_p f - E_q f = W1: the best critic of Kantorovich and Rubinstein. Memory k m.
    """
    gap2 = np.maximum((at**2).sum(1)[:, None] + (y**2).sum(1) - 2 * at @ y.T, 0)
    found: Array = (gap2 ** (power / 2) - g).min(axis=1)
    return found


def _checked(x: Array, y: Array, a: Array | None, b: Array | None) -> tuple[Array, Array, Array, Array]:
    same_space(x, y, 1, "Optimal transport")
    return (
        np.ascontiguousarray(x, dtype=np.float64), np.ascontiguousarray(y, dtype=np.float64),
        _weights(a, len(x)), _weights(b, len(y)),
    )  # fmt: skip


def _weights(given: Array | None, n: int) -> Array:
    if given is None:
        return np.full(n, 1 / n)
    held = np.asarray(given, dtype=np.float64)
    if held.shape != (n,) or not np.isfinite(held).all() or (held < 0).any() or not held.sum() > 0:
        raise Refused(f"Weights of {n} points are {n} finite numbers of 0 or more, not all 0: mend them.")
    return np.asarray(held / held.sum())


# What follows runs in the helper.


def _pot() -> Any:
    os.environ.setdefault("POT_BACKEND_DISABLE_PYTORCH", "1")  # half a second of import for nothing
    import ot

    return ot


def costs(x: Array, y: Array, power: float) -> Array:
    """|x_i - y_j|^power (n, m)."""
    from scipy.spatial.distance import cdist

    if power == 2:
        return np.asarray(cdist(x, y, "sqeuclidean"))
    distance = cdist(x, y)
    return np.asarray(distance if power == 1 else distance**power)


def _least_cost(x: Array, y: Array, power: float) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its one warning is told below
        cost, log = _pot().emd2([], [], costs(x, y, power), numItermax=PIVOTS, log=True)
    _optimal(log)
    return float(cost)


def _exact(x: Array, y: Array, a: Array, b: Array, power: float) -> Plan:
    cost = costs(x, y, power)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mass, log = _pot().emd(a, b, cost, numItermax=PIVOTS, log=True)
    _optimal(log)
    g = log["v"]
    f = (cost[:, b > 0] - g[b > 0]).min(axis=1)
    return replace(_sparse(mass, cost, power), f=f, g=(cost[a > 0] - f[a > 0, None]).min(axis=0))


def _optimal(log: dict[str, Any]) -> None:
    if log["warning"] is not None:
        raise Refused("Exact transport did not reach its optimum: use fewer points.")


def _entropic(
    x: Array, y: Array, a: Array, b: Array, power: float, epsilon: float, iterations: int, start: Array | None,
    tolerance: float,
) -> Plan:  # fmt: skip
    cost, some, other = costs(x, y, power), np.flatnonzero(a), np.flatnonzero(b)
    inner, a_in, b_in = cost[np.ix_(some, other)], a[some], b[other]
    begun = np.zeros(len(other)) if start is None else np.asarray(start, dtype=np.float64)[other]
    mass, f_in, g_in, taken = sinkhorn(inner, a_in, b_in, epsilon, iterations, begun, tolerance)
    # Off the support of a and b prices are what the other side's prices make them.
    f = soft_price(cost[:, other], b_in, g_in, epsilon)
    g = soft_price(cost[some].T, a_in, f_in, epsilon)
    f[some], g[other] = f_in, g_in
    plan = _sparse(mass, inner, power)
    error = float(np.abs(mass.sum(axis=0) - b_in).sum() + np.abs(mass.sum(axis=1) - a_in).sum()) / 2
    return replace(
        plan, rows=some[plan.rows], columns=other[plan.columns], f=f, g=g, error=error, iterations=taken
    )  # fmt: skip


def sinkhorn(
    cost: Array, a: Array, b: Array, epsilon: float, iterations: int, g: Array, tolerance: float = 1e-9
) -> tuple[Array, Array, Array, int]:
    """The entropic plan (n, m) of positive weights, its prices f (n,), g (m,), and the iterations from `g` to there.

    One step is taken in the log domain, and its prices are taken off the cost: matrix products do the rest in a
    twentieth of the time, without underflow unless epsilon is very small; then every step is in the log domain.
    """
    f = soft_price(cost, b, g, epsilon)
    g = soft_price(cost.T, a, f, epsilon)
    reduced, bregman = cost - f[:, None] - g, _pot().bregman
    # warn=False does not silence POT's remark on overflow, after which it hands back the steps before.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error", UserWarning)
        try:
            mass, log = bregman.sinkhorn_knopp(a, b, reduced, epsilon, iterations, tolerance, log=True, warn=False)
            u, v = np.log(log["u"]), np.log(log["v"])
        except UserWarning:
            mass, log = bregman.sinkhorn_log(a, b, reduced, epsilon, iterations, tolerance, log=True, warn=False)
            u, v = log["log_u"], log["log_v"]
    return mass, f + epsilon * (u - np.log(a)), g + epsilon * (v - np.log(b)), int(log["niter"]) + 1


def soft_price(cost: Array, b: Array, g: Array, epsilon: float) -> Array:
    """f_i = -epsilon log sum_j b_j exp((g_j - cost_ij) / epsilon): the prices f that the prices g call for."""
    from scipy.special import logsumexp

    return np.asarray(-epsilon * logsumexp((g - cost) / epsilon, b=b, axis=1))


def _monotone(x: Array, y: Array, a: Array, b: Array, power: float) -> Plan:
    mass = _pot().emd_1d(x, y, a, b, metric="minkowski", p=power, dense=False).tocoo()
    moved = mass.data > 0
    rows, columns, weights = mass.row[moved], mass.col[moved], mass.data[moved]
    cost = float(weights @ np.abs(x[rows, 0] - y[columns, 0]) ** power)
    return Plan(rows, columns, weights, cost, power)


def _sparse(mass: Array, cost: Array, power: float) -> Plan:
    rows, columns = np.nonzero(mass)
    moved = mass[rows, columns]
    return Plan(rows, columns, moved, float(moved @ cost[rows, columns]), power)
