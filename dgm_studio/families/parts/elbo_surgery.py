"""ELBO surgery: the bound split into reconstruction, mutual information and the KL of the aggregated posterior."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from dgm_studio.families.parts.diagonal_normal import draw_normal, log_mixture, log_normal
from dgm_studio.families.showing import Bars

DRAWS = 1_000
"""Most data points of which a z is drawn; the aggregated posterior is over all of them whatever their number."""

ROWS = 8_192
"""Points encoded or decoded together."""

NUMBERS = 500_000
"""Of (z, data point, coordinate) evaluated together: a slice well under 50 ms."""


class LatentVariableModel(Protocol):
    """What surgery needs: q(z|x), p(x|z) and p(z)."""

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]: ...

    def likelihood(self, z: Tensor) -> tuple[Tensor, Tensor]: ...

    def log_prior(self, z: Tensor) -> Tensor: ...


@dataclass(frozen=True)
class Surgery:
    """ELBO = reconstruction - mutual information - marginal KL, in nats: means over `draws` pairs (x_i, z_i ~ q).

    reconstruction log p(x_i|z_i); mutual information log q(z_i|x_i) - log q_agg(z_i), which is at most log n;
    marginal KL log q_agg(z_i) - log p(z_i); ELBO log p(x_i|z_i) + log p(z_i) - log q(z_i|x_i).
    """

    elbo: float
    reconstruction: float
    mutual_information: float
    marginal_kl: float
    draws: int
    n: int

    def bars(self) -> Bars:
        """The four numbers, and the identity with the bound on the mutual information as caption."""
        values = (self.elbo, self.reconstruction, self.mutual_information, self.marginal_kl)
        note = (
            f"{self.elbo:.2f} = {self.reconstruction:.2f} - {self.mutual_information:.2f} - {self.marginal_kl:.2f}. "
            f"Mutual information is at most log n = {math.log(self.n):.2f}; {self.draws:,} draws, the aggregated "
            f"posterior over all {self.n:,} points."
        )
        names = ("ELBO", "Reconstruction", "Mutual information", "Marginal KL")
        return Bars("ELBO surgery", torch.tensor(values, dtype=torch.float64, device="cpu"), names, "nats", note)


@torch.no_grad()
def surgery(
    model: LatentVariableModel, points: Tensor, generator: torch.Generator, draws: int = DRAWS, rows: int = ROWS
) -> Generator[None, None, Surgery]:
    """Hoffman and Johnson, 2016 (lecture 4), on points (n, d), with one z for each of at most `draws` of them.

    q_agg(z) = 1/n sum_j q(z|x_j) is over all n points, so that the split is exact for the draws it is made of: the
    same z stand in every term. Each yield ends a slice, in which at most `rows` are encoded or decoded.
    """
    encoded = []
    for part in torch.split(points, rows):
        encoded.append(model.encode(part))
        yield
    means, log_variances = (torch.cat(parts) for parts in zip(*encoded, strict=True))
    which = torch.randperm(len(points), generator=generator, device=points.device)[:draws]
    z = draw_normal(means[which], log_variances[which], generator)
    posterior = log_normal(z, means[which], log_variances[which])
    yield
    reconstructed = []
    for x, part in zip(torch.split(points[which], rows), torch.split(z, rows), strict=True):
        reconstructed.append(log_normal(x, *model.likelihood(part)))
        yield
    likelihood = torch.cat(reconstructed)
    prior = model.log_prior(z)
    aggregated = []
    for part in torch.split(z, max(1, NUMBERS // means.numel())):
        aggregated.append(log_mixture(part, means, log_variances))
        yield
    mixed = torch.cat(aggregated)
    elbo, reconstruction, information, marginal = (
        float(term.double().mean())
        for term in (likelihood + prior - posterior, likelihood, posterior - mixed, mixed - prior)
    )
    return Surgery(elbo, reconstruction, information, marginal, len(z), len(points))
