"""Categorical paths: ONE FILE, ONE TRANSITION MATRIX of a discrete diffusion (Austin et al., 2021; lecture 13).

Lives here: Q_t, Q_{1:t}, forward marginals, exact posteriors, stationary limits, noise schedules, for points binned on
a grid and for text. May not live here: networks, losses, samplers.
To add one: a file with `TRANSITION = MyTransition`, a subclass of transition.Transition.
"""

from __future__ import annotations

import sys
from functools import cache

import torch

from dgm_studio.core.discovery import discover
from dgm_studio.paths.categorical.schedules import keep_rates
from dgm_studio.paths.categorical.transition import Transition


@cache
def transitions() -> dict[str, type[Transition]]:
    """Every transition's class by id."""
    return discover(sys.modules[__name__], "TRANSITION")


@cache
def chain(
    transition: str, categories: int, schedule: str, steps: int, device: torch.device, dtype: torch.dtype
) -> Transition:
    """The chain of `steps` steps over `categories` real ones, its tables made once for all who ask."""
    return transitions()[transition](categories, keep_rates(schedule, steps, device, dtype))
