"""Runge-Kutta methods for a bundle of tensors, in either direction of time, with fixed or adaptive steps.

The solvers of the room solvers walk points forwards along a path; a neural ODE needs more: points with their
log-density backwards in time, differentiably, and the adjoint's system of points, gradients and weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

Bundle = tuple[Tensor, ...]
Derivative = Callable[[Bundle, float], Bundle]

SAFETY, SHRINK, GROW = 0.9, 0.2, 5.0
"""Step-size control of Hairer, Norsett and Wanner, 1993, section II.4."""

MOST_TRIES = 100


class TooStiff(ArithmeticError):
    """An adaptive solve that came to no end in MOST_TRIES steps."""


@dataclass(frozen=True)
class Tableau:
    """Butcher's tableau of an explicit method: stages at `nodes`, `matrix` below the diagonal, `weights`; `error` are
    the weights minus those of the embedded method of lower order, where there is one."""

    order: int
    nodes: tuple[float, ...]
    matrix: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]
    error: tuple[float, ...] = ()


EULER = Tableau(1, (0.0,), ((),), (1.0,))
HEUN = Tableau(2, (0.0, 1.0), ((), (1.0,)), (0.5, 0.5))
RK4 = Tableau(
    4, (0.0, 0.5, 0.5, 1.0), ((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)
)  # fmt: skip
DORMAND_PRINCE = Tableau(
    5,
    (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0),
    (
        (),
        (1 / 5,),
        (3 / 40, 9 / 40),
        (44 / 45, -56 / 15, 32 / 9),
        (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
        (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
        (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
    ),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84, 0.0),
    (71 / 57600, 0.0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40),
)


@dataclass(frozen=True)
class Reached:
    """Where a solve stands: time, bundle, evaluations of the derivative so far."""

    t: float
    y: Bundle
    evaluations: int


def fixed(f: Derivative, y: Bundle, times: list[float], tableau: Tableau) -> Iterator[Reached]:
    """The states at times[0], times[1], ..., each one step of the method from the last; times fall or rise."""
    evaluations = 0
    yield Reached(times[0], y, evaluations)
    for t, r in pairwise(times):
        y = combine(y, r - t, tableau.weights, stages(f, y, t, r - t, tableau))
        evaluations += len(tableau.nodes)
        yield Reached(r, y, evaluations)


def adaptive(
    f: Derivative, y: Bundle, start: float, end: float, tolerance: float, watched: int = 1
) -> Iterator[Reached]:
    """The accepted steps of Dormand and Prince's 5(4) method from `start` to `end` (Dormand and Prince, 1980).

    A step is accepted if the root mean square of error / (tolerance (1 + |y|)) over the first `watched` tensors is at
    most 1; its last derivative is the next step's first. The choice of steps is not differentiated. TooStiff where
    100 tries do not reach the end.
    """
    t, h, evaluations, first = start, 0.2 * (end - start), 1, f(y, start)
    yield Reached(t, y, evaluations)
    for _ in range(MOST_TRIES):
        # A last step within rounding of the end goes to the end itself, so that no sliver is left to walk.
        last = abs(end - t) <= abs(h) * 1.001
        h = end - t if last else h
        slopes = stages(f, y, t, h, DORMAND_PRINCE, first)
        evaluations += len(slopes) - 1
        then = combine(y, h, DORMAND_PRINCE.weights, slopes)
        size = _size(y, then, h, slopes, tolerance, watched)
        if size <= 1.0:
            t, y, first = (end if last else t + h), then, slopes[-1]
            yield Reached(t, y, evaluations)
            if last:
                return
        h *= min(GROW, max(SHRINK, SAFETY * max(size, 1e-10) ** (-1 / DORMAND_PRINCE.order)))
    raise TooStiff(f"The ODE was not solved to tolerance {tolerance:g} in {MOST_TRIES} steps.")


def stages(f: Derivative, y: Bundle, t: float, h: float, tableau: Tableau, first: Bundle | None = None) -> list[Bundle]:
    """The derivatives k_1, k_2, ... of one step of size h (negative backwards); `first` is k_1 where it is known."""
    slopes: list[Bundle] = [f(y, t) if first is None else first]
    for node, row in zip(tableau.nodes[1:], tableau.matrix[1:], strict=True):
        slopes.append(f(combine(y, h, row, slopes), t + node * h))
    return slopes


def combine(y: Bundle, h: float, weights: tuple[float, ...], slopes: list[Bundle]) -> Bundle:
    """y + h sum_i w_i k_i."""
    for weight, slope in zip(weights, slopes, strict=True):
        if weight:
            y = tuple(torch.add(own, change, alpha=h * weight) for own, change in zip(y, slope, strict=True))
    return y


@torch.no_grad()
def _size(y: Bundle, then: Bundle, h: float, slopes: list[Bundle], tolerance: float, watched: int) -> float:
    """The step's error in units of what is tolerated; infinite where it is not a number, so that the step shrinks."""
    zero = tuple(torch.zeros_like(own) for own in y[:watched])
    error = combine(zero, h, DORMAND_PRINCE.error, [slope[:watched] for slope in slopes])
    parts = [
        (gap / (tolerance * (1 + torch.maximum(own.abs(), new.abs())))).flatten()
        for gap, own, new in zip(error, y, then, strict=False)
    ]
    size = float(torch.cat(parts).square().mean().sqrt())
    return size if size == size else float("inf")
