"""Dormand and Prince's 5(4): steps of its own choosing, so that the error of each stays below a tolerance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.paths.field import Field
from dgm_studio.solvers.noise import Noise
from dgm_studio.solvers.solver import Solver, State
from dgm_studio.solvers.steps import clean_of_velocity, ends_sharp, intervals, last_state

# Dormand and Prince, 1980, table 2: nodes, stages, the fifth order's weights (the last stage's row); these less the
# fourth's, two thirds of which is Shampine's gauge of a step's error (1986; torchdiffeq has it too: a tolerance means
# the same), and the fourth-order dense output (Hairer, Norsett and Wanner, 1993, II.6).
NODES = (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0)
STAGES = (
    (),
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)
ERROR = tuple(2 / 3 * one for one in (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40))
DENSE = (
    -12715105075 / 11282082432,
    0.0,
    87487479700 / 32700410799,
    -10690763975 / 1880347072,
    701980252875 / 199316789632,
    -1453857185 / 822651844,
    69997945 / 29380423,
)
ORDER = 5
SAFETY, SHRINK, GROW = 0.9, 0.2, 10.0
NEAR_END = 1e-4
"""Where s(1) = 0 the velocity at t = 1 may be infinite: the last stretch of this length is one Euler step, whose error
is of its square."""
MOST_STEPS = 20_000
"""Accepted and refused steps of one walk; a field that needs more is stiff or broken."""


class Reached(NamedTuple):
    """Where a step ended: t, x (n, d) and the velocity there (n, d)."""

    t: float
    x: Tensor
    velocity: Tensor

    def straight_to(self, t: float) -> Tensor:
        """x(t) (n, d) by Euler's step; x itself at its own t."""
        return self.x if t == self.t else self.x + (t - self.t) * self.velocity


class Step(NamedTuple):
    """One accepted step: from t to t + h, where it ended, evaluations so far, and the coefficients of its dense output,
    each (n, d)."""

    t: float
    h: float
    end: Reached
    evaluations: int
    coefficients: tuple[Tensor, ...]

    def at(self, t: float) -> Tensor:
        """x(t) (n, d), fourth order within the step."""
        u = (t - self.t) / self.h
        a, b, c, d, e = self.coefficients
        return a + u * (b + (1 - u) * (c + u * (d + (1 - u) * e)))


@dataclass(frozen=True)
class Dopri5(Solver):
    """Fifth order steps whose size keeps the root mean square of error / (atol + rtol |x|) at 1 or below; `times` are
    read off its dense output and cost nothing (Dormand and Prince, 1980).

    Seven stages of which the last is the next step's first: six evaluations a step, refused steps included in
    `evaluations`. x1_hat and velocity are known where a time begins or ends a step; elsewhere they are None.
    """

    card: ClassVar[Card] = Card(
        id="dopri5",
        title="Dormand-Prince 5(4)",
        summary="As large a step as the tolerance allows: it looks often where the path bends.",
        lecture="9",
        paper="Dormand and Prince, 1980",
        formula="err = h Σ (b_i − b̂_i) k_i,  h ← 0.9 h |err|^(−1/5)",
        needs=("velocity",),
        facts=(("order", 5.0), ("evaluations", 6.0), ("stochastic", False), ("adaptive", True), ("previews", False)),
    )
    rtol: float = knob(1e-5, "Relative tolerance", "Of a step's error, per unit of |x|.", low=1e-12, high=0.1, log=True)
    atol: float = knob(1e-5, "Absolute tolerance", "Of a step's error.", low=1e-12, high=0.1, log=True)

    def __post_init__(self) -> None:
        for name, value in (("relative", self.rtol), ("absolute", self.atol)):
            if not (math.isfinite(value) and value > 0):
                raise Refused(f"The {name} tolerance is {value:g}; it must be above 0.")

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk; Refused for a tolerance finer than the numbers, or where no step is small enough."""
        self._check(start)
        pairs = list(intervals(times, start))
        wanted = [float(pairs[0][0]), *(float(r) for _, r in pairs)]
        # A step may lead beyond the last time, which is then read off its dense output, but not beyond t = 1.
        limit = 1 - NEAR_END if ends_sharp(field.path, _time(1.0, start)) else 1.0
        end = min(wanted[-1], limit)
        first = field.velocity(start, pairs[0][0])
        yield self._seen(field, Reached(wanted[0], start, first), 1)
        between, evaluations, reached = wanted[1:-1], 1, Reached(wanted[0], start, first)
        for step in self._steps(field, reached, end, limit):
            evaluations, reached = step.evaluations, step.end
            while between and between[0] <= reached.t:
                at = between.pop(0)
                if at == reached.t:
                    yield self._seen(field, reached, evaluations)
                else:
                    yield State(at, step.at(at), None, evaluations)
        for at in between:  # times within the last stretch
            yield State(at, reached.straight_to(at), None, evaluations)
        if wanted[-1] == reached.t:
            yield self._seen(field, reached, evaluations)
        else:
            last = step.at(wanted[-1]) if wanted[-1] < reached.t else reached.straight_to(wanted[-1])
            yield last_state(field.path, last, pairs[-1][1], evaluations)

    def _seen(self, field: Field, at: Reached, evaluations: int) -> State:
        clean = clean_of_velocity(at.velocity, at.x, _time(at.t, at.x), field.path)
        return State(at.t, at.x, clean, evaluations, at.velocity)

    def _check(self, start: Tensor) -> None:
        finest = 4 * torch.finfo(start.dtype).eps
        if self.rtol < finest:
            raise Refused(
                f"A relative tolerance of {self.rtol:g} is finer than numbers of 32 or 64 bits can tell apart; give at "
                f"least {finest:.1g}."
            )

    def _steps(self, field: Field, start: Reached, end: float, limit: float) -> Iterator[Step]:
        """Accepted steps, until one reaches `end`; none goes beyond `limit`."""
        t, x, velocity = start
        h, evaluations = self._first_size(field, start, end), 2
        for _ in range(MOST_STEPS):
            # One that would leave the interval lands on the last time wanted: near s = 0 the field is at its steepest.
            h = h if t + h <= limit else end - t
            ks = [velocity]
            for node, row in zip(NODES[1:], STAGES[1:], strict=True):
                ahead = x + h * _combined(row, ks)
                ks.append(field.velocity(ahead, _time(t + node * h, x)))
            evaluations += 6
            error = self._size(h * _combined(ERROR, ks), x, ahead)
            if not math.isfinite(error):
                if h < 1e-10:
                    raise Refused(f"The field is not finite at t = {t:.4f}: no step is small enough. Stop before it.")
                h *= SHRINK
                continue
            if error <= 1:
                reached = Reached(end if h == end - t else t + h, ahead, ks[-1])
                yield Step(t, h, reached, evaluations, _dense(x, ahead, ks, h))
                t, x, velocity = reached
                if t >= end:
                    return
            # After a step that was good enough none is smaller: a refused one costs no more than being too careful.
            least = 1.0 if error <= 1 else SHRINK
            h *= min(GROW, max(least, SAFETY * max(error, 1e-10) ** (-1 / ORDER)))
        raise Refused(
            f"{MOST_STEPS:,} steps did not reach t = {end:.3f}: the field is too stiff for this tolerance. Choose a "
            "larger one."
        )

    def _size(self, error: Tensor, x: Tensor, ahead: Tensor) -> float:
        """The root mean square of error / (atol + rtol max(|x|, |x'|))."""
        scale = self.atol + self.rtol * torch.maximum(x.abs(), ahead.abs())
        return float((error / scale).square().mean().sqrt())

    def _first_size(self, field: Field, start: Reached, end: float) -> float:
        """Hairer, Norsett and Wanner, 1993, II.4, by one evaluation."""
        t, x, velocity = start
        scale = self.atol + self.rtol * x.abs()
        d0, d1 = (float((one / scale).square().mean().sqrt()) for one in (x, velocity))
        h0 = min(end - t, 1e-6 if min(d0, d1) < 1e-5 else 0.01 * d0 / d1)
        other = field.velocity(x + h0 * velocity, _time(t + h0, x))
        d2 = float(((other - velocity) / scale).square().mean().sqrt()) / h0
        largest = max(d1, d2)
        h1 = max(1e-6, h0 * 1e-3) if largest <= 1e-15 else (0.01 / largest) ** (1 / ORDER)
        return min(100 * h0, h1, end - t)


def _time(t: float, x: Tensor) -> Tensor:
    return torch.tensor(t, dtype=x.dtype, device=x.device)


def _combined(weights: tuple[float, ...], ks: list[Tensor]) -> Tensor:
    """sum w_i k_i (n, d)."""
    found = weights[0] * ks[0]
    for weight, k in zip(weights[1:], ks[1:], strict=False):
        if weight:
            found = torch.add(found, k, alpha=weight)
    return found


def _dense(x: Tensor, ahead: Tensor, ks: list[Tensor], h: float) -> tuple[Tensor, ...]:
    """The five coefficients of the fourth-order interpolant."""
    change = ahead - x
    bend = h * ks[0] - change
    return x, change, bend, change - h * ks[-1] - bend, h * _combined(DENSE, ks)


SOLVER = Dopri5()
