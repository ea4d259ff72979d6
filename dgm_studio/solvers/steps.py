"""What the solvers share: checked times, the ODE's common walk, clean points read off a velocity."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.paths.targets import from_clean_and_noise, to_clean_and_noise
from dgm_studio.solvers.noise import Noise
from dgm_studio.solvers.solver import Solver, State


def intervals(times: Tensor, start: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Consecutive (t, r), 0-d in the dtype of `start`; Refused unless times rise strictly within [0, 1]."""
    ts = times.to(start)
    if ts.ndim != 1 or len(ts) < 2 or bool((ts[1:] <= ts[:-1]).any()) or not 0 <= float(ts[0]) < float(ts[-1]) <= 1:
        raise Refused("A solver needs two or more strictly rising times within 0 (noise) and 1 (data).")
    return pairwise(ts)


def ends_sharp(path: Path, r: Tensor) -> bool:
    """True where s(r) = 0: there s' may be infinite and finite data have no velocity, so r is not evaluated
    at.
    """
    return float(path.s(r)) == 0.0


def clean_of_velocity(velocity: Tensor, x: Tensor, t: Tensor, path: Path) -> Tensor:
    """x1_hat at no extra evaluation, by the table of targets."""
    return to_clean_and_noise("velocity", velocity, x, t, path)[0]


def velocity_of_clean(clean: Tensor, x: Tensor, t: Tensor, path: Path) -> Tensor | None:
    """The velocity at no extra evaluation, by the table of targets; None where s = 0 or a', s' are infinite."""
    if ends_sharp(path, t) or not bool((path.da(t) + path.ds(t)).isfinite()):
        return None
    return from_clean_and_noise("velocity", *to_clean_and_noise("x", clean, x, t, path), t, path)


def last_state(path: Path, x: Tensor, r: Tensor, evaluations: int) -> State:
    """The final state; where s = 0 its posterior mean is x / a itself, else it would cost an evaluation."""
    clean = x / path.a(r) if ends_sharp(path, r) else None
    return State(float(r), x, clean, evaluations)


@dataclass(frozen=True)
class OdeSolver(Solver):
    """A stepper of dx/dt = velocity(x, t). Subclasses say how to advance once the first velocity is known."""

    @abstractmethod
    def advance(self, field: Field, x: Tensor, t: Tensor, r: Tensor, velocity: Tensor) -> tuple[Tensor, int]:
        """x at r from x (n, d) at t, given velocity(x, t); and the number of further evaluations it took."""

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk. A state is yielded after the evaluation that leaves it, which gives its x1_hat."""
        x, evaluations = start, 0
        for t, r in intervals(times, start):
            velocity = field.velocity(x, t)
            evaluations += 1
            yield State(float(t), x, clean_of_velocity(velocity, x, t, field.path), evaluations, velocity)
            x, more = self.advance(field, x, t, r, velocity)
            evaluations += more
        yield last_state(field.path, x, r, evaluations)
