"""One Gaussian on the line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.mixture_set import MixtureSet


@dataclass(frozen=True)
class Gaussian1D(MixtureSet):
    """N(m, s^2) in one column; one class."""

    card = Card(
        id="gaussian-1d",
        title="Gaussian, 1D",
        summary="One bell on the line: density, score and map can all be drawn as curves.",
        formula="x ~ N(m, s²)",
        facts=(("density", "closed form"),),
    )

    shifts = ("mean",)
    widths = ("std",)

    mean: float = knob(0.0, "Mean m", "Where the centre lies.", low=-3.0, high=3.0)
    std: float = knob(1.2, "Spread s", "Standard deviation.", low=0.05, high=3.0, log=True)

    def mixture(self) -> Mixture:
        """A mixture of one component."""
        return Mixture.isotropic(np.array([[self.mean]]), self.std)


DATA = Gaussian1D()
