"""One Gaussian: the data whose every model can be solved on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Alias
from dgm_studio.data.mixture import Mixture
from dgm_studio.data.mixture_set import MixtureSet


@dataclass(frozen=True)
class Gaussian(MixtureSet):
    """N(m, S) with S = [[sx^2, rho sx sy], [rho sx sy, sy^2]]; one class."""

    card = Card(
        id="gaussian",
        title="Gaussian",
        summary="One tilted Gaussian: every marginal, score and map is known on paper.",
        formula="x ~ N(m, Σ)",
        facts=(("density", "closed form"),),
    )

    shifts = ("mean_x", "mean_y")
    widths = ("std_x", "std_y")
    on_the_line = "gaussian-1d"
    aliases: ClassVar[Mapping[str, Alias]] = {
        "mean": Alias(("mean_x", "mean_y")),
        "std": Alias(("std_x", "std_y"), {"correlation": 0.0}),
    }

    mean_x: float = knob(0.0, "Mean x", "Where the centre lies along x.", low=-3.0, high=3.0)
    mean_y: float = knob(0.0, "Mean y", "Where the centre lies along y.", low=-3.0, high=3.0)
    std_x: float = knob(1.2, "Spread x", "Standard deviation along x.", low=0.05, high=3.0, log=True)
    std_y: float = knob(0.7, "Spread y", "Standard deviation along y.", low=0.05, high=3.0, log=True)
    correlation: float = knob(0.6, "Correlation", "How strongly x and y go together.", low=-0.95, high=0.95)

    def mixture(self) -> Mixture:
        """A mixture of one component."""
        cross = self.correlation * self.std_x * self.std_y
        covariance = np.array([[[self.std_x**2, cross], [cross, self.std_y**2]]])
        return Mixture(np.ones(1), np.array([[self.mean_x, self.mean_y]]), covariance)


DATA = Gaussian()
