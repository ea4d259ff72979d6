"""The space one goes about in: a decoder's latents, or the noise that a probability-flow ODE turns into pictures."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.families.pictures.capabilities import DecodesLatent, Denoises, EncodesLatent
from dgm_studio.families.pictures.picture_family import PictureFamily

TOGETHER = 32
"""Pictures that are decoded or encoded in one slice, at most."""

HEUN = "heun"
REVERSIBLE = ("euler", HEUN, "rk4")
"""Ids of the Runge-Kutta solvers: backwards they take the same steps."""

Slow = Generator[None, None, Tensor]


class LatentSpace(Protocol):
    """Latents (n, k). `at_once`: a few are decoded in one short call; `encodes`: pictures have places in it;
    `together`: how many are decoded in one slice."""

    @property
    def dim(self) -> int: ...

    @property
    def at_once(self) -> bool: ...

    @property
    def encodes(self) -> bool: ...

    @property
    def together(self) -> int: ...

    def drawn(self, n: int, seed: int) -> Tensor:
        """n latents of the prior."""

    def decoding(self, z: Tensor, labels: Tensor, gamma: float) -> Slow:
        """Pictures (n, dim) in [-1, 1] of latents (n, k), told classes (n,), -1 for none."""

    def encoding(self, x: Tensor, labels: Tensor, gamma: float) -> Slow:
        """Latents (n, 2 k): places, then the posterior's standard deviations, of pictures (n, dim)."""


@dataclass(frozen=True, eq=False)
class DecoderSpace:
    """A VAE's or a GAN's latents. A model whose one picture already fills a slice is not decoded at once."""

    model: DecodesLatent
    device: torch.device

    @property
    def together(self) -> int:
        """What the model says that a slice can hold."""
        return min(TOGETHER, int(getattr(self.model, "rows", TOGETHER)))

    @property
    def at_once(self) -> bool:
        """Whether a few pictures are one short call."""
        return self.together > 1

    @property
    def dim(self) -> int:
        """k."""
        return self.model.latent_dim

    @property
    def encodes(self) -> bool:
        """A GAN's generator has no way back."""
        return isinstance(self.model, EncodesLatent)

    def drawn(self, n: int, seed: int) -> Tensor:
        """From the model's prior."""
        return self.model.latent_prior_draw(n, torch.Generator(self.device).manual_seed(seed))

    def decoding(self, z: Tensor, labels: Tensor, gamma: float) -> Slow:
        """The decoder's means; it is told no class."""
        found = []
        for part in torch.split(z, self.together):
            with torch.no_grad():
                found.append(self.model.decode(part))
            yield
        return torch.cat(found)

    def encoding(self, x: Tensor, labels: Tensor, gamma: float) -> Slow:
        """Means of q(z|x)."""
        if not isinstance(self.model, EncodesLatent):
            raise Refused(
                "This model draws pictures but reads none: it has no encoder. Choose seeds instead, or open a VAE."
            )
        found = []
        for part in torch.split(x, self.together):
            with torch.no_grad():
                mean, log_variance = self.model.encode(part)
            found.append(torch.cat([mean, (0.5 * log_variance).exp()], dim=1))
            yield
        return torch.cat(found)


@dataclass(frozen=True, eq=False)
class NoiseSpace:
    """The start noise of a flow or diffusion: the probability-flow ODE goes both ways."""

    model: Denoises
    sampling: Any
    device: torch.device
    at_once: bool = False
    encodes: bool = True

    @property
    def dim(self) -> int:
        """k."""
        return self.model.noise_dim

    @property
    def together(self) -> int:
        """What the model says that a state of its film can hold."""
        return min(TOGETHER, int(getattr(self.model, "rows", TOGETHER)))

    @cached_property
    def ode(self) -> Any:
        """The model's sampling with a solver of the probability-flow ODE that can be gone back along: the chosen one
        where it is, else Heun's."""
        reversible = getattr(self.sampling, "solver", HEUN) in REVERSIBLE
        return self.sampling if reversible else replace(self.sampling, solver=HEUN)

    def drawn(self, n: int, seed: int) -> Tensor:
        """Standard normal noise."""
        return torch.randn((n, self.dim), generator=torch.Generator(self.device).manual_seed(seed), device=self.device)

    def decoding(self, z: Tensor, labels: Tensor, gamma: float) -> Slow:
        """Along the ODE from noise to data."""
        found = []
        for part, told in zip(torch.split(z, self.together), torch.split(labels, self.together), strict=True):
            end = part
            generator = torch.Generator(self.device).manual_seed(0)  # an ODE draws nothing from it
            for state in self.model.film(part, self.ode, generator, told, gamma):
                end = state.x
                yield
            found.append(self.model.shown(end))
        return torch.cat(found)

    def encoding(self, x: Tensor, labels: Tensor, gamma: float) -> Slow:
        """Along it from data to noise: exact up to the solver's steps, so no deviations."""
        found = []
        for part, told in zip(torch.split(x, self.together), torch.split(labels, self.together), strict=True):
            end = part
            for state in self.model.inverted(part, self.ode, told, gamma):
                end = state.x
                yield
            found.append(end)
        noise = torch.cat(found)
        return torch.cat([noise, torch.zeros_like(noise)], dim=1)


def space_of(model: PictureFamily, sampling: Any) -> LatentSpace | None:
    """The model's; a latent diffusion's is its decoder's, where it has an encoder too. None where there is none."""
    if isinstance(model, DecodesLatent):
        return DecoderSpace(model, model.device)
    return NoiseSpace(model, sampling, model.device) if isinstance(model, Denoises) else None
