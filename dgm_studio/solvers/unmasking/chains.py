"""The chain that belongs to a model's kind, for a start and settings."""

from __future__ import annotations

import torch
from torch import Tensor

from dgm_studio.core.unmasking import AUTOREGRESSIVE, MASKED, NO_REMASK, Unmasking
from dgm_studio.solvers.unmasking.masked_chain import MaskedChain
from dgm_studio.solvers.unmasking.network import Network
from dgm_studio.solvers.unmasking.stages import stages
from dgm_studio.solvers.unmasking.uniform_chain import UniformChain
from dgm_studio.solvers.unmasking.written_chain import WrittenChain

Chain = MaskedChain | UniformChain | WrittenChain


def chain_of(network: Network, settings: Unmasking, gaps: Tensor, length: int) -> tuple[Chain, str]:
    """The chain that fills `gaps` (k,), positions of a window of `length`, and what must be said of its settings."""
    model, count = network.model, len(gaps)
    if model.kind == MASKED:
        assert model.mask is not None  # a masked model has one
        plan, note = stages(settings, gaps.tolist(), length)
        return MaskedChain(settings, plan, model.mask), note
    idle = settings.block > 0 or settings.remasking != NO_REMASK
    if model.kind == AUTOREGRESSIVE:
        note = "Order, steps, re-masking and blocks do nothing: it writes left to right, a token a step."
        return WrittenChain(settings), note if idle or settings.steps < count else ""
    # A row of logits tells which ids are tokens at all; what it says of the text is not used.
    logits = network.logits(torch.zeros(length, dtype=torch.int64), 1.0)[0]
    note = "Order, re-masking and blocks do nothing: a uniform chain has no masks." if idle else ""
    real = torch.isfinite(logits).nonzero()[:, 0]
    return UniformChain(settings, settings.steps if count else 0, real), note


def hole(network: Network) -> int:
    """The id of a position that is still to be written: the mask, or -1 where the model has none."""
    return -1 if network.model.mask is None else network.model.mask
