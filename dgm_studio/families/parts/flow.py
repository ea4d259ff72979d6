"""What the normalizing flows share: a stack of invertible layers, its exact density, its film layer by layer."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from dgm_studio.core.knobs import knob
from dgm_studio.families.capabilities import refuse_noised
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.showing import Bars
from dgm_studio.solvers.solver import State

CHUNK = 2048
"""Points a slice: the whole stack passes them in well under 50 ms."""

MAX_LOG_SCALE = 3.0


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(1e-3)
    batch: int = gradient_knobs.batch(512)
    ema: float = gradient_knobs.ema(0.99)
    clip: float = gradient_knobs.clip(10.0)


@dataclass(frozen=True)
class Sampling:
    """How it is sampled."""

    temperature: float = knob(
        1.0, "Temperature", "Multiplies the start noise; below 1 samples gather where density is high.",
        low=0.0, high=2.0,
    )  # fmt: skip


class Layer(Protocol):
    """One invertible map of the space: (n, d) from noise towards data; its inverse (n, d) with log|det dz/dx| (n,).

    `passes` is how often `to_data` evaluates its network.
    """

    @property
    def passes(self) -> int: ...

    def to_data(self, z: Tensor) -> Tensor: ...

    def to_noise(self, x: Tensor) -> tuple[Tensor, Tensor]: ...


def bounded_log_scale(raw: Tensor) -> Tensor:
    """3 tanh(raw / 3): one layer stretches by at most e^3, which keeps its inverse well conditioned."""
    return MAX_LOG_SCALE * torch.tanh(raw / MAX_LOG_SCALE)


class Flow(Family):
    """log p(x) = log N(z(x); 0, I) + sum over layers of log|det dz/dx|; the loss is -E log p(x) (lecture 2)."""

    log_prob_kind = "exact"

    @abstractmethod
    def layers(self) -> Sequence[Layer]:
        """The layers from noise to data."""

    def layer_names(self) -> tuple[str, ...]:
        """Their names for a chart, from noise to data."""
        return tuple(f"layer {k}" for k in range(1, len(self.layers()) + 1))

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of maximum likelihood."""
        z, log_det = self.to_noise(fit.batch())
        losses = -(log_normal(z) + log_det)
        loss = losses.mean()
        fit.note(outcome=z, losses=losses)
        fit.descend(loss)
        return {"negative log-likelihood": loss.detach()}

    # Density.

    def to_noise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """z (n, d) and log|det dz/dx| (n,) of points x (n, d)."""
        log_det = x.new_zeros(len(x))
        for layer in reversed(self.layers()):
            x, gained = layer.to_noise(x)
            log_det = log_det + gained
        return x, log_det

    def log_density(self, x: Tensor) -> Tensor:
        """log p(x) (n,) in nats, differentiable."""
        z, log_det = self.to_noise(x)
        return log_normal(z) + log_det

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

    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """The change of variables term by term, averaged over the points: E log p(z), E log|det| of each layer."""
        terms = points.new_zeros(len(self.layers()) + 1)
        for part in torch.split(points, CHUNK):
            with torch.no_grad():
                terms += self._terms(part) / len(points)
            yield
        note = f"They sum to the mean log-likelihood of the training points, {float(terms.sum()):.3f} nats."
        return Bars("Log-likelihood, term by term", terms, ("log p(z)", *self.layer_names()), note=note)

    def _terms(self, x: Tensor) -> Tensor:
        """Sums over x (n, d) of log p(z) and of each layer's log|det dz/dx|, (1 + layers,)."""
        gains = []
        for layer in reversed(self.layers()):
            x, gained = layer.to_noise(x)
            gains.append(gained.sum())
        return torch.stack([log_normal(x).sum(), *reversed(gains)])

    # Sampling.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """N(0, I), (n, d)."""
        return torch.randn((n, self.dim), generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """The state after each layer; t = k / K is the share of layers passed, not a time of the clock."""
        yield from self._layer_by_layer(sampling.temperature * start, 0)

    def onward(self, start: Tensor, t: float, sampling: Any) -> tuple[int, Iterator[State]]:
        """See families.capabilities.GoesOn: from the layer that is next at t."""
        passed = round(t * len(self.layers()))
        return len(self.layers()) - passed + 1, self._layer_by_layer(start, passed)

    @torch.no_grad()
    def _layer_by_layer(self, x: Tensor, passed: int) -> Iterator[State]:
        layers, passes = self.layers(), 0
        yield State(passed / len(layers), x)
        for k, layer in enumerate(layers[passed:], start=passed + 1):
            x, passes = layer.to_data(x), passes + layer.passes
            yield State(k / len(layers), x, evaluations=passes)

    def frames(self, sampling: Any) -> int:
        """Noise, and the state after each layer."""
        return len(self.layers()) + 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """The same: the map is deterministic."""
        yield from self.walk(start, sampling, torch.Generator(start.device))


def log_normal(z: Tensor) -> Tensor:
    """log N(z; 0, I), (n, d) -> (n,), in nats."""
    return -0.5 * z.square().sum(1) - 0.5 * z.shape[1] * math.log(2 * math.pi)
