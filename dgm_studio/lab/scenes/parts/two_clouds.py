"""Two clouds of the studio's data sets, few enough points to see every line of a plan between them."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.knobs import Choice
from dgm_studio.data import data_sets

MOST = 200
P_CENTRE = frozen(np.array([-2.5, 0.0]))
"""Where the first cloud stands, so that there is room for the second."""


def _in_the_plane() -> tuple[Choice, ...]:
    found = data_sets().items()
    dims = {name: one.draw(2, np.random.default_rng(0)).points.shape[1] for name, one in found}
    return tuple(Choice(name, one.card.title, one.card.summary) for name, one in found if dims[name] == 2)


PLANE = _in_the_plane()
"""The data sets of points in the plane, as choices of a knob."""


def cloud(name: str, n: int, rng: np.random.Generator) -> Array:
    """n <= MOST points (n, 2) of that data set, float64. All MOST are drawn, so that the first stay where they are
    when n grows; in random order, since some data sets draw one class after the other."""
    points = data_sets()[name].draw(MOST, rng).points.astype(np.float64)
    return points[rng.permutation(MOST)[:n]]


def masses(n: int, unequal: bool, rng: np.random.Generator) -> Array:
    """n <= MOST masses (n,) that sum to one: all the same, or exponential ones with the lightest a tenth at least."""
    drawn = 0.1 + rng.exponential(size=MOST)[:n] if unequal else np.ones(n)
    out: Array = drawn / drawn.sum()
    return out
