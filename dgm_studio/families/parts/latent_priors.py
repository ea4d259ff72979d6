"""Priors p(z) of a variational autoencoder: standard normal, a flow, the VampPrior, the aggregated posterior."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, fill
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.diagonal_normal import draw_normal, log_mixture, log_normal
from dgm_studio.families.realnvp import RealNVP
from dgm_studio.nets.init import normal_

STANDARD, FLOW, VAMP, AGGREGATED = "standard", "flow", "vamp", "aggregated"

PRIORS = (
    Choice(STANDARD, "Standard normal", "N(0, I): nothing to learn, the KL in closed form."),
    Choice(FLOW, "Flow (RealNVP)", "A stack of couplings learned with the rest (lecture 4)."),
    Choice(VAMP, "VampPrior", "Mean of the posteriors of learned pseudo-inputs (Tomczak and Welling, 2018)."),
    Choice(AGGREGATED, "Aggregated posterior", "Mean of the posteriors of data points, drawn anew each step."),
)
"""What the knob `prior` may choose from."""

Encoder = Callable[[Tensor], tuple[Tensor, Tensor]]
"""x (n, d) -> mean and log-variance (n, k) of q(z|x)."""


class LatentPrior(nn.Module, ABC):
    """p(z) over k coordinates. `encode` is the model's own encoder, of which two of the priors are made."""

    components: int = 1
    """Normals to evaluate at each z: what a slice of work is measured by."""

    @abstractmethod
    def log_prob(self, z: Tensor, encode: Encoder) -> Tensor:
        """log p(z) (n,) in nats, exact and differentiable."""

    @abstractmethod
    def draw(self, n: int, generator: torch.Generator, encode: Encoder) -> Tensor:
        """z (n, k) from p(z), on the generator's device."""

    def divergence(self, mean: Tensor, log_variance: Tensor, z: Tensor, encode: Encoder) -> Tensor:
        """KL(q(z|x) | p(z)) in nats (n, 1) by the one draw z of q: log q(z|x) - log p(z)."""
        return (log_normal(z, mean, log_variance) - self.log_prob(z, encode))[:, None]

    def refresh(self, fit: Fit) -> None:
        """Before each step: take from the data what the prior needs of them."""


class Standard(LatentPrior):
    """N(0, I)."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.latent = latent

    def log_prob(self, z: Tensor, encode: Encoder) -> Tensor:
        """log N(z; 0, I)."""
        return log_normal(z, torch.zeros_like(z), torch.zeros_like(z))

    def draw(self, n: int, generator: torch.Generator, encode: Encoder) -> Tensor:
        """Standard normal numbers in the type that torch computes in."""
        return torch.randn((n, self.latent), generator=generator, device=generator.device)

    def divergence(self, mean: Tensor, log_variance: Tensor, z: Tensor, encode: Encoder) -> Tensor:
        """In closed form, one column a latent coordinate (n, k): (mean^2 + var - 1 - log var) / 2."""
        return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)


class Flow(LatentPrior):
    """log p(z) = log N(f(z); 0, I) + log|det df/dz| with f a RealNVP from this same room (lecture 4)."""

    def __init__(self, latent: int, couplings: int) -> None:
        super().__init__()
        if reason := RealNVP.refuses_data(latent, 1):
            raise Refused(f"The flow prior cannot have {latent} latent dimension: {reason}")
        design: Any = fill(RealNVP.Design, {"couplings": couplings, "width": 32})
        self.flow = RealNVP(design, latent)

    def log_prob(self, z: Tensor, encode: Encoder) -> Tensor:
        """By the change of variables."""
        return self.flow.log_density(z)

    def draw(self, n: int, generator: torch.Generator, encode: Encoder) -> Tensor:
        """Standard normal numbers through the couplings."""
        *_, last = self.flow.walk(self.flow.prior(n, generator), fill(RealNVP.Sampling, {}), generator)
        return last.x


class Posteriors(LatentPrior):
    """p(z) = 1/M sum_m q(z|u_m): the mean of the posteriors at M inputs u (M, d) in data space."""

    inputs: Tensor

    def log_prob(self, z: Tensor, encode: Encoder) -> Tensor:
        """Of a mixture of M normals."""
        return log_mixture(z, *encode(self.inputs))

    def draw(self, n: int, generator: torch.Generator, encode: Encoder) -> Tensor:
        """One of the inputs, then its posterior."""
        which = torch.randint(self.components, (n,), generator=generator, device=generator.device)
        mean, log_variance = (part[which] for part in encode(self.inputs))
        return draw_normal(mean, log_variance, generator)

    def fill(self, generator: torch.Generator) -> None:
        """Inputs N(0, I), the scale of the data."""
        normal_(self.inputs, 1.0, generator)


class Vamp(Posteriors):
    """Tomczak and Welling, 2018, equation 9: the inputs are parameters, learned with the rest."""

    def __init__(self, dim: int, components: int) -> None:
        super().__init__()
        self.components = components
        self.inputs = nn.Parameter(torch.empty(components, dim))


class Aggregated(Posteriors):
    """The optimal prior (lecture 4), its mean over all n data points replaced by one over M of them."""

    def __init__(self, dim: int, components: int) -> None:
        super().__init__()
        self.components = components
        self.register_buffer("inputs", torch.empty(components, dim))

    def refresh(self, fit: Fit) -> None:
        """Draw the M data points anew, so that no few of them are favoured and new data are followed."""
        shape = (self.components,)
        which = torch.randint(len(fit.points), shape, generator=fit.generator, device=fit.device)
        self.inputs.copy_(fit.model.seen(fit.points[which]))


def make_prior(design: Any, dim: int) -> LatentPrior:
    """The prior that a VAE's design names; Refused where the flow has one coordinate and so no halves."""
    if design.prior == FLOW:
        return Flow(design.latent, design.prior_couplings)
    if design.prior == VAMP:
        return Vamp(dim, design.components)
    if design.prior == AGGREGATED:
        return Aggregated(dim, design.components)
    return Standard(design.latent)
