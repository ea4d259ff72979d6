"""When two laws are one shape in two places, and by how much the one must be moved."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.mixture import Mixture

CLOSE = 1e-12
"""How much of a number may be rounding."""


def shift_of_mixtures(p: Mixture, q: Mixture) -> Array | None:
    """The vector (d,) from p's means to q's where weights and covariances agree, component by component."""
    if p.means.shape != q.means.shape or not same(p.weights, q.weights) or not same(p.covariances, q.covariances):
        return None
    return common_step(p.means, q.means)


def shift_of_atoms(p: tuple[Array, Array], q: tuple[Array, Array]) -> Array | None:
    """The vector (d,) from p's points to q's where the weights agree and the points differ by it alone."""
    if p[0].shape != q[0].shape or not same(p[1], q[1]):
        return None
    return common_step(p[0], q[0])


def common_step(here: Array, there: Array) -> Array | None:
    """The one vector (d,) from every row of `here` (n, d) to its row of `there`; None where they differ."""
    steps = there - here
    room = CLOSE * max(1.0, float(np.abs(here).max()), float(np.abs(there).max()))
    return None if np.abs(steps - steps[0]).max() > room else np.asarray(steps[0])


def same(one: Array, other: Array) -> bool:
    """Equal to rounding, element by element."""
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=CLOSE, atol=0.0))
