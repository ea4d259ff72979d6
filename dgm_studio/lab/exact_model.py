"""The exact field of known data as a model: every solver walks it, and nothing was trained."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.solver_knobs import SOLVERS, fit_solver, solver_of, with_settings
from dgm_studio.lab.checkpoints.foreign_pictures import NoKnobs
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.solvers.solver import State


@dataclass(frozen=True)
@with_settings
class Sampling:
    """How it is walked."""

    solver: str = knob("heun", "Solver", "The stepper from noise to data.", choices=SOLVERS)
    steps: int = knob(24, "Steps", "Steps from noise to data.", low=1, high=1000, log=True)


class ExactModel(Family):
    """p_t, score, velocity and posterior mean of known data along a path in closed form (paths.exact), in the numbers
    of `dtype`: float32 for the window, float64 where every digit is wanted."""

    card = Card(
        id="exact",
        title="Exact field",
        summary="The marginals of known data in closed form: what a perfect network would have learned.",
        lecture="9-13",
        paper="Song et al., 2021; Lipman et al., 2023",
        formula="v(x, t) = E[a′x₁ + s′x₀ | xₜ = x]",
        shows=("velocity", "score", "denoiser", "log_prob", "transport"),
        facts=(("kin", "Exact"),),
    )
    Design, Training, Sampling = NoKnobs, NoKnobs, Sampling
    presets = ()
    log_prob_kind = "exact"
    numbers: Tensor

    def __init__(self, field: ExactField, dtype: torch.dtype = torch.float32, device: str = "cpu") -> None:
        super().__init__(NoKnobs(), field.dim)
        self.field = field
        self.register_buffer("numbers", torch.zeros((), dtype=dtype, device=device))  # says what it computes in

    @property
    def path(self) -> Path:
        """The path whose marginals these are."""
        return self.field.path

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """E[a' x_1 + s' x_0 | x_t = x] (n, d)."""
        return self.field.velocity(x, t)

    def score(self, x: Tensor, t: Tensor) -> Tensor:
        """grad log p_t (n, d)."""
        return self.field.score(x, t)

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        """E[x_1 | x_t = x] (n, d)."""
        return self.field.x1_hat(x, t)

    def log_density(self, x: Tensor, t: Tensor) -> Tensor:
        """log p_t (n,): what tells solvers that accept or reject that they may."""
        return self.field.log_density(x, t)

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """log p_t (n,) in nats; Refused for finite data at t = 1, which have no density."""
        time, parts = torch.tensor(t, dtype=x.dtype, device=x.device), []
        for part in self.field.slices(x):
            parts.append(self.field.log_density(x[part], time))
            yield
        return torch.cat(parts)

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """N(0, prior_std^2 I) (n, d): what models of this path start from."""
        noise = torch.randn((n, self.dim), generator=generator, device=generator.device, dtype=self.dtype)
        return self.path.prior_std * noise

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """States of the chosen solver from start (n, d) to samples."""
        yield from self.along(self.field, start, sampling, generator)

    def followed(self, count: int, sampling: Any, generator: torch.Generator) -> Field:
        """See families.capabilities.FollowsField."""
        return self.field

    @torch.no_grad()
    def along(self, field: Field, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """The same solver and times along another field of this path."""
        times = self.path.time_grid(sampling.steps, start.dtype).to(start.device)
        yield from fit_solver(sampling, field).walk(field, start, times, generator)

    def frames(self, sampling: Any) -> int:
        """A state at both ends of each step."""
        return int(sampling.steps) + 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """The probability-flow map of start (n, d): by the chosen solver, by Heun's where that has no map."""
        if solver_of(sampling).card.fact("stochastic"):
            sampling = replace(sampling, solver="heun")
        yield from self.along(self.field, start, replace(sampling, eta=0.0), torch.Generator(start.device))

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """Refused: there is nothing to learn."""
        raise Refused("The exact field is not trained: it is known. Choose one of the studio's families.")
