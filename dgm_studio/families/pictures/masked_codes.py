"""Masked generation on the codes of a VQ-VAE (MaskGIT): codes are masked at random, and a network restores them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Value, knob
from dgm_studio.core.unmasking import CONFIDENCE, COSINE, MASKED
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.masked_tokens import BOUND, EVEN, WEIGHTINGS, MaskedTokens
from dgm_studio.families.pictures import vqvae
from dgm_studio.families.pictures.code_prior import CodePrior
from dgm_studio.families.pictures.token_knobs import TokenSampling, TokenTraining, network, token_layers, token_width
from dgm_studio.families.pictures.two_stage import first_steps
from dgm_studio.paths.categorical.schedules import LINEAR, SCHEDULES

_PARALLEL: dict[str, Value] = {
    "order": CONFIDENCE, "steps": 12, "pace": COSINE, "order_temperature": 2.0, "guidance": 2.0
}  # fmt: skip
"""MaskGIT's own sampling: few steps, the surest codes first, Gumbel noise on what is sure; and guided."""


@dataclass(frozen=True)
class Design(vqvae.Design):
    """What is built: the VQ-VAE's knobs, and the prior's."""

    network: str = network()
    token_width: int = token_width(128)
    token_layers: int = token_layers(8)
    schedule: str = knob(LINEAR, "Schedule", "How fast codes are masked over time.", choices=SCHEDULES)


@dataclass(frozen=True)
class Training(TokenTraining):
    """How it learns; every knob is live."""

    first_steps: int = first_steps(2_000)
    weighting: str = knob(EVEN, "Weights", "How much a mask counts at mask rate λ.", choices=WEIGHTINGS)


class MaskedCodes(CodePrior):
    """-log p(c | y) <= E_u (-alpha' / (1 - alpha)) sum over masks of -log p(c_0^i | c_t, y), with all masks weighted
    the same as MaskGIT has it (Chang et al., 2022), or as the bound has it (Sahoo et al., 2024)."""

    card = Card(
        id="masked-codes",
        title="Masked codes",
        summary="A picture's codes are masked; a network restores them, in any order, many at once.",
        lecture="14",
        paper="Chang et al., 2022",
        formula="-ELBO = E_λ (1/λ) Σ_masked -log p(c₀ⁱ | c_t, y)",
        shows=("tokens",),
        facts=(("kin", "VQ / D3PM"),),
    )
    kind = MASKED
    Design, Training, Sampling = Design, Training, TokenSampling
    presets = (
        Preset(
            "masked-codes", "Masked codes", "MaskGIT's shape: a transformer fills in codes in 12 steps.",
            "14", "Chang et al., 2022", sampling=_PARALLEL,
        ),
        Preset(
            "masked-codes-bound", "Masked codes, the bound", "Each mask counts 1/λ; drawn by the exact chain.", "14",
            "Sahoo et al., 2024", training={"weighting": BOUND}, sampling={"order": "ancestral", "steps": 49},
        ),
    )  # fmt: skip

    def masked(self, labels: Tensor) -> MaskedTokens:
        """The losses of tokens, told labels (n,)."""
        return MaskedTokens(lambda ids: self.features(ids, labels), self.nats, self.tokens)

    def lesson(self, ids: Tensor, labels: Tensor, fit: Fit) -> tuple[Tensor, dict[str, Tensor]]:
        """Of codes masked at times spread evenly over the batch."""
        found = self.masked(labels).losses(ids, self.design.schedule, fit.generator)
        loss = found.bound if fit.training.weighting == BOUND else found.even
        return loss, {"negative ELBO": found.bound.detach(), "cross-entropy": found.cross_entropy}

    def bound(self, ids: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
        """One draw of -ELBO (n,) in nats a picture's code."""
        return self.masked(labels).bound(ids, generator)


FAMILY = MaskedCodes
