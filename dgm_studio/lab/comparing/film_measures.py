"""A whole film in numbers: what it cost, how far it ended from where it should, how its particles went."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.comparing import Estimated, FilmMeasures
from dgm_studio.core.errors import Refused
from dgm_studio.core.requests import Shoot
from dgm_studio.data.law import Law
from dgm_studio.data.laws import MixtureLaw, PointsLaw, SetLaw
from dgm_studio.families.parts.solver_knobs import solver_of
from dgm_studio.lab.comparing.estimated import rms_of
from dgm_studio.lab.comparing.reference import ROWS, Walked, field_in_double, rows_of
from dgm_studio.lab.comparing.shared import References
from dgm_studio.lab.comparing.ways import Ways
from dgm_studio.lab.scene import Scene
from dgm_studio.measures import measures
from dgm_studio.measures.measuring import FEWEST, USUAL, Asked, measuring
from dgm_studio.solvers import solvers
from dgm_studio.solvers.solver import Solver

W2_POINTS = 400
"""End points whose distance to as many data is measured: some 10 ms a plan, and interval and floor take forty."""
SEED = 53
PENDING = "The reference is being computed."


def film_measures(
    scene: Scene, request: Shoot, ways: Ways, state: Tensor, references: References
) -> Iterator[FilmMeasures | None]:
    """The measures of a film that was walked as `ways` saw: first without error and W2, then with the error, at last
    with all; None for each slice. `state` is that of its generator when the walk began; `references` are those of the
    films beside it."""
    now = FilmMeasures(
        ways.evaluations, ways.seconds, None, "", PENDING, None, ways.straightness(), ways.length(), ways.curvature()
    )
    yield now
    try:
        walked = _walked(scene, request, ways, state)
        truth = yield from references.get(walked)
        assert ways.last is not None
        gaps = ways.last[: len(truth.ends)].double() - truth.ends
        error = rms_of(np.asarray(gaps.cpu().numpy()), truth.own_error)
        now = replace(now, error=error, reference=truth.words, no_error="")
    except Refused as refusal:
        now = replace(now, no_error=str(refusal))
    yield now
    if not request.forward:
        yield replace(now, w2=(yield from end_distance(scene, ways)))


def end_distance(scene: Scene, ways: Ways) -> Generator[None, None, Estimated | None]:
    """W2 of at most W2_POINTS end points to as many fresh data, with its floor; None where it cannot be had."""
    law = law_of(scene)
    assert ways.last is not None
    n = min(W2_POINTS, len(ways.last))
    if law is None or n < FEWEST or not bool(torch.isfinite(ways.last).all()):
        return None
    found = None
    try:
        ends: Array = ways.last[:n].double().cpu().numpy()
        for one in measuring(measures()["w2"], Asked(law, PointsLaw(ends, "The film's end"), n, SEED, (USUAL,))):
            found = one or found
            yield None
    except Refused:  # all ends are one point, or of another dimension than the data
        return None
    return None if found is None else Estimated(found.value, found.low, found.high, found.floor)


def law_of(scene: Scene) -> Law | None:
    """What the samples should be drawn from: the data's law, else their points; None where neither is known."""
    if scene.data_set is not None:
        return SetLaw(scene.data_set)
    if len(scene.mixture.weights) and not scene.mixture.is_finite_data:
        return MixtureLaw(scene.mixture, "The data")
    if len(scene.points) < 2:
        return None
    return PointsLaw(scene.points.double().cpu().numpy(), "The data")


def _walked(scene: Scene, request: Shoot, ways: Ways, state: Tensor) -> Walked:
    if request.forward:
        raise Refused("The forward process needs no solver: its steps are exact.")
    assert ways.first is not None
    count = len(ways.first)
    if request.start_time > 0:  # a branch's labels are those of the film it left (lab.onward)
        of_film = torch.Generator(scene.device).manual_seed(request.seed)
        scene.model.prior(count, of_film)
        state = of_film.get_state()
    field = field_in_double(scene, request.exact, count, state, ROWS)
    times = torch.tensor(ways.times, dtype=torch.float64)
    seed = request.seed if request.brownian else None
    return Walked(field, _solver(scene.sampling), times, ways.first[: rows_of(field)].double(), count, seed)


def _solver(sampling: Any) -> Solver:
    """The solver that Sampling names; where a family has one of its own, which is an ODE's, another of that kind."""
    return solver_of(sampling) if sampling.solver in solvers() else solvers()["rk4"]
