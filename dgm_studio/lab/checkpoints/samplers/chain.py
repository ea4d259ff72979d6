"""The levels of a discrete chain that a walk of some steps goes through, spaced as diffusers' schedulers space them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.checkpoints.rebuild.rebuilt import Discrete
from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.lab.checkpoints.samplers.guided import Level

LEADING, TRAILING, LINSPACE = "leading", "trailing", "linspace"
CLEAN = -1
"""The index before the chain's first: the datum itself."""


@dataclass(frozen=True)
class Chain:
    """x_i = sqrt(abar_i) x_1 + sqrt(1 - abar_i) x_0 for indices i = 0 (nearly clean) to T - 1 (noise)."""

    schedule: Discrete

    @property
    def length(self) -> int:
        """T."""
        return len(self.schedule.alphas_cumprod)

    def left(self, index: int) -> float:
        """abar at an index; 1 at CLEAN."""
        return float(self.schedule.alphas_cumprod[index]) if index >= 0 else 1.0

    def level(self, index: int) -> Level:
        """The level of an index."""
        abar = self.left(index)
        return Level(index * self.schedule.scale, abar**0.5, (1 - abar) ** 0.5, 1 - (index + 1) / self.length)

    def indices(self, steps: int) -> list[int]:
        """The indices that `steps` steps leave, falling; Refused where the chain has fewer (Lin et al., 2024, table 2,
        for the three spacings)."""
        total = self.length
        found: Array
        if not 1 <= steps <= total:
            raise Refused(f"This model's chain has {total:,} steps; take 1 to {total:,} of them, not {steps:,}.")
        match self.schedule.spacing:
            case "linspace":
                found = np.linspace(0, total - 1, steps).round()[::-1]
            case "trailing":
                found = np.round(np.arange(total, 0, -total / steps)) - 1
            case _:
                found = (np.arange(steps) * (total // steps))[::-1] + self.schedule.steps_offset
        return [min(max(int(one), 0), total - 1) for one in found]

    def levels(self, steps: int) -> list[Level]:
        """Those of `indices`, each with some signal left: see `sigmas`."""
        sigmas, found = self.sigmas(), []
        for index in self.indices(steps):
            a = (1 + sigmas[index] ** 2) ** -0.5
            found.append(self.level(index)._replace(a=float(a), s=float(sigmas[index] * a)))
        return found

    def sigmas(self) -> Array:
        """Noise over signal sqrt(1 - abar) / sqrt(abar), (T,), rising; finite where no signal is left (abar is taken as
        2^-24 there, the smallest that float32 sums tell from 0)."""
        abar = np.maximum(np.asarray(self.schedule.alphas_cumprod, dtype=np.float64), 2.0**-24)
        return np.sqrt((1 - abar) / abar)
