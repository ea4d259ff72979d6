"""Which solver can walk along which field, and if not, why."""

from __future__ import annotations

from dgm_studio.solvers.mala import NO_DENSITY
from dgm_studio.solvers.solver import Solver

_OFFERS = {"velocity": "velocity", "score": "score", "denoiser": "x1_hat", "density": "log_density"}
"""What a solver may need, and the method by which a field (paths.field) offers it."""
_WITHOUT = {
    "velocity": "It walks along a velocity, which this model has not.",
    "score": "It needs the score of the noised data, which this model has not: its start is not plain noise mixed into "
    "the data.",
    "denoiser": "It steps by a predicted clean point, which this model has not. Choose a solver of the ODE.",
    "density": NO_DENSITY,
}


def unfit(solver: Solver, field: object) -> str:
    """Why the solver cannot walk along this field (or model that is one), "" where it can."""
    for need in solver.card.needs:
        if not callable(getattr(field, _OFFERS[need], None)):
            return _WITHOUT[need]
    if solver.card.fact("stochastic") and not callable(getattr(field, "score", None)):
        return _WITHOUT["score"]  # its drift is read off the velocity by way of the score
    return ""
