"""The noise-conditional score network: the generalized diffusion with lecture 7's noise levels, loss and sampler."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import knob
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.times import UNIFORM
from dgm_studio.families.parts.weighting import UNIT
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.paths.ve import VarianceExploding
from dgm_studio.solvers import solvers
from dgm_studio.solvers.langevin import langevin, shown_steps
from dgm_studio.solvers.solver import State

FRAMES = 100


@dataclass(frozen=True)
class Design:
    """What is built: variance-exploding noise and a score are given."""

    path: ClassVar[str] = "ve"
    prediction: ClassVar[str] = "score"
    sigma_max: float = knob(
        10.0, "Largest noise", "sigma of the first level: it must drown the data, about their diameter.",
        low=1.0, high=100.0, log=True,
    )  # fmt: skip
    sigma_min: float = knob(
        0.01, "Smallest noise", "sigma of the last level, which is left in the samples.", low=0.001, high=0.5, log=True
    )
    width: int = knob(128, "Width", "Hidden units per layer.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers.", low=1, high=6)
    sigma_data: float = knob(
        1.4, "Data scale", "Standard deviation of the data per axis; scales the network's input.",
        low=0.05, high=20.0, log=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live. Levels and weights are the lecture's."""

    times: ClassVar[str] = UNIFORM
    weighting: ClassVar[str] = UNIT
    snr_limit: ClassVar[float] = 1.0
    learning_rate: float = gradient_knobs.learning_rate(2e-3)
    batch: int = gradient_knobs.batch(512)
    clip: float = gradient_knobs.clip(0.0)
    ema: float = gradient_knobs.ema(0.999)


@dataclass(frozen=True)
class Sampling:
    """How it is sampled: annealed Langevin dynamics."""

    levels: int = knob(
        16, "Noise levels", "L levels in geometric progression, from the largest noise to the smallest.",
        low=2, high=100, log=True,
    )  # fmt: skip
    level_steps: int = knob(6, "Steps per level", "Langevin steps at each level.", low=1, high=100, log=True)
    eta: float = knob(
        0.4, "Step per level", "Level i steps by eta_i = eta sigma_i^2; eta = epsilon / sigma_L^2 in the paper.",
        low=0.001, high=2.0, log=True,
    )  # fmt: skip
    density_steps: int = knob(
        16,
        "Density steps",
        "RK4 steps of the continuity equation for the density.",
        low=2,
        high=200,
        log=True,
    )

    @property
    def steps(self) -> int:
        """Intervals between the levels: the chain whose ELBO is shown."""
        return self.levels - 1


class NCSN(Diffusion):
    """sum_i sigma_i^2 E|s(x + sigma_i eps, sigma_i) + eps / sigma_i|^2 (lecture 7; Song and Ermon, 2019, equation 6).

    That is Diffusion's loss of unit variance for the score along the VE path, at times drawn uniformly: sigma is
    log-uniform, the limit of many levels in geometric progression, so that any number of levels can be sampled with.
    Sampling is annealed Langevin dynamics (their algorithm 1): at each level `level_steps` steps x + (eta_i / 2) score
    + sqrt(eta_i) z with eta_i = eta sigma_i^2, from the largest sigma to the smallest.
    """

    card = Card(
        id="ncsn",
        title="NCSN",
        summary="One score network for all noise levels, walked from much noise to little by Langevin dynamics.",
        lecture="7",
        paper="Song and Ermon, 2019",
        formula="sum_i sigma_i^2 E|s(x + sigma_i eps, sigma_i) + eps / sigma_i|^2",
        shows=Diffusion.card.shows,
        facts=(("kin", "Diffusion"),),
    )
    # Knob sets of its own, not subtypes of Diffusion's: what is given there as a knob is settled here.
    Design: ClassVar[type] = Design  # type: ignore[assignment]
    Training: ClassVar[type] = Training  # type: ignore[assignment]
    Sampling: ClassVar[type] = Sampling  # type: ignore[assignment]
    presets = (
        Preset("ncsn", "NCSN", "Sixteen levels, six Langevin steps each.", "7", "Song and Ermon, 2019"),
        Preset(
            "paper", "NCSN, as published", "Ten levels from 1 to 0.01, a hundred steps each.", "7",
            "Song and Ermon, 2019", {"sigma_max": 1.0}, {}, {"levels": 10, "level_steps": 100, "eta": 0.2},
        ),
        Preset(
            "few-levels", "Too few levels", "Three levels lie too far apart: each starts where it learned nothing.",
            "7", "Song and Ermon, 2020", {}, {}, {"levels": 3, "level_steps": 20},
        ),
    )  # fmt: skip

    @property
    def path(self) -> Path:
        """Variance exploding between the design's noise levels."""
        return VarianceExploding(self.design.sigma_min, self.design.sigma_max)

    @torch.no_grad()
    def along(self, field: Field, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Annealed Langevin dynamics along a score, learned or exact: at most 101 states, t that of the level."""
        times = self.path.time_grid(sampling.steps, start.dtype).to(start.device)
        sigma = self.path.s(times)
        per_level = sampling.level_steps
        sizes = (sampling.eta * sigma.double().square()).repeat_interleave(per_level).tolist()
        frames = set(shown_steps(len(sizes), FRAMES))
        visits = langevin(lambda x, k: field.score(x, times[k // per_level]), start, sizes, generator)
        for k, (x, score) in enumerate(visits):
            if k in frames:
                clean = None if score is None else x + sigma[k // per_level].square() * score
                yield State(float(times[max(k - 1, 0) // per_level]), x, clean, min(k + 1, len(sizes)))

    def frames(self, sampling: Any) -> int:
        """The start and at most 100 later states."""
        return len(shown_steps(sampling.levels * sampling.level_steps, FRAMES))

    @torch.no_grad()
    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """The probability-flow map of start (n, d) by Heun's method, in as many states: Langevin dynamics is no map."""
        times = self.path.time_grid(self.frames(sampling) - 1, start.dtype).to(start.device)
        yield from solvers()["heun"].walk(self, start, times, torch.Generator(start.device))


FAMILY = NCSN
