"""What noise a solver's walk has: none, that of a Brownian path, or fresh draws that no path owns."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from dgm_studio.solvers.ancestral import AncestralSolver
from dgm_studio.solvers.noise import BrownianPath
from dgm_studio.solvers.solver import Solver

NONE, PATH, FRESH, CHAIN = "none", "path", "fresh", "chain"

BLOCK = 16
"""Normal numbers that torch draws at once."""

_SWITCHES = ("eta", "lam", "churn")
"""Settings whose 0 takes all of a solver's noise away."""


def noise_kind(solver: Solver) -> str:
    """NONE of an ODE's solver; PATH where each step's noise is an increment of W, so that finer steps along the same W
    lead to the same end; CHAIN of one that goes nowhere; else FRESH."""
    if solver.card.fact("chain"):
        return CHAIN
    own: dict[str, Any] = vars(solver)
    ancestral = isinstance(solver, AncestralSolver)
    switches = [name for name in _SWITCHES if name in own]
    if switches and not any(own[name] for name in switches):
        return NONE
    if not switches and not solver.card.fact("stochastic"):
        return NONE
    return PATH if ancestral or solver.card.fact("strong_order") is not None else FRESH


class FirstRows(BrownianPath):
    """The first k rows of the Brownian path of `count` particles, for walks of k of them.

    torch draws normal numbers block by block, so that the first of many are those of few; a test holds it to that, and
    what is no whole number of blocks is drawn whole and cut.
    """

    def __init__(self, seed: int, count: int, device: torch.device | str = "cpu") -> None:
        super().__init__(seed, device)
        self._count = count

    def __new__(cls, seed: int, count: int, device: torch.device | str = "cpu") -> FirstRows:
        """On the device that its other draws are made on."""
        made = super().__new__(cls, seed, device)
        assert isinstance(made, FirstRows)
        return made

    def increment(self, t: float, r: float, shape: torch.Size) -> Tensor:
        """W(r) - W(t) of the first shape[0] of all particles."""
        whole = torch.Size((self._count, *shape[1:]))
        # A last block that is not full is drawn again, over the end of the one before.
        if shape.numel() % BLOCK == 0 and shape.numel() + BLOCK <= whole.numel():
            return super().increment(t, r, shape)
        return super().increment(t, r, whole)[: shape[0]]
