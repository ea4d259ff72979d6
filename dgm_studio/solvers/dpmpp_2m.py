"""DPM-Solver++ (2M): second order at one evaluation a step, by what the step before saw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.paths.field import Field
from dgm_studio.solvers.exponential import constant_step, log_ratio
from dgm_studio.solvers.noise import Noise
from dgm_studio.solvers.solver import Solver, State
from dgm_studio.solvers.steps import ends_sharp, intervals, last_state, velocity_of_clean


@dataclass(frozen=True)
class DPMpp2M(Solver):
    """DDIM's step with D = x1_hat + h / (2 h') (x1_hat - x1_hat') in the place of x1_hat, where h, h' are this step and
    the one before in lambda = log(a / s), and x1_hat' what was seen at its start (Lu et al., 2022, algorithm 2).

    First order where there is nothing before (the first step; h' is infinite from a = 0), and where the step ends at
    s = 0, whose h is infinite. Order 2 holds for
    steps that are short in lambda.
    """

    card: ClassVar[Card] = Card(
        id="dpmpp-2m",
        title="DPM-Solver++ (2M)",
        summary="DDIM's step, with the clean guess drawn out along what the step before guessed.",
        lecture="9",
        paper="Lu et al., 2022 (DPM-Solver++)",
        formula="x_r = s_r/s_t x_t + a_r (1 - e^-h) [(1 + h/2h') D - h/2h' D']",
        needs=("denoiser",),
        facts=(("order", 2.0), ("evaluations", 1.0), ("stochastic", False)),
    )

    def walk(self, field: Field, start: Tensor, times: Tensor, generator: Noise) -> Iterator[State]:
        """See Solver.walk."""
        x, evaluations, path = start, 0, field.path
        before: tuple[Tensor, Tensor] | None = None
        for t, r in intervals(times, start):
            clean = field.x1_hat(x, t)
            evaluations += 1
            yield State(float(t), x, clean, evaluations, velocity_of_clean(clean, x, t, path))
            h = log_ratio(path, r) - log_ratio(path, t)
            drawn_out = clean
            if before is not None and not ends_sharp(path, r):
                length, seen = before
                drawn_out = clean + 0.5 * (h / length) * (clean - seen)  # h / infinity is 0
            x = constant_step(path, x, drawn_out, t, r)
            before = h, clean
        yield last_state(path, x, r, evaluations)


SOLVER = DPMpp2M()
