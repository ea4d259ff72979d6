"""Autoregressive language model: each token from those before it, left to right; the baseline of lecture 13."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import pad

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.unmasking import AUTOREGRESSIVE
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.token_costs import spread, summed
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.families.text.text_knobs import TextDesign, TextTraining


class AutoregressiveText(TextFamily):
    """log p(x) = sum_i log p(x_i | x_1 .. x_{i-1}), exact; the same network with causal convolutions and attention
    (Bengio et al., 2003; Vaswani et al., 2017; lecture 13)."""

    card = Card(
        id="autoregressive-text",
        title="Autoregressive",
        summary="Each word from those before it, left to right: the baseline that diffusion is compared with.",
        lecture="13",
        paper="Bengio et al., 2003",
        formula="log p(x) = Σ log p(xᵢ | x₁ … xᵢ₋₁)",
        shows=("tokens",),
    )
    kind = AUTOREGRESSIVE
    Design = TextDesign
    Training = TextTraining
    presets = (
        Preset("autoregressive-text", "Next word", "Left to right over words.", "13", "Bengio et al., 2003"),
        Preset(
            "autoregressive-characters", "Next character", "Left to right over characters.", "13",
            "Bengio et al., 2003", {"tokens": "char", "vocabulary": 96, "length": 128}, {"batch": 4},
        ),
    )  # fmt: skip

    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        """Of each token (n, L, V), row i from the ids before i only; holes among them are read as unknown."""
        return self.read_out(self._features(ids))

    def _features(self, ids: Tensor) -> Tensor:
        """Position i sees the start token and ids 0 .. i - 1."""
        return self.net.features(pad(torch.where(ids < 0, self.noise, ids)[:, :-1], (1, 0), value=self.noise))

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the cross-entropy of the next token."""
        nats, _ = self._next(fit.batch().long())
        loss = nats.sum() / max(1, len(nats))
        fit.descend(loss, rate=self.rate(fit))
        return {"loss": loss.detach()}

    @torch.no_grad()
    def judged(self, windows: Tensor, generator: torch.Generator) -> Mapping[str, Tensor]:
        """Of the next token; nothing is drawn, `generator` is not used."""
        nats, _ = self._next(windows.long())
        return {"next token, held out": summed(nats)}

    @torch.no_grad()
    def bound(self, windows: Tensor, generator: torch.Generator) -> Tensor:
        """-log p (n,), exact; nothing is drawn, `generator` is not used."""
        return spread(*self._next(windows.long())).sum(1)

    def _next(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """-log p (m,) of the known tokens from those before each, and where they are (n, L)."""
        known = ids >= 0
        return self.nats(self._features(ids)[known], ids[known]), known


FAMILY = AutoregressiveText
