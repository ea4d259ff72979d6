"""Pairs that a person connects by hand: read from their text, and what they cost."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused

MOST = 20
"""Points that a person may connect."""
_PAIR = re.compile(r"(\d{1,6})\s*-\s*(\d{1,6})")


@dataclass(frozen=True, eq=False)
class HandPairs:
    """Pairs (i, j), in the order they were drawn, at cost (n, n); no point is in two of them."""

    pairs: tuple[tuple[int, int], ...]
    cost: Array

    @property
    def missing(self) -> int:
        """Points of the first cloud without a partner."""
        return len(self.cost) - len(self.pairs)

    @property
    def total(self) -> float:
        """The sum of cost_ij / n over the pairs: the transport cost, once none is missing."""
        return sum(float(self.cost[i, j]) for i, j in self.pairs) / len(self.cost)

    def misses(self, best: float) -> float:
        """By how much a complete pairing costs more than the optimum, as a share of it; what is below rounding is 0."""
        over = self.total - best
        if over <= 1e-9 * max(best, self.total):
            return 0.0
        return over / best if best > 0 else float("inf")


def hand_pairs(text: str, cost: Array) -> HandPairs:
    """The pairs of a text such as "0-3, 2-1", points counted from 0 -> at cost (n, n).

    A pair drawn again is taken away; a point connected anew leaves its old partner. A pair of points beyond the n that
    are there now rests until they are. Refused where a part is no pair or names a point that can never be there.
    """
    partners: dict[int, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        found = _PAIR.fullmatch(part)
        if found is None:
            raise Refused(f"'{part[:40]}' is not a pair. Write two point numbers with a dash, such as 0-3, 2-1.")
        i, j = int(found[1]), int(found[2])
        if max(i, j) >= MOST:
            raise Refused(f"{i}-{j} names a point that is not there. Points are numbered from 0 to at most {MOST - 1}.")
        if max(i, j) >= len(cost):
            continue
        again = partners.get(i) == j
        partners = {one: other for one, other in partners.items() if one != i and other != j}
        if not again:
            partners[i] = j
    return HandPairs(tuple(partners.items()), cost)


def ends(pairs: tuple[tuple[int, int], ...], x: Array, y: Array) -> Array:
    """The pairs as straight pieces (k, 4) from x_i to y_j."""
    rows, columns = np.array(pairs, np.int64).reshape(-1, 2).T
    return np.column_stack((x[rows], y[columns]))
