"""A codebook: K vectors, the nearest of which stands for an encoding; how they follow the encodings, and are used."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dgm_studio.nets.init import normal_

TINY = 1e-12


class Codebook(nn.Module):
    """K codes e_k (K, m), and how often each is used: a moving average (K,) that sums to 1."""

    usage: Tensor

    def __init__(self, codes: int, code_dim: int) -> None:
        super().__init__()
        self.codes = nn.Parameter(torch.empty(codes, code_dim))
        self.register_buffer("usage", torch.empty(codes))

    def fill(self, generator: torch.Generator) -> None:
        """Codes N(0, 0.5^2), about where a fresh encoder's outputs lie, all used alike."""
        normal_(self.codes, 0.5, generator)
        self.usage.fill_(1 / len(self.usage))

    def distances(self, z: Tensor) -> Tensor:
        """|z - e_k|^2 (n, K) of encodings z (n, m)."""
        return (z[:, None] - self.codes).square().sum(2)

    def nearest(self, z: Tensor) -> Tensor:
        """k* = argmin_k |z - e_k| (n,), the smallest index of equal ones: argmin of |e_k|^2 - 2 z e_k, which needs no
        (n, K, m) numbers."""
        return torch.addmm(self.codes.square().sum(1), z, self.codes.T, alpha=-2).argmin(1)

    def shares(self, choice: Tensor) -> Tensor:
        """How often each code is among the choices (n,): (K,), which sums to 1."""
        return torch.bincount(choice, minlength=len(self.codes)).to(self.usage.dtype) / len(choice)

    def perplexity(self) -> Tensor:
        """exp of the entropy of usage: how many codes it would take, used alike."""
        return (-torch.xlogy(self.usage, self.usage).sum()).exp()

    def by_usage(self, u: Tensor, temperature: float = 1.0) -> Tensor:
        """Codes drawn from usage^(1 / temperature) by uniform numbers u in [0, 1), in their shape."""
        edges = self.usage.pow(1 / temperature).cumsum(0)
        # A number so near to 1 that the product rounds to the last edge belongs to the last code that has a share.
        return torch.searchsorted(edges, u.contiguous() * edges[-1], right=True).clamp(max=int(edges.argmax()))

    def learn(
        self, z: Tensor, choice: Tensor, decay: float, below: float, generator: torch.Generator, *, moving: bool
    ) -> None:
        """After a step with encodings z (n, m) and their choice (n,): usage; where `moving`, the codes follow; where
        `below` is over 0, unused ones are revived."""
        self.count(self.shares(choice), decay)
        if moving:
            self.follow(z, choice, decay)
        if below > 0:
            which = torch.randint(len(z), (len(self.codes),), generator=generator, device=z.device)
            self.revive(z, below, which)

    @torch.no_grad()
    def count(self, shares: Tensor, decay: float) -> None:
        """usage <- decay usage + (1 - decay) shares (K,)."""
        self.usage.mul_(decay).add_(shares, alpha=1 - decay)

    @torch.no_grad()
    def follow(self, z: Tensor, choice: Tensor, decay: float) -> None:
        """e_k = m_k / N_k with N_k, m_k the moving averages of the number and the sum of the encodings z (n, m) whose
        choice (n,) is k (van den Oord et al., 2017, appendix A.1). N_k is usage, and m_k = N_k e_k before the step, so
        that nothing more has to be kept. Call it after `count` with the same decay."""
        share = self.shares(choice)
        centre = torch.zeros_like(self.codes).index_add_(0, choice, z) / (share * len(z)).clamp(min=1)[:, None]
        pull = (1 - decay) * share / self.usage.clamp(min=TINY)
        self.codes.lerp_(centre, pull[:, None].expand_as(self.codes))

    @torch.no_grad()
    def revive(self, z: Tensor, below: float, which: Tensor) -> None:
        """Move each code used less than below / K to the encoding z[which_k], as a code used like the others."""
        dead = self.usage < below / len(self.usage)
        self.codes.copy_(torch.where(dead[:, None], z[which], self.codes))
        self.usage.copy_(torch.where(dead, 1 / len(self.usage), self.usage))
        self.usage.div_(self.usage.sum())
