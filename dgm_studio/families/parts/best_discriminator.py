"""The best discriminator for the generator of this moment, estimated from samples: log p / q by kernels."""

from __future__ import annotations

import math
from collections.abc import Generator

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from dgm_studio.measures.kde import fit_kde

HALF = 800
"""Points of each cloud that the kernels are put on, and as many others that they are judged at."""


def halves(cloud: Tensor) -> tuple[Tensor, Tensor]:
    """The first and the second half of a cloud (n, d), n >= 2, at most HALF points each."""
    half = min(HALF, len(cloud) // 2)
    return cloud[:half], cloud[half : 2 * half]


def log_ratios(data: Tensor, fakes: Tensor) -> Generator[None, None, tuple[Tensor, Tensor]]:
    """log p(x) - log q(x), the logit of D* = p / (p + q), at the second halves of data and fakes: (n/2, 1) each.

    p, q are kernel estimates from the first halves only, so this D is a fixed function of what it is judged at: its
    value V(G, D) is below that of the true D* in expectation. Each yield ends a slice of some 20 ms.
    """
    # On the CPU: some devices have no float64.
    (data_fit, data_held), (fake_fit, fake_held) = halves(data.cpu().double()), halves(fakes.cpu().double())
    p = yield from fit_kde(data_fit)
    q = yield from fit_kde(fake_fit)
    found = []
    for held in (data_held, fake_held):
        above = p.log_density(held)
        yield
        found.append((above - q.log_density(held))[:, None])
        yield
    return found[0], found[1]


def jsd(at_data: Tensor, at_fakes: Tensor) -> float:
    """log 2 + (E_p log D + E_q log(1 - D)) / 2 in nats from the logits of D: at D* the Jensen-Shannon divergence."""
    return math.log(2) + 0.5 * float(logsigmoid(at_data).mean() + logsigmoid(-at_fakes).mean())


def drawn_from(points: Tensor, n: int, generator: torch.Generator) -> Tensor:
    """At most n of the points (N, d), without replacement, in random order."""
    order = torch.randperm(len(points), generator=generator, device=generator.device)
    return points[order[:n]]
