"""The measured order of a solver: the slope of error against cost, both as logarithms."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dgm_studio.core.comparing import Estimated
from dgm_studio.measures.intervals import student

FEWEST, FINEST = 3, 4
"""Points that a slope needs, and how many it is told from: the finest, for orders hold in the limit."""
ABOVE = 3.0
"""Times the reference's own error that a point's must be, to speak of the solver and not of the reference."""

_STUDENT = {1: 12.706, 2: 4.303, 3: 3.182}
"""97.5 % points below where measures.intervals.student is exact."""


def order_of(costs: Sequence[float], errors: Sequence[float], floors: Sequence[float]) -> Estimated | None:
    """p of error = C cost^-p by least squares over the finest points above their floors, with its 95 % interval; None
    of fewer than FEWEST."""
    told = [(c, e) for c, e, floor in zip(costs, errors, floors, strict=True) if e > ABOVE * floor and e > 0]
    told = sorted(told)[-FINEST:]
    if len(told) < FEWEST:
        return None
    x, y = np.log(np.array(told)).T
    gaps = x - x.mean()
    spread = float(gaps @ gaps)
    if spread == 0:
        return None
    slope = float(gaps @ y) / spread
    left = y - y.mean() - slope * gaps
    freedom = len(told) - 2
    half = _STUDENT.get(freedom, student(max(4, freedom))) * math.sqrt(float(left @ left) / freedom / spread)
    return Estimated(-slope, -slope - half, -slope + half)
