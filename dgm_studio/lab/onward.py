"""Going on from the middle of a film: the same points, or edited ones, from a time t on to the data."""

from __future__ import annotations

import zlib
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import FollowsField, GoesOn
from dgm_studio.families.parts.solver_knobs import fit_solver, solver_of
from dgm_studio.lab.film import Walk, without_grad
from dgm_studio.lab.scene import Scene
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.solvers.noise import BrownianPath

FRESH = 7_919
"""Salt of the noise after a branch: had it the film's own seed, it would repeat the noise that made its points."""
NEAR = 1e-6
"""Times closer than this are one time."""


def no_branch(model: Any) -> str:
    """Why a film of this model cannot go on from its middle, "" where it can."""
    if isinstance(model, GoesOn) or (isinstance(model, FollowsField) and "solver" in _knobs(model)):
        return ""
    return f"{model.card.title} makes its points in one go or as a chain: there is no middle of a path to go on from."


def onward_states(scene: Scene, start: Tensor, t: float, seed: int, *, exact: bool, brownian: bool = False) -> Walk:
    """How many frames there will be, and the walk from start (n, d) at time t on, by what is left of the times that
    the whole walk has.

    A deterministic solver of one step therefore goes on as if it had never been stopped; a chain at one level, which
    has no end, does as many steps again. Labels that are drawn are those of the film with this seed; noise is fresh,
    unless it is read off the film's Brownian path. Refused where there is no such walk, or t is not inside it.
    """
    if why := no_branch(scene.model):
        raise Refused(why)
    own = isinstance(scene.model, GoesOn)
    chain = not own and bool(solver_of(scene.sampling).card.fact("one_level"))
    if not (chain or 0 < t < 1 - NEAR):
        raise Refused(f"A film cannot go on from t = {t:g}: choose a frame after its first and before its last.")
    if isinstance(scene.model, GoesOn):
        frames, walk = scene.model.onward(start, t, scene.sampling)
        return frames, without_grad(lambda: walk)
    model: Any = scene.model
    of_film = torch.Generator(scene.device).manual_seed(seed)
    model.prior(len(start), of_film)  # the film drew it first, and its labels after it
    field: Field | None = scene.exact if exact else model.followed(len(start), scene.sampling, of_film)
    if field is None:
        raise Refused(f"{model.card.title} has no path, so there is no exact trajectory to go on along.")
    steps = scene.sampling.steps
    times = (field.path.time_grid(steps) if chain else onward_times(field.path, steps, t)).to(start)
    # A branch of a branch leaves it at another time, of a chain, whose time stands still, from other points: it repeats
    # no more of its noise than that of the film.
    place = zlib.crc32(start.cpu().numpy().tobytes()) if chain else round(t / NEAR)
    fresh = torch.Generator(scene.device).manual_seed(seed + FRESH * (1 + place))
    noise = BrownianPath(seed, scene.device) if brownian else fresh
    solver = fit_solver(scene.sampling, field)
    return len(times), without_grad(lambda: solver.walk(field, start, times, noise))


def onward_times(path: Path, steps: int, t: float) -> Tensor:
    """t, and the path's times after it of a walk of so many steps."""
    whole = path.time_grid(steps)
    later = whole[whole > t + NEAR]
    return torch.cat([torch.tensor([t], dtype=whole.dtype), later])


def _knobs(model: Any) -> tuple[str, ...]:
    return tuple(model.Sampling.__dataclass_fields__)
