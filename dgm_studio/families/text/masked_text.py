"""Masked diffusion language model (MDLM): tokens are masked at random, and a network learns to restore them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import knob
from dgm_studio.core.unmasking import MASKED
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.masked_tokens import BOUND, EVEN, WEIGHTINGS, MaskedTokens
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.families.text.text_knobs import TextDesign, TextTraining
from dgm_studio.paths.categorical.schedules import LINEAR, SCHEDULES


@dataclass(frozen=True)
class Design(TextDesign):
    """What is built."""

    schedule: str = knob(LINEAR, "Schedule", "How fast tokens are masked over time.", choices=SCHEDULES)


@dataclass(frozen=True)
class Training(TextTraining):
    """How it learns; every knob is live."""

    weighting: str = knob(EVEN, "Weights", "How much a mask counts at mask rate λ.", choices=WEIGHTINGS)


class MaskedText(TextFamily):
    """p(x_0 | x_t), with the bound -log p <= E_u (-alpha' / (1 - alpha)) sum over masks of -log p(x_0^i | x_t)
    (Sahoo et al., 2024; Shi et al., 2024; lecture 14), as it is or with all masks weighted the same (as MaskGIT, Chang
    et al., 2022: the same best network). The network is not told the time: the masks in sight say it."""

    card = Card(
        id="masked-text",
        title="Masked diffusion",
        summary="Text is masked word by word; a network restores it, in any order, many at once.",
        lecture="13-14",
        paper="Sahoo et al., 2024",
        formula="-ELBO = E_λ (1/λ) Σ_masked -log p(x₀ⁱ | x_t)",
        shows=("tokens",),
    )
    kind = MASKED
    Design = Design
    Training = Training
    presets = (
        Preset("masked-text", "Masked words", "MDLM over words: readable in minutes.", "14", "Sahoo et al., 2024"),
        Preset(
            "mdlm", "MDLM's own weights", "Each mask counts 1/λ: the loss is the bound itself.", "14",
            "Sahoo et al., 2024", training={"weighting": BOUND},
        ),
        Preset(
            "masked-characters", "Masked characters", "The same over single characters.", "14", "Sahoo et al., 2024",
            {"tokens": "char", "vocabulary": 96, "length": 128}, {"batch": 4},
        ),
        Preset(
            "masked-transformer", "Plain transformer", "The usual network: a class sees how much slower it learns.",
            "14", "Sahoo et al., 2024", {"network": "transformer", "layers": 4},
            {"learning_rate": 1e-3, "batch": 3},
        ),
    )  # fmt: skip

    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        """Of each clean token (n, L, V); ids V are masked, and so are holes."""
        return self.read_out(self.net.features(self.masked.held(ids)))

    # Training.

    @property
    def masked(self) -> MaskedTokens:
        """The losses, by this network."""
        return MaskedTokens(self.net.features, self.nats, self.noise)

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the bound, times spread evenly over the batch."""
        found = self.masked.losses(fit.batch().long(), self.design.schedule, fit.generator)
        loss = found.bound if fit.training.weighting == BOUND else found.even
        fit.descend(loss, rate=self.rate(fit))
        return {
            "loss": loss.detach(), "negative ELBO": found.bound.detach(), "cross-entropy": found.cross_entropy
        }  # fmt: skip

    @torch.no_grad()
    def judged(self, windows: Tensor, generator: torch.Generator) -> Mapping[str, Tensor]:
        """Of masked tokens at 15, 50 and 85 % masked."""
        return self.masked.judged(windows.long(), generator)

    @torch.no_grad()
    def bound(self, windows: Tensor, generator: torch.Generator) -> Tensor:
        """One draw of -ELBO (n,)."""
        return self.masked.bound(windows.long(), generator)


FAMILY = MaskedText
