"""What every adversarial family shares: a generator, an opponent that scores points, and two players' beats."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from dgm_studio.core.knobs import knob
from dgm_studio.families.capabilities import refuse_grid
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.showing import Push
from dgm_studio.nets.mlp import MLP
from dgm_studio.solvers.solver import State

GENERATOR = "generator"
PUSHED = 300
"""Fakes whose gradients are drawn."""


@dataclass(frozen=True)
class Sampling:
    """How it is sampled: one pass, nothing to set but truncation."""

    truncation: float = knob(
        1.0, "Truncation", "z is multiplied by it; below 1 samples come from the middle of the latent space.",
        low=0.0, high=2.0,
    )  # fmt: skip


class Adversarial(Family):
    """x = G(z), z ~ N(0, I), against an opponent: a network x (n, d) -> (n, 1) of raw scores.

    A subclass says who the opponent is (`rival`, its name as a beat and as a group; `opponent`, its network), how many
    beats it has, what one does, and what the generator descends.
    """

    rival: ClassVar[str]

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.generator = self.generator_network()

    def generator_network(self) -> nn.Module:
        """What makes points (n, d) of latents (n, k), its weights not yet there."""
        return MLP(self.design.latent, self.dim, self.design.width, self.design.layers)

    @property
    @abstractmethod
    def opponent(self) -> nn.Module:
        """The network that scores points."""

    @abstractmethod
    def rival_beats(self, training: Any) -> int:
        """The opponent's beats per generator beat."""

    @abstractmethod
    def rival_beat(self, fit: Fit) -> Mapping[str, Tensor | float]:
        """The opponent's step."""

    @abstractmethod
    def persuade(self, scores: Tensor) -> Tensor:
        """What the generator descends at each fake (n, 1), from the opponent's raw scores there (n, 1)."""

    def scores_ahead(self, fake: Tensor, fit: Fit) -> Tensor:
        """The raw scores (n, 1) that a generator beat goes by."""
        scores: Tensor = self.opponent(fake)
        return scores

    # Training.

    def beats(self, training: Any) -> tuple[str, ...]:
        """The opponent's beats, then the generator's."""
        return (self.rival,) * self.rival_beats(training) + (GENERATOR,)

    def groups(self) -> Mapping[str, Iterable[nn.Parameter]]:
        """Two players, two optimisers."""
        return {self.rival: self.opponent.parameters(), GENERATOR: self.generator.parameters()}

    def betas(self, group: str) -> tuple[float, float]:
        """Little momentum: the game turns (Radford et al., 2016)."""
        return (0.5, 0.999)

    def averaged(self) -> Iterable[tuple[str, nn.Parameter]]:
        """The generator only; the opponent is shown as it is."""
        return ((f"generator.{name}", weight) for name, weight in self.generator.named_parameters())

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One player's step."""
        return self.rival_beat(fit) if name == self.rival else self._generator_beat(fit)

    def _generator_beat(self, fit: Fit) -> Mapping[str, Tensor | float]:
        """Descend the mean of `persuade`; "generator gradient" is the mean over fakes of |d persuade / dx|."""
        fake = self.made(fit, fit.training.batch)
        loss = self.persuade(self.scores_ahead(fake, fit)).mean()
        # The chain rule is cut at the fakes, where the gradient is shown, and costs nothing more.
        (slope,) = torch.autograd.grad(loss, fake)
        gradients = torch.autograd.grad(fake, list(self.generator.parameters()), slope)
        fit.descend_along(float(loss.detach()), gradients, GENERATOR)
        return {"generator loss": loss.detach(), "generator gradient": slope.norm(dim=1).sum()}

    def fakes(self, fit: Fit, n: int) -> Tensor:
        """G(z) (n, d) without a graph: what the opponent is trained on."""
        with torch.no_grad():
            return self.made(fit, n)

    def made(self, fit: Fit, n: int) -> Tensor:
        """G(z) (n, d) of latents that the run draws."""
        points: Tensor = self.generator(fit.normal(n, self.design.latent))
        return points

    # Sampling and showing.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """z from N(0, I), (n, k)."""
        shape = (n, self.design.latent)
        return torch.randn(shape, generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """z where it lives in the data's dimension, then G(z): two states, for a GAN has nothing between."""
        z = sampling.truncation * start
        if self.design.latent == self.dim:
            yield State(0.0, z)
        yield State(1.0, self.generator(z), evaluations=1)

    def frames(self, sampling: Any) -> int:
        """Noise where it can be drawn, and samples."""
        return 2 if self.design.latent == self.dim else 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """z (n, k), then G(z) (n, d); Refused unless k = d."""
        refuse_grid(self.design.latent, self.dim)
        yield from self.walk(start, sampling, torch.Generator(start.device))

    @torch.no_grad()
    def sampled(self, n: int, sampling: Any, generator: torch.Generator) -> Tensor:
        """G(z) (n, d), truncated as `sampling` says."""
        made: Tensor = self.generator(sampling.truncation * self.prior(n, generator))
        return made

    def push(self, points: Tensor, t: float, sampling: Any, generator: torch.Generator) -> Generator[None, None, Push]:
        """x = G(z) of 300 fakes and v = -d persuade / dx there: the way in which the opponent pushes each one.

        The generator's own gradient is the mean of these, carried back through dG/dtheta. `t` has no meaning here.
        """
        with torch.enable_grad():
            x = self.sampled(PUSHED, sampling, generator).requires_grad_()
            (slope,) = torch.autograd.grad(self.persuade(self.opponent(x)).sum(), x)
        yield
        length = float(slope.norm(dim=1).mean())
        return Push(x.detach(), -slope, f"-dL_G/dx at {PUSHED} fakes; mean length {length:.2g}")
