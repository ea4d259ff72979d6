"""DPM-Solver++ (2M): the ODE in the predicted datum, of second order at one evaluation a step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from torch import Tensor

from dgm_studio.lab.checkpoints.samplers.guided import Guided, Level
from dgm_studio.solvers.solver import State


def dpmpp(guided: Guided, levels: Sequence[Level], x: Tensor, clip: float) -> Iterator[State]:
    """x_r = (s_r / s_t) x_t + a_r (1 - e^-h) D, h = lambda_r - lambda_t with lambda = log(a / s), where
    D = (1 + h / (2 h')) x1_hat(t) - h / (2 h') x1_hat(t') and t' is the level before (Lu et al., 2022, algorithm 2).
    The first step and the last, which ends in the datum (s = 0), are of first order: D = x1_hat(t). Levels rise to the
    data; x1_hat is kept within +-`clip` (0: it is not)."""
    before: Tensor | None = None
    width = 0.0
    for place, (here, after) in enumerate(zip(levels, (*levels[1:], None), strict=True), 1):
        clean = guided.guess(x, here).clean
        clean = clean.clamp(-clip, clip) if clip else clean
        yield State(here.t, x, clean, place * guided.cost)
        if after is None:
            x = clean
            break
        h = math.log(after.a / after.s) - math.log(here.a / here.s)
        towards = clean if before is None else (1 + h / (2 * width)) * clean - h / (2 * width) * before
        x = after.s / here.s * x - after.a * math.expm1(-h) * towards
        before, width = clean, h
    yield State(1.0, x, x, len(levels) * guided.cost)
