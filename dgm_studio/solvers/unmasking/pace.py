"""How many masks are left after each step: the schedule lambda, from 1 before the first step to 0 after the last."""

from __future__ import annotations

import math

from dgm_studio.core.unmasking import COSINE, GROWING

LOOP_ON, LOOP_OFF, LOOP_KEPT = 0.45, 0.95, 0.9
"""ReMDM-loop: the window of time (0 before the first step, 1 after the last) at whose constant rate 0.9 of the tokens
are restored; t_on = 0.55, t_off = 0.05, alpha_on = 0.9 in the clock of Wang et al., 2025, section 5."""


def masked_share(pace: str, step: int, steps: int, loop: bool = False) -> float:
    """lambda after `step` of `steps`, in [0, 1].

    With u = step / steps: constant 1 - u; cosine cos(pi u / 2) (Chang et al., 2022); growing
    1 - step (step + 1) / (steps (steps + 1)). With `loop` the pace leads from 1 to 0.1 until u = 0.45, lambda stays
    there until 0.95, and falls evenly to 0.
    """
    if step >= steps:
        return 0.0
    u = step / steps
    if not loop:
        return _share(pace, u, 1 / steps)
    if u <= LOOP_ON:
        return 1 - LOOP_KEPT * (1 - _share(pace, u / LOOP_ON, 1 / (LOOP_ON * steps)))
    return (1 - LOOP_KEPT) * min(1.0, (1 - u) / (1 - LOOP_OFF))


def _share(pace: str, u: float, one: float) -> float:
    """`one` is the length of a step in u."""
    if pace == COSINE:
        return math.cos(0.5 * math.pi * min(u, 1.0))
    if pace == GROWING:
        return max(0.0, 1 - u * (u + one) / (1 + one))
    return 1 - u
