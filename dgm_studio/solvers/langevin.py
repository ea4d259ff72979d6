"""Langevin dynamics, unadjusted: a chain that walks along a score alone, at one noise level or level by level."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.paths.field import Field
from dgm_studio.solvers.chain import ChainSolver, seen
from dgm_studio.solvers.noise import Noise, normal_like
from dgm_studio.solvers.solver import State


class Visit(NamedTuple):
    """One place of a chain: points x (n, d), the score there (n, d), None at the last, which nothing leaves."""

    x: Tensor
    score: Tensor | None


def langevin_step(x: Tensor, score: Tensor, h: float, generator: Noise, noise: float = 1.0) -> Tensor:
    """x + (h / 2) score + noise sqrt(h) z, z from N(0, I): one unadjusted step of size h > 0 (lecture 6).

    Points and scores (n, d). The score of N(0, 1) has the stationary variance 1 / (1 - h / 4) for h < 4, the bias of
    the discretisation (Roberts and Tweedie, 1996). `noise` 0 climbs the density, 1 samples it.
    """
    spread: float = noise * math.sqrt(h)
    return x + 0.5 * h * score + spread * normal_like(x, generator)


def langevin(
    score: Callable[[Tensor, int], Tensor],
    start: Tensor,
    sizes: Sequence[float],
    generator: Noise,
    *,
    noise: float = 1.0,
    inside: Callable[[Tensor], Tensor] | None = None,
) -> Iterator[Visit]:
    """len(sizes) + 1 visits: the start (n, d), then the points after each step; step k has size sizes[k].

    `score(x, k)` is what step k follows, so that an annealed walk passes its level; one evaluation a step. `inside`
    brings points that left the support back (reflection at walls). Refused for a size that is not positive.
    """
    if min(sizes, default=1.0) <= 0:
        raise Refused(f"A Langevin step of size {min(sizes):g} goes nowhere; give a size above 0.")
    x = start
    for k, h in enumerate(sizes):
        uphill = score(x, k)
        yield Visit(x, uphill)
        x = langevin_step(x, uphill, h, generator, noise)
        if inside is not None:
            x = inside(x)
    yield Visit(x, None)


def shown_steps(steps: int, most: int) -> tuple[int, ...]:
    """Which of the visits 0, ..., steps become frames: first and last, evenly between, at most `most` + 1 of them."""
    count = max(1, min(steps, most))
    return tuple(round(k * steps / count) for k in range(count + 1))


@dataclass(frozen=True)
class Langevin(ChainSolver):
    """x + (h / 2) score + noise sqrt(h) z at one level, one evaluation a step (ULA). Its stationary law is p_level up
    to a bias of order h; without noise it climbs to the nearest mode."""

    card: ClassVar[Card] = Card(
        id="langevin",
        title="Langevin (one level)",
        summary="A chain that walks along the score of one noise level, with fresh noise at every step.",
        lecture="6-7",
        paper="Roberts and Tweedie, 1996",
        formula="x + (h/2) score(x, t) + √h z",
        needs=("score",),
        facts=(("order", 0.0), ("evaluations", 1.0), ("stochastic", True), ("chain", True), ("one_level", True)),
    )
    noise: float = knob(1.0, "Chain's noise", "1 samples the density, 0 climbs to the nearest mode.", low=0.0, high=2.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.noise <= 2:
            raise Refused(f"The chain's noise is {self.noise:g}; it must be between 0 (none) and 2.")

    def chain(self, field: Field, start: Tensor, level: Tensor, steps: int, generator: Noise) -> Iterator[State]:
        """See ChainSolver.chain."""
        h, t, evaluations = self.step_size, self.level, 0
        sizes = [h] * steps
        for x, score in langevin(lambda x, _: field.score(x, level), start, sizes, generator, noise=self.noise):
            if score is None:
                yield State(t, x, None, evaluations)
            else:
                evaluations += 1
                clean, velocity = seen(score, x, level, field.path)
                yield State(t, x, clean, evaluations, velocity, 0.5 * h * score)


SOLVER = Langevin()
