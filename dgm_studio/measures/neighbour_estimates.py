"""Estimates from nearest neighbours: KL, Jensen-Shannon, Hellinger, chi-squared, total variation."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data.law import Law
from dgm_studio.measures.measure import Slow, spread_out
from dgm_studio.measures.neighbours import kth_slices, search_tree

K = 5
"""Neighbours of the estimates whose bias is corrected for k."""
VOTES = 500
"""Points that vote in one slice: some 10 ms."""
KNN_MOST = 100_000
"""Both samples' search tree is then built within one slice."""
VOTE_MOST, VOTE_QUICK = 20_000, 4_000
"""A vote asks sqrt(n) neighbours: points at most, and up to which an interval is found at once."""
KL_BIAS = "Consistent; biased at finite n where the density changes within a ball of 5 neighbours, as it does in tails."
JSD_BIAS = "Consistent; biased at finite n where the density changes within a ball of 5 neighbours."
POWER_BIAS = "Consistent; biased at finite n where the density changes within a ball of 5 neighbours, most in tails."
TV_BIAS = "A lower bound on average: a vote of sqrt(n) neighbours errs more often than the best classifier."

Distances = Generator[None, None, Array]


def knn_kl(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    """(d / n) sum_i log(nu_i / rho_i) + log(m / (n - 1)): rho_i, nu_i the distances of x_i to its k-th neighbour among
    the other x and among y, k = 5 (Wang, Kulkarni and Verdu, 2009)."""
    log_ratio = yield from _log_ratio(x, y)
    return float(log_ratio.mean())


def knn_jsd(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    """1/2 KL(p || m) + 1/2 KL(q || m), m = (p + q) / 2, each as in `knn_kl` with the pooled others in place of y.

    The pool is a sample of m, so both clouds are cut to one size.
    """
    _check(x, y)
    n = min(len(x), len(y))
    total, pool = 0.0, np.concatenate((x[:n], y[:n]))
    for one in (x[:n], y[:n]):
        near = yield from kth_slices(one, one, K + 1)
        far = yield from kth_slices(one, pool, K + 1)
        total += 0.5 * (x.shape[1] * float(np.mean(_log(far) - _log(near))) + math.log((2 * n - 1) / (n - 1)))
    return total


def knn_hellinger(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    """1 - BC by `_power` at alpha = 1/2, the mean of both directions."""
    one = yield from _power(x, y, 0.5)
    other = yield from _power(y, x, 0.5)
    return 1 - 0.5 * (one + other)


def knn_chi2(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    """int p^2 / q - 1 by `_power` at alpha = 2."""
    return (yield from _power(x, y, 2.0)) - 1


def knn_tv(x: Array, y: Array, p: Law, q: Law, rng: np.random.Generator) -> Slow:
    """1 - 2 (error rate of a vote among sqrt(n) neighbours, each point's own left out); the least possible error rate
    is (1 - TV) / 2 (Cover and Hart, 1967)."""
    _check(x, y)
    n = min(len(x), len(y))
    pool, k = np.concatenate((x[:n], y[:n])), 2 * int(math.sqrt(n) / 2) + 1  # odd: no ties
    tree = yield from search_tree(pool)
    right = 0
    for start in range(0, 2 * n, VOTES):
        rows = np.arange(start, min(start + VOTES, 2 * n))
        near = tree.query(pool[rows], k + 1)[1]
        own = near == rows[:, None]
        own[~own.any(1), -1] = True  # among points that coincide it need not be found itself
        of_y = near[~own].reshape(len(rows), k) >= n
        right += int(((of_y.mean(1) > 0.5) == (rows >= n)).sum())
        yield
    return 2 * right / (2 * n) - 1


def _power(x: Array, y: Array, alpha: float) -> Slow:
    """int p^alpha q^(1 - alpha) as B mean_i ((n - 1) rho_i^d / (m nu_i^d))^(1 - alpha), with
    B = Gamma(k)^2 / (Gamma(k - alpha + 1) Gamma(k + alpha - 1)) (Poczos and Schneider, 2011)."""
    log_ratio = yield from _log_ratio(x, y)
    constant = 2 * math.lgamma(K) - math.lgamma(K - alpha + 1) - math.lgamma(K + alpha - 1)
    return float(np.exp(constant + (alpha - 1) * log_ratio).mean())


def _log_ratio(x: Array, y: Array) -> Distances:
    """An estimate of log p/q at each x_i, from k-th neighbours."""
    _check(x, y)
    near = yield from kth_slices(x, x, K + 1)  # the nearest of all is the point itself
    far = yield from kth_slices(x, y, K)
    out: Array = x.shape[1] * (_log(far) - _log(near)) + math.log(len(y) / (len(x) - 1))
    return out


def _check(x: Array, y: Array) -> None:
    spread_out(x, y, 2 * K, "A nearest-neighbour estimate")


def _log(distance: Array) -> Array:
    if not distance.all():
        raise Refused("A nearest-neighbour estimate met points that coincide: take the histogram instead.")
    return np.log(distance)
