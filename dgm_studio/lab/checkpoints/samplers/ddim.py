"""DDIM along a discrete chain: from deterministic (eta = 0) to DDPM's noise (eta = 1)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from dgm_studio.lab.checkpoints.samplers.chain import CLEAN, Chain
from dgm_studio.lab.checkpoints.samplers.guided import Guided
from dgm_studio.solvers.noise import normal_like
from dgm_studio.solvers.solver import State


def ddim(
    guided: Guided, chain: Chain, x: Tensor, steps: int, eta: float, clip: float, generator: torch.Generator
) -> Iterator[State]:
    """x_r = sqrt(abar_r) x1_hat + sqrt(1 - abar_r - v) eps_hat + sqrt(v) z, v = eta^2 beta tilde (Song et al., 2021,
    eq. 12 and 16), r = T // steps indices nearer the data. x1_hat is kept within +-`clip` (0: it is not); eps_hat is
    the network's own, as diffusers has it."""
    indices, stride = chain.indices(steps), chain.length // steps
    for place, index in enumerate(indices, 1):
        clean, noise, _ = guided.guess(x, chain.level(index))
        clean = clean.clamp(-clip, clip) if clip else clean
        yield State(chain.level(index).t, x, clean, place * guided.cost)
        after = index - stride
        abar = chain.left(index)
        later = chain.left(after) if after >= 0 or chain.schedule.set_alpha_to_one else chain.left(0)
        variance = eta**2 * (1 - later) / (1 - abar) * (1 - abar / later)
        x = math.sqrt(later) * clean + math.sqrt(max(1 - later - variance, 0.0)) * noise
        if eta > 0:
            clocks = (chain.level(index).t, chain.level(max(after, CLEAN)).t)
            x = x + math.sqrt(max(variance, 0.0)) * normal_like(x, generator, *clocks)
    yield State(1.0, x, x, len(indices) * guided.cost)
