"""The convergence plot's task: each solver at each number of steps, in float64, against its reference."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.comparing import Converge, ConvergencePoint, Entrant
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import fill, knobs_of
from dgm_studio.core.reports import Beat, Report
from dgm_studio.core.requests import Request
from dgm_studio.families.parts.learned_field import LearnedField, ends
from dgm_studio.families.parts.solver_knobs import fit_solver
from dgm_studio.lab.comparing.estimated import rms_of
from dgm_studio.lab.comparing.noises import PATH, FirstRows, noise_kind
from dgm_studio.lab.comparing.reference import ROWS, Reference, Walked, field_in_double, kind_of, points_of, rows_of
from dgm_studio.lab.comparing.shared import References
from dgm_studio.lab.comparing.slopes import order_of
from dgm_studio.lab.film import exact_states, model_states, without_grad
from dgm_studio.lab.scene import Scene
from dgm_studio.paths.field import Field
from dgm_studio.solvers import solvers
from dgm_studio.solvers.solver import Solver

MOST_STEPS = 1_000
LOOSEST = 1e-2
"""An adaptive solver runs at this tolerance, then at a tenth of it, and so on, once for each number of steps."""
STOPS = 64
"""Times its dense output is read at, for its slices to be short: that costs nothing."""
FINER = 8
"""Times as many steps as the most that are compared: the reference along a Brownian path."""


@dataclass(frozen=True, eq=False)
class Contest:
    """One entrant, ready: its solver, the field it walks, its start (n, d) float64, and what its reference hangs on."""

    index: int
    solver: Solver
    field: Field
    start: Tensor
    key: object


@dataclass
class Course:
    """An entrant's points so far, for its slope."""

    costs: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    floors: list[float] = field(default_factory=list)


class ConvergeTask:
    """Entrants without a reference are left out; Refused where none has one, with the first one's reason."""

    weight = 1.0

    def __init__(self, scene: Scene, request: Converge, references: References | None = None) -> None:
        """`references` are shared with the films beside it."""
        self._scene, self._request = scene, request
        self._references = references or References()
        if not request.entrants:
            raise Refused("No solver was chosen to be compared. Choose one or more.")
        if any(not 1 <= steps <= MOST_STEPS for steps in request.step_counts) or not request.step_counts:
            raise Refused(f"Solvers are compared at 1 to {MOST_STEPS:,} steps, not at {request.step_counts}.")
        if request.count < 1:
            raise Refused(f"The number of particles is {request.count}; it must be at least 1.")
        self._contests: list[Contest] = []
        refusals = []
        for index, entrant in enumerate(request.entrants):
            try:
                self._contests.append(self._contest(index, entrant))
            except Refused as refusal:
                refusals.append(str(refusal))
        if not self._contests:
            raise Refused(refusals[0])

    def beats(self) -> Iterator[Beat | Report | None]:
        """A ConvergencePoint for each entrant and number of steps, cheapest first; None for each slice."""
        truths: dict[object, Reference] = {}
        courses = {one.index: Course() for one in self._contests}
        for place, steps in enumerate(sorted(set(self._request.step_counts))):
            for one in sorted(self._contests, key=_cost):
                if one.key not in truths:
                    truths[one.key] = yield from self._truth(one)
                point = yield from self._point(one, place, steps, truths[one.key], courses[one.index])
                if point is not None:
                    yield point

    def watch(self) -> Iterator[Report | None] | None:
        """There is nothing to see."""
        return None

    def receive(self, request: Request) -> Iterable[Report]:
        """It obeys only the engine's own commands."""
        return ()

    def close(self) -> None:
        """Nothing is held."""

    def _contest(self, index: int, entrant: Entrant) -> Contest:
        own = self._scene.sampling
        values = {**vars(own), **self._request.sampling, **entrant.sampling, "solver": entrant.solver}
        scene = replace(self._scene, sampling=fill(type(own), values), memo={})
        generator = torch.Generator(scene.device).manual_seed(self._request.seed)
        start = scene.model.prior(self._request.count, generator)
        state = generator.get_state()
        field = field_in_double(scene, self._request.exact, len(start), state, ROWS)
        solver = fit_solver(scene.sampling, field)
        kind_of(solver)
        # The model's own walk knows where its start noise stands on the path: its first state is the common start.
        one_step = replace(scene, sampling=replace(scene.sampling, solver="euler", steps=1))
        states = exact_states if self._request.exact else model_states
        first = next(states(one_step, len(start), start, generator)[1])
        rows = min(len(start), rows_of(field))
        return Contest(index, solver, field, first.x[:rows].double(), _key(scene, solver))

    def _truth(self, one: Contest) -> Generator[None, None, Reference]:
        most = max(self._request.step_counts)
        times = one.field.path.time_grid(most, torch.float64)
        walked = Walked(one.field, one.solver, times, one.start, self._request.count, self._request.seed)
        truth = yield from self._references.get(walked, FINER)
        if noise_kind(one.solver) == PATH:
            words = f"{truth.words} than {most}"
            return replace(truth, words=words)
        return truth

    def _point(
        self, one: Contest, place: int, steps: int, truth: Reference, course: Course
    ) -> Generator[None, None, ConvergencePoint | None]:
        solver: Any = one.solver
        adaptive = bool(solver.card.fact("adaptive"))
        if adaptive:
            tolerance = LOOSEST / 10**place
            solver, steps = replace(solver, rtol=tolerance, atol=tolerance), STOPS
        times = one.field.path.time_grid(steps, torch.float64)
        noise = FirstRows(self._request.seed, self._request.count)
        walk = without_grad(lambda: solver.walk(one.field, one.start, times, noise))
        seconds, evaluations, ends = 0.0, 0, one.start
        while True:
            begun = time.perf_counter()
            try:
                state = next(walk, None)
            except Refused:
                return None  # a tolerance finer than the numbers, or too fine for this field: the others go on
            seconds += time.perf_counter() - begun
            if state is None:
                break
            evaluations, ends = state.evaluations, state.x
            yield
        if not bool(torch.isfinite(ends).all()):
            return None  # too few steps for this field: the plot has no place for it
        error = rms_of(np.asarray((ends - truth.ends).cpu().numpy()), truth.own_error)
        course.costs.append(evaluations)
        course.errors.append(error.value)
        course.floors.append(truth.own_error)
        told = max(1, round(evaluations / float(solver.card.fact("evaluations", 1.0)))) if adaptive else steps
        return ConvergencePoint(
            one.index, told, evaluations, seconds, error, truth.words, _claimed(solver),
            order_of(course.costs, course.errors, course.floors), _doubt(one.field),
        )  # fmt: skip


def _cost(one: Contest) -> float:
    """Evaluations of a step."""
    return float(one.solver.card.fact("evaluations", 1.0) or 1.0)


def _claimed(solver: Solver) -> float:
    """The order on its card: of a stochastic one the strong order, for errors here are those of single ways."""
    return float(solver.card.fact("strong_order", solver.card.fact("order", 0.0)) or 0.0)


def _doubt(field: Field) -> str:
    """Why the claims, which are for smooth fields, need not hold for this one."""
    if points_of(field):
        return "Orders hold for smooth fields: near t = 1 that of finite data pulls ever harder to single points."
    if not isinstance(field, LearnedField):
        return ""
    low, high = ends(field.path)
    edges = [f"below t = {low:g}"] * (low > 0) + [f"above t = {high:g}"] * (high < 1)
    if not edges:
        return ""
    return (
        f"Orders hold for smooth fields: this model answers {' and '.join(edges)} as it does there, where it can still "
        "be read, and that kink leads to order 1 where steps are small."
    )


def _key(scene: Scene, solver: Solver) -> object:
    """What a reference hangs on: all that Sampling says but the solver; along a Brownian path the solver too."""
    own = {"solver", "steps", *(one.name for each in solvers().values() for one in knobs_of(type(each)))}
    rest = tuple(sorted((name, value) for name, value in vars(scene.sampling).items() if name not in own))
    return rest, solver if noise_kind(solver) == PATH else None
