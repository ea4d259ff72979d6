"""Which token: temperature, top-k, top-p, and the draw by Gumbel-max."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.core.unmasking import Unmasking


def shaped(logits: Tensor, settings: Unmasking) -> Tensor:
    """The log-probabilities (n, V) that tokens are drawn from: logits / temperature, then the k likeliest, then the
    likeliest that together reach p (the one that crosses p included; Holtzman et al., 2020); minus infinity elsewhere.

    Temperature 0 is its limit: all on the likeliest token (the first of equals).
    """
    if settings.temperature == 0:
        best = logits.argmax(-1, keepdim=True)
        return torch.full_like(logits, -torch.inf).scatter_(-1, best, 0.0)
    out = logits / settings.temperature
    if 0 < settings.top_k < out.shape[-1]:
        best, index = out.topk(settings.top_k, dim=-1)
        out = torch.full_like(out, -torch.inf).scatter_(-1, index, best)
    out = out.log_softmax(-1)
    if settings.top_p < 1:
        ranked, index = out.sort(dim=-1, descending=True, stable=True)
        p = ranked.exp()
        beyond = p.cumsum(-1) - p >= settings.top_p
        out = out.scatter(-1, index, ranked.masked_fill(beyond, -torch.inf)).log_softmax(-1)
    return out


def gumbel_max(log_p: Tensor, generator: torch.Generator) -> Tensor:
    """A draw (n,) from each of n distributions (n, V): argmax of log p + Gumbel noise, in float64.

    In float32 the noise cannot be large, which sharpens the distribution (Zheng et al., 2025).
    """
    return (log_p.double() + gumbel(log_p.shape, generator)).argmax(-1)


def gumbel(shape: torch.Size, generator: torch.Generator) -> Tensor:
    """Standard Gumbel noise in float64: minus the logarithm of an exponential variable."""
    noise = torch.empty(shape, dtype=torch.float64).exponential_(generator=generator)
    return -noise.clamp_min(torch.finfo(torch.float64).tiny).log()
