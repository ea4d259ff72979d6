"""Where cluster centres begin: k-means++."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def nearest(x: Tensor, centres: Tensor) -> Tensor:
    """Squared distance (n,) of points (n, d) to the nearest of centres (k, d)."""
    found = torch.full((len(x),), math.inf, device=x.device, dtype=x.dtype)
    for centre in centres:  # one at a time: differences lose no digits where a product form would
        found = torch.minimum(found, (x - centre).square().sum(1))
    return found


def plus_plus(x: Tensor, k: int, generator: torch.Generator) -> Tensor:
    """k centres (k, d) among points (n, d): each of a few candidates is drawn with probability proportional to its
    squared distance to the nearest centre taken, and the one that leaves the smallest sum of them is kept.

    Arthur and Vassilvitskii, 2007, with their greedy 2 + log k candidates. Where all points are taken, uniform.
    """
    trials = 2 + int(math.log(k))
    first = torch.randint(len(x), (1,), generator=generator, device=x.device)
    centres, gaps = [x[first]], nearest(x, x[first])
    for _ in range(k - 1):
        chance = gaps if bool(gaps.sum() > 0) else torch.ones_like(gaps)
        drawn = torch.multinomial(chance, trials, replacement=True, generator=generator)
        left = torch.minimum(gaps, (x[None] - x[drawn][:, None]).square().sum(2))
        best = int(left.sum(1).argmin())
        centres.append(x[drawn[best : best + 1]])
        gaps = left[best]
    return torch.cat(centres)
