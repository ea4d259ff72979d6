"""RealNVP: an invertible map built of affine couplings, with the exact density by the change of variables."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import knob
from dgm_studio.families.capabilities import refuse_noised
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.nets.mlp import MLP
from dgm_studio.solvers.solver import State

MAX_LOG_SCALE = 3.0
"""One coupling stretches by at most e^3: a soft bound that keeps the inverse well conditioned."""

CHUNK = 2048


@dataclass(frozen=True)
class Design:
    """What is built."""

    couplings: int = knob(8, "Couplings", "Affine coupling layers; halves take turns.", low=2, high=16)
    width: int = knob(64, "Width", "Hidden units of each coupling's network.", low=8, high=512, log=True)
    layers: int = knob(2, "Layers", "Hidden layers of each coupling's network.", low=1, high=6)


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = knob(1e-3, "Learning rate", "Adam's step size.", low=1e-6, high=1e3, log=True)
    batch: int = knob(512, "Batch", "Points per step.", low=1, high=4096, log=True)
    ema: float = knob(
        0.99,
        "EMA decay",
        "Moving average of the weights that is sampled; 0 turns it off.",
        low=0.0,
        high=0.9999,
    )
    clip: float = knob(10.0, "Gradient clip", "Largest gradient norm; 0 turns clipping off.", low=0.0, high=1e3)


@dataclass(frozen=True)
class Sampling:
    """How it is sampled."""

    temperature: float = knob(
        1.0, "Temperature", "Multiplies the start noise; below 1 samples gather where density is high.",
        low=0.0, high=2.0,
    )  # fmt: skip


class Coupling(nn.Module):
    """x_b = z_b sigma(z_a) + mu(z_a), x_a = z_a (lecture 2; Dinh et al., 2017, equations 4 and 5).

    a is the first half of the coordinates, b the second, or the other way round where `flip`. log sigma is
    3 tanh(raw / 3), bounded.
    """

    def __init__(self, dim: int, width: int, layers: int, flip: bool) -> None:
        super().__init__()
        self.flip = flip
        self.split = dim - dim // 2 if not flip else dim // 2
        self.net = MLP(self.split, 2 * (dim - self.split), width, layers)

    def _parts(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if self.flip:
            return x[:, -self.split :], x[:, : -self.split]
        return x[:, : self.split], x[:, self.split :]

    def _join(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.cat([b, a] if self.flip else [a, b], dim=1)

    def _affine(self, a: Tensor) -> tuple[Tensor, Tensor]:
        raw, mu = self.net(a).chunk(2, dim=1)
        return MAX_LOG_SCALE * torch.tanh(raw / MAX_LOG_SCALE), mu

    def to_data(self, z: Tensor) -> Tensor:
        """One layer from noise towards data, (n, d)."""
        a, b = self._parts(z)
        log_sigma, mu = self._affine(a)
        return self._join(a, b * log_sigma.exp() + mu)

    def to_noise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Its inverse (n, d), and log|det dz/dx| = -sum log sigma (n,)."""
        a, b = self._parts(x)
        log_sigma, mu = self._affine(a)
        return self._join(a, (b - mu) * (-log_sigma).exp()), -log_sigma.sum(1)


class RealNVP(Family):
    """log p(x) = log N(z(x); 0, I) + sum over couplings of log|det dz/dx|; the loss is -E log p(x)."""

    card = Card(
        id="realnvp",
        title="RealNVP",
        summary="A stack of invertible layers that bends noise into data; its density is exact.",
        lecture="2",
        paper="Dinh et al., 2017",
        formula="log p(x) = log p(z) + log|det dz/dx|",
        shows=("log_prob", "transport"),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (Preset("realnvp", "RealNVP", "Eight affine couplings, maximum likelihood.", "2", "Dinh et al., 2017"),)
    log_prob_kind = "exact"

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.couplings = nn.ModuleList(
            Coupling(dim, design.width, design.layers, flip=bool(k % 2)) for k in range(design.couplings)
        )

    @classmethod
    def refuses_data(cls, dim: int, classes: int) -> str:
        """Halves of one column are none."""
        return "RealNVP splits a point into two halves; choose data with at least two columns." if dim < 2 else ""

    def layers(self) -> list[Coupling]:
        """The couplings from noise to data."""
        return [coupling for coupling in self.couplings if isinstance(coupling, Coupling)]

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of maximum likelihood."""
        loss = -self.log_density(fit.batch()).mean()
        fit.descend(loss)
        return {"negative log-likelihood": loss.detach()}

    def to_noise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """z (n, d) and log|det dz/dx| (n,) of points x (n, d)."""
        log_det = x.new_zeros(len(x))
        for coupling in reversed(self.layers()):
            x, gained = coupling.to_noise(x)
            log_det = log_det + gained
        return x, log_det

    def log_density(self, x: Tensor) -> Tensor:
        """log p(x) (n,) in nats, differentiable."""
        z, log_det = self.to_noise(x)
        return -0.5 * z.square().sum(1) - 0.5 * self.dim * math.log(2 * math.pi) + log_det

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """N(0, I), (n, d)."""
        return torch.randn((n, self.dim), generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """The state after each coupling; t = k / K is the share of layers passed, not a time of the clock."""
        x = sampling.temperature * start
        yield State(0.0, x)
        for k, coupling in enumerate(self.layers(), start=1):
            x = coupling.to_data(x)
            yield State(k / len(self.couplings), x, evaluations=k)

    def frames(self, sampling: Any) -> int:
        """Noise, and the state after each coupling."""
        return len(self.couplings) + 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """The same: the map is deterministic."""
        yield from self.walk(start, sampling, torch.Generator(start.device))

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """log p(x) (n,) in nats, exact; only at t = 1. The temperature, a change of the sampler, is not in
        it.
        """
        refuse_noised(self.card, t)
        found = []
        for part in torch.split(x, CHUNK):
            with torch.no_grad():
                found.append(self.log_density(part))
            yield
        return torch.cat(found)


FAMILY = RealNVP
