"""Masked diffusion language model (MDLM): tokens are masked at random, and a network learns to restore them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.unmasking import MASKED
from dgm_studio.families.fit import Fit
from dgm_studio.families.text.text_family import SHARES, TextFamily, spread, summed
from dgm_studio.families.text.text_knobs import TextDesign, TextTraining
from dgm_studio.paths.categorical.continuous_bound import (
    antithetic_times,
    bound_weight,
    mask_at_rates,
    mask_counted,
    masked_bound,
)
from dgm_studio.paths.categorical.schedules import LINEAR, SCHEDULES, noised_rate


@dataclass(frozen=True)
class Design(TextDesign):
    """What is built."""

    schedule: str = knob(LINEAR, "Schedule", "How fast tokens are masked over time.", choices=SCHEDULES)


EVEN, BOUND = "even", "bound"
WEIGHTINGS = (
    Choice(EVEN, "Every mask the same", "Every masked token counts alike: less noise, and faster to learn."),
    Choice(BOUND, "The bound's, 1/λ", "-α' / (1 - α), which makes the loss MDLM's bound on -log p."),
)


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
        return self.read_out(self.net.features(self._held(ids)))

    def _held(self, ids: Tensor) -> Tensor:
        return torch.where(ids < 0, self.noise, ids)

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the bound, times spread evenly over the batch."""
        ids = fit.batch().long()
        u = antithetic_times(len(ids), fit.generator)
        schedule = self.design.schedule
        x_t = mask_at_rates(self._held(ids), noised_rate(schedule, u), self.noise, fit.generator)
        nats, masked = self._restored(x_t, ids)
        known = (ids >= 0).sum().clamp_min(1)
        bound = masked_bound(spread(nats, masked), masked, bound_weight(schedule, u)).sum() / known
        loss = bound if fit.training.weighting == BOUND else 2 * nats.sum() / known
        fit.descend(loss, rate=self.rate(fit))
        seen = nats.detach().sum() / max(1, len(nats))
        return {"loss": loss.detach(), "negative ELBO": bound.detach(), "cross-entropy": seen}

    def _restored(self, x_t: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """-log p (m,) at the masked known positions, and where those are (n, L): only they are read out."""
        masked = (x_t == self.noise) & (ids >= 0)
        return self.nats(self.net.features(x_t)[masked], ids[masked]), masked

    @torch.no_grad()
    def judged(self, windows: Tensor, generator: torch.Generator) -> Mapping[str, Tensor]:
        """Of masked tokens at 15, 50 and 85 % masked."""
        ids, found = windows.long(), {}
        for share in SHARES:
            rates = torch.full((len(ids),), share, device=ids.device)
            nats, _ = self._restored(mask_at_rates(self._held(ids), rates, self.noise, generator), ids)
            found[f"{share:.0%} masked"] = summed(nats)
        return found

    @torch.no_grad()
    def bound(self, windows: Tensor, generator: torch.Generator) -> Tensor:
        """One draw of -ELBO (n,)."""
        ids = windows.long()
        x_t, weight = mask_counted(self._held(ids), self.noise, generator)
        nats, masked = self._restored(x_t, ids)
        return masked_bound(spread(nats, masked), masked, weight)


FAMILY = MaskedText
