"""Dormand and Prince's solver beside torchdiffeq's on the same fields and tolerances: CPU time and evaluations."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor
from torchdiffeq import odeint

from dgm_studio.families.diffusion import Design, Diffusion
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.field import Field
from dgm_studio.solvers.dopri5 import Dopri5
from tests.benchmarks.row import Row
from tests.paths import mixtures

PARTICLES, ROUNDS, TOLERANCE = 2_000, 5, 1e-4
TIMES = torch.linspace(0.0, 0.9, 25)


def measure() -> list[Row]:
    """Ratios of the best of ROUNDS, one torch thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        network = Diffusion(Design(), 2)
        network.fill(torch.Generator().manual_seed(0))
        fields: dict[str, Field] = {
            "the exact field": ExactField(mixtures.eight(), paths()["straight"]),
            "the default network": network,
        }
        return [row for name, field in fields.items() for row in _beside(name, field)]
    finally:
        torch.set_num_threads(threads)


def _beside(name: str, field: Field) -> list[Row]:
    calls = 0
    start = torch.randn(PARTICLES, 2, generator=torch.Generator().manual_seed(1))

    def velocity(t: Tensor, x: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        return field.velocity(x, t.to(x))

    def ours() -> int:
        *_, last = Dopri5(rtol=TOLERANCE, atol=TOLERANCE).walk(field, start, TIMES, torch.Generator())
        return last.evaluations

    def theirs() -> int:
        nonlocal calls
        calls = 0
        odeint(velocity, start, TIMES, method="dopri5", rtol=TOLERANCE, atol=TOLERANCE)
        return calls

    with torch.no_grad():
        rounds = [(_timed(ours), _timed(theirs)) for _ in range(ROUNDS)]  # in turn: a busy machine slows both
    mine, other = (min(one[k][0] for one in rounds) for k in (0, 1))
    own, foreign = (rounds[0][k][1] for k in (0, 1))
    return [
        Row(f"dopri5 over torchdiffeq's on {name}, CPU time", "at most 1.2", mine / other, "times"),
        Row(f"dopri5 over torchdiffeq's on {name}, evaluations", "at most 1", own / foreign, "times"),
    ]


def _timed(run: Callable[[], int]) -> tuple[float, int]:
    begun = time.process_time()
    found = run()
    return time.process_time() - begun, found
