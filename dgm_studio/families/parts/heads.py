"""Conditional heads: what a network's output says about one coordinate: a binned softmax, or a mixture on the line.

All work in units of the data's box, so that 0 <= u <= 1 where data are; the density of x itself is that of u over the
box's side.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from dgm_studio.core.knobs import Choice
from dgm_studio.families.parts.extent import EDGE

SOFTMAX, GAUSSIANS, LOGISTICS = "softmax", "gaussians", "logistics"
HEADS = (
    Choice(GAUSSIANS, "Mixture of Gaussians", "Smooth bells; what a mixture density network gives."),
    Choice(LOGISTICS, "Mixture of logistics", "Bells with heavier tails, as PixelCNN++ has."),
    Choice(SOFTMAX, "Binned softmax", "A probability for each bin, constant within; 0 outside the data's box."),
)

LOG_WIDTH = (-6.0, 2.0)
"""Bounds of a component's log width in units of the box: neither spikes that overflow nor flat ones."""

IN_BIN = 1e-4
"""How far from a bin's walls a draw stays, in units of the bin: rounding must not carry it to a neighbour."""


class Head(ABC):
    """One coordinate's law, given raw numbers (n, outputs)."""

    outputs: int

    @abstractmethod
    def log_density(self, raw: Tensor, u: Tensor) -> Tensor:
        """log p(u) (n,) at places u (n,)."""

    @abstractmethod
    def draw(self, raw: Tensor, place: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
        """A draw u (n,): the bin or component is drawn, `place` (n,) in [0, 1] is the quantile within it.

        The temperature divides the logits and widens a component: sigma^2 (Gaussians) or s (logistics) times it, as
        p^(1/temperature) would for one component alone.
        """


class Softmax(Head):
    """p(u) = K softmax(raw)_k in the k-th of K equal bins of [0, 1], 0 outside (van den Oord et al., 2016)."""

    def __init__(self, bins: int) -> None:
        self.outputs = bins

    def log_density(self, raw: Tensor, u: Tensor) -> Tensor:
        which = (u * self.outputs).long().clamp(0, self.outputs - 1)
        log_p = raw.log_softmax(1).gather(1, which[:, None])[:, 0] + math.log(self.outputs)
        return torch.where((u >= 0) & (u <= 1), log_p, torch.full_like(log_p, -math.inf))

    def draw(self, raw: Tensor, place: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
        return (_choose(raw / temperature, generator) + place.clamp(IN_BIN, 1 - IN_BIN)) / self.outputs


class Bells(Head):
    """sum_k softmax(a)_k f((u - m_k) / w_k) / w_k with raw = (a, m, log w) and f a Gaussian or a logistic density.

    Means and widths begin spread over the box: m_k around the k-th of K even places, w_k near one gap between them.
    Mixture density networks: Bishop, 1994; logistics: Salimans et al., 2017 (without their discretisation).
    """

    def __init__(self, components: int, gaussian: bool) -> None:
        self.components = components
        self.gaussian = gaussian
        self.outputs = 3 * components

    def parts(self, raw: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits, means and log widths, (n, K) each."""
        logits, mean, log_width = raw.chunk(3, dim=1)
        k = self.components
        even = (torch.arange(k, device=raw.device, dtype=raw.dtype) + 0.5) / k
        start = math.log((1.0 if self.gaussian else 0.5) / (2 * k))
        return logits, mean + even, (log_width + start).clamp(*LOG_WIDTH)

    def log_density(self, raw: Tensor, u: Tensor) -> Tensor:
        logits, mean, log_width = self.parts(raw)
        z = (u[:, None] - mean) * (-log_width).exp()
        return (logits.log_softmax(1) + self._log_shape(z) - log_width).logsumexp(1)

    def _log_shape(self, z: Tensor) -> Tensor:
        """log f(z): the standard Gaussian, or e^-z / (1 + e^-z)^2."""
        if self.gaussian:
            return -0.5 * z.square() - 0.5 * math.log(2 * math.pi)
        return logsigmoid(z) + logsigmoid(-z)

    def draw(self, raw: Tensor, place: Tensor, temperature: float, generator: torch.Generator) -> Tensor:
        logits, mean, log_width = self.parts(raw)
        which = _choose(logits / temperature, generator)[:, None]
        centre, width = mean.gather(1, which)[:, 0], log_width.gather(1, which)[:, 0].exp()
        place = place.clamp(EDGE, 1 - EDGE)
        z = math.sqrt(temperature) * torch.special.ndtri(place) if self.gaussian else temperature * place.logit()
        found: Tensor = centre + width * z
        return found


def head(kind: str, bins: int, components: int) -> Head:
    """The head of that kind: `bins` for the softmax, `components` for the mixtures."""
    return Softmax(bins) if kind == SOFTMAX else Bells(components, gaussian=kind == GAUSSIANS)


def _choose(logits: Tensor, generator: torch.Generator) -> Tensor:
    """One index (n,) a row, with probability softmax(logits)."""
    return torch.multinomial(logits.softmax(1), 1, generator=generator)[:, 0]
