"""What a film is judged by: the end points of an ODE solved to 1e-8, of the same Brownian path 16 times finer, or in
closed form; never those of many Euler steps."""

from __future__ import annotations

import copy
import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.families.capabilities import FollowsField
from dgm_studio.lab.comparing.noises import CHAIN, FRESH, PATH, FirstRows, noise_kind
from dgm_studio.lab.film import without_grad
from dgm_studio.lab.scene import Scene
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.solvers.dopri5 import NEAR_END, Dopri5
from dgm_studio.solvers.solver import Solver, State
from dgm_studio.solvers.steps import ends_sharp

TOLERANCE, LOOSER = 1e-8, 1e-7
"""Of the reference, and of the solve that tells its error: an error is about proportional to the tolerance."""
FINER = 16
ROWS, FEW_ROWS = 256, 32
"""Particles whose ends are compared at most; where each evaluation looks at all points of finite data fewer, but not
below FEW_ROWS: the interval says what that costs."""
ENTRIES, AT_ONCE = 320_000, 80_000
"""Particles times points of finite data that a reference is worth, 10 ms an evaluation, and that are solved together:
a step of six evaluations, or two of them, is then a slice."""
WORTH = 300_000_000
"""Particles times points times steps of a Brownian path's reference, some 10 s; thinner where it would be more."""
THINNEST = 4
"""Times finer that the reference is at least."""
GRID = 192
"""Times that an adaptive solve is stopped at, for its slices to be short."""
CLOSED_FORM, IN_DOUBLE = "closed form", "float64, tolerance 1e-8"


@dataclass(frozen=True, eq=False)
class Reference:
    """End points (k, d) float64 of the first k particles, how they were found in words, and their own root mean square
    error as far as it can be told."""

    ends: Tensor
    words: str
    own_error: float


@dataclass(frozen=True, eq=False)
class Walked:
    """What is to be judged: `count` particles walked by `solver` along `field` over `times` (k,) from `start`, the
    first ROWS of them (m, d) float64; `seed` of its Brownian path, None where the noise was fresh."""

    field: Field
    solver: Solver
    times: Tensor
    start: Tensor
    count: int
    seed: int | None


def field_in_double(scene: Scene, exact: bool, count: int, state: Tensor, rows: int) -> Field:
    """The field that the scene's walk of `count` particles follows, from the generator's `state` at its start, for the
    first `rows` of them in float64. Refused, in words for the read-out, where the walk solves no ODE or SDE."""
    title = scene.model.card.title
    if scene.device.type == "mps":
        raise Refused("Apple's GPU has no float64 to compute a reference in: compute on the CPU.")
    if not hasattr(scene.sampling, "solver"):
        raise Refused(f"{title} solves no differential equation: there is no end it should have reached.")
    if not (exact or isinstance(scene.model, FollowsField)):
        raise Refused(f"{title} cannot be solved to a tolerance here, so where it should have ended is not known.")
    if exact and scene.exact is not None:
        return scene.exact
    model = copy.deepcopy(scene.model).double()
    assert isinstance(model, FollowsField)
    generator = torch.Generator(scene.device)
    generator.set_state(state)
    # Labels are drawn one by one: the first rows of all are those of as many.
    return model.followed(min(count, rows), scene.sampling, generator)


def rows_of(field: Field) -> int:
    """How many particles along this field are compared at most."""
    points = points_of(field)
    return max(FEW_ROWS, min(ROWS // 2, ENTRIES // points)) if points else ROWS


def points_of(field: Field) -> int:
    """How many points of finite data each evaluation looks at; 0 where there are none."""
    finite = isinstance(field, ExactField) and field.mixture.is_finite_data
    return len(field.mixture.weights) if isinstance(field, ExactField) and finite else 0


def kind_of(solver: Solver) -> str:
    """NONE or PATH; Refused, in words for the read-out, of a solver whose walks no reference can judge."""
    kind, title = noise_kind(solver), solver.card.title
    if kind == CHAIN:
        raise Refused(f"{title} is a chain that mixes at its level: there is no one end it should reach.")
    if kind == FRESH:
        raise Refused(f"{title} draws noise that belongs to no step: no finer walk ends where it does.")
    return kind


def reference(walked: Walked, finer: int = FINER) -> Generator[None, None, Reference]:
    """The true end points, along a Brownian path by `finer` times as many steps; each yield ends a slice. Refused, in
    words for the read-out, where there are none."""
    if kind_of(walked.solver) == PATH:
        return (yield from _along_one_path(walked, finer))
    known = _gaussian_map(walked)
    if known is not None:
        return Reference(known, CLOSED_FORM, 0.0)
    ends = yield from _adaptive(walked, TOLERANCE)
    finite = bool(points_of(walked.field))
    some = replace(walked, start=walked.start[: FEW_ROWS // 4]) if finite else walked
    other = yield from _adaptive(some, LOOSER)
    words = f"{IN_DOUBLE}, the first {len(ends)} particles" if finite else IN_DOUBLE
    return Reference(ends, words, rms(ends[: len(other)] - other) / (LOOSER / TOLERANCE - 1))


def rms(gaps: Tensor) -> float:
    """The root mean square length of vectors (n, d)."""
    return math.sqrt(float(gaps.square().sum(1).mean()))


def _adaptive(walked: Walked, tolerance: float) -> Generator[None, None, Tensor]:
    """As many particles at a time as leave short slices."""
    points = points_of(walked.field)
    together = max(1, AT_ONCE // points) if points else len(walked.start)
    ends = []
    for start in torch.split(walked.start, together):
        end = yield from _solved(replace(walked, start=start), tolerance)
        ends.append(end)
    return torch.cat(ends)


def _solved(walked: Walked, tolerance: float) -> Generator[None, None, Tensor]:
    field, first, last = walked.field, float(walked.times[0]), float(walked.times[-1])
    # Up to t = 1 the solver would go by an Euler step where the path ends sharp; a midpoint's error is far below it.
    # Finite data fall onto their points there, and stay with Euler's, which is then exact.
    stretch = ends_sharp(field.path, walked.times[-1].double()) and not points_of(field)
    until = last - NEAR_END if stretch and last - first > 2 * NEAR_END else last
    # Times crowd at both ends, where a path may bend without end.
    inner = 0.5 - 0.5 * torch.cos(math.pi * torch.linspace(0, 1, GRID, dtype=torch.float64))
    grid = torch.cat(
        [
            torch.tensor([first], dtype=torch.float64),
            first + (until - first) * inner[1:-1],
            torch.tensor([until], dtype=torch.float64),
        ]
    )
    solver = Dopri5(rtol=tolerance, atol=tolerance)
    end = yield from _end(solver.walk(field, walked.start, grid, torch.Generator()))
    if until == last:
        return end
    with torch.no_grad():
        t, h = grid[-1].to(end), torch.tensor(last - until, dtype=end.dtype, device=end.device)
        half = end + h / 2 * field.velocity(end, t)
        return end + h * field.velocity(half, t + h / 2)


def _along_one_path(walked: Walked, finer: int) -> Generator[None, None, Reference]:
    """The same solver along the same W with `finer` times as many steps; half as many tell its error, which falls with
    the step."""
    if walked.seed is None:
        raise Refused("This film drew noise of its own: only films along one Brownian path have errors.")
    if points := points_of(walked.field):
        room = WORTH // (points * len(walked.start) * len(walked.times))
        finer = max(THINNEST, min(finer, room // 2 * 2))
    ends = []
    for parts in (finer, finer // 2):
        times, noise = refined(walked.times, parts), FirstRows(walked.seed, walked.count)
        ends.append((yield from _end(walked.solver.walk(walked.field, walked.start, times, noise))))
    return Reference(ends[0], f"the same Brownian path, {finer} times finer", rms(ends[0] - ends[1]))


def _end(walk: Iterator[State]) -> Generator[None, None, Tensor]:
    for state in without_grad(lambda: walk):
        last = state.x
        yield
    return last


def refined(times: Tensor, finer: int) -> Tensor:
    """Times (k,) with each interval cut in `finer` equal parts, in float64."""
    parts = torch.arange(finer, dtype=torch.float64) / finer
    pieces = [t + (r - t) * parts for t, r in pairwise(times.double())]
    return torch.cat([*pieces, times[-1:].double()])


def _gaussian_map(walked: Walked) -> Tensor | None:
    """For Gaussian data N(m, S), C(t) = a^2 S + s^2 I: a_r m + C(r)^(1/2) C(t)^(-1/2) (x - a_t m) (CONVENTIONS.md)."""
    field, x = walked.field, walked.start
    if not isinstance(field, ExactField) or len(field.mixture.weights) != 1 or field.mixture.is_finite_data:
        return None
    values, axes = torch.linalg.eigh(torch.from_numpy(field.mixture.covariances[0].copy()).to(x))
    mean = torch.from_numpy(field.mixture.means[0].copy()).to(x)
    (a, c), (a_end, c_end) = (_scales(field.path, t, values) for t in (walked.times[0], walked.times[-1]))
    along = (x - a * mean) @ axes
    ends: Tensor = a_end * mean + (along * torch.sqrt(c_end / c)) @ axes.T
    return ends


def _scales(path: Path, t: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """a(t), and the eigenvalues (d,) of C(t) for those of S."""
    time = t.to(values)
    a = path.a(time)
    return a, a**2 * values + path.s(time) ** 2
