"""Solvers: ONE FILE, ONE STEPPER from noise (t = 0) to data (t = 1).

Lives here: ODE solvers on the velocity, SDE and ancestral samplers; order and evaluations stand on the card.
May not live here: networks, training, knowledge of a family.
To add one: a file with `SOLVER = MySolver()`; menus, greying and the order tests follow.
"""

from __future__ import annotations

import sys
from functools import cache

from dgm_studio.core.discovery import discover
from dgm_studio.solvers.solver import Solver


@cache
def solvers() -> dict[str, Solver]:
    """Every solver by id."""
    return discover(sys.modules[__name__], "SOLVER")
