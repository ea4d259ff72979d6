"""Uniform diffusion language model (UDLM): tokens are replaced by random ones, and a network learns which were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.core.unmasking import UNIFORM
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.token_costs import SHARES, summed
from dgm_studio.families.text.text_family import TextFamily
from dgm_studio.families.text.text_knobs import TextDesign, TextTraining
from dgm_studio.paths.categorical.continuous_bound import antithetic_times
from dgm_studio.paths.categorical.schedules import LINEAR, SCHEDULES, keep_rate, noised_rate
from dgm_studio.paths.categorical.uniform_bound import replace_at_rates, uniform_bound

CROSS_ENTROPY, BOUND = "cross-entropy", "bound"
LOSSES = (
    Choice(CROSS_ENTROPY, "Cross-entropy", "-log p(x₀ | x_t) of every token: less noisy than the bound."),
    Choice(BOUND, "The bound", "UDLM's -ELBO in continuous time (Schiff et al., 2025)."),
)


@dataclass(frozen=True)
class Design(TextDesign):
    """What is built."""

    schedule: str = knob(LINEAR, "Schedule", "How fast tokens are replaced over time.", choices=SCHEDULES)


@dataclass(frozen=True)
class Training(TextTraining):
    """How it learns; every knob is live."""

    objective: str = knob(CROSS_ENTROPY, "Loss", "What is minimised; both lead to the same network.", choices=LOSSES)


class UniformText(TextFamily):
    """q(x_t | x_0) = alpha x_0 + (1 - alpha) / V (Austin et al., 2021; Schiff et al., 2025). No token is marked as
    noise, so every position is judged and may change at every step.

    The network's p is the law of x_0^i given the OTHER tokens of x_t: for that p, and not for the law given all of x_t,
    are the rates of the bound exact. The law given x_t follows by Bayes' rule, q(x_t^i | x_0^i) p (`posterior`); its
    cross-entropy teaches p too, and tokens are drawn from it.
    """

    card = Card(
        id="uniform-text",
        title="Uniform diffusion",
        summary="Words turn into random words; a network finds the wrong ones, and may correct itself.",
        lecture="13-14",
        paper="Schiff et al., 2025",
        formula="q(x_t | x₀) = α x₀ + (1 - α) / V",
        shows=("tokens",),
    )
    kind = UNIFORM
    Design = Design
    Training = Training
    presets = (
        Preset("uniform-text", "Uniform words", "UDLM over words.", "14", "Schiff et al., 2025"),
        Preset(
            "udlm", "UDLM's own loss", "The loss is the bound itself.", "14", "Schiff et al., 2025",
            training={"objective": BOUND, "batch": 5},
        ),
    )  # fmt: skip

    def logits(self, ids: Tensor, t: Tensor | None = None) -> Tensor:
        """Of each clean token (n, L, V) given all of x_t at times t (n,), 1 is clean; without t as if all were noise.
        Ids V and holes are read as unknown."""
        if t is None:
            t = torch.zeros(len(ids), dtype=self.dtype, device=ids.device)
        found = self.posterior(self.net.read_out(self._features(ids, t), self.count), ids, 1 - t)
        return pad(found, (0, self.noise - found.shape[-1]), value=-torch.inf)

    def _features(self, ids: Tensor, t: Tensor) -> Tensor:
        return self.net.features(torch.where(ids < 0, self.noise, ids), t.to(self.dtype))

    def posterior(self, logits: Tensor, x_t: Tensor, u: Tensor) -> Tensor:
        """Log of q(x_t | x_0) p(x_0), up to a constant, (n, L, K) at times u (n,): the token that stands there gains
        log(1 + K alpha / (1 - alpha))."""
        schedule = self.design.schedule
        kept = logits.shape[-1] * keep_rate(schedule, u) / noised_rate(schedule, u).clamp_min(1e-6)
        here = (x_t >= 0) & (x_t < logits.shape[-1])
        gain = torch.where(here, kept.log1p().to(logits)[:, None], 0.0)
        return logits.scatter_add(-1, torch.where(here, x_t, 0)[..., None], gain[..., None])

    # Training.

    def noised(self, ids: Tensor, rates: Tensor, generator: torch.Generator) -> Tensor:
        """A draw of q(x_t | x_0) (n, L) at noised shares (n,), holes replaced by random tokens."""
        count = self.count
        other = torch.randint(count, ids.shape, generator=generator, device=generator.device)
        return replace_at_rates(torch.where(ids < 0, other, ids), rates, count, generator)

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the cross-entropy or the bound, times spread evenly over the batch."""
        ids = fit.batch().long()
        u = antithetic_times(len(ids), fit.generator)
        x_t = self.noised(ids, noised_rate(self.design.schedule, u), fit.generator)
        known, clean = ids >= 0, ids.clamp_min(0)
        logits = self.net.read_out(self._features(x_t, 1 - u), self.count)
        log_posterior = self.posterior(logits, x_t, u).log_softmax(-1)
        nats = -log_posterior.gather(-1, clean[..., None]).squeeze(-1)[known].sum() / known.sum().clamp_min(1)
        loss = nats
        if fit.training.objective == BOUND:
            terms = uniform_bound(self.design.schedule, u, logits.softmax(-1), x_t, clean)
            loss = terms[known].sum() / known.sum().clamp_min(1)
        fit.descend(loss, rate=self.rate(fit))
        return {"loss": loss.detach(), "cross-entropy": nats.detach()}

    @torch.no_grad()
    def judged(self, windows: Tensor, generator: torch.Generator) -> Mapping[str, Tensor]:
        """-log p of replaced tokens at 15, 50 and 85 % replaced, told the time of that share."""
        ids, found = windows.long(), {}
        for share in SHARES:
            x_t = self.noised(ids, torch.full((len(ids),), share, device=ids.device), generator)
            t = torch.full((len(ids),), self.time_of(share), device=ids.device)
            wrong = (x_t != ids) & (ids >= 0)
            found[f"{share:.0%} replaced"] = summed(self.nats(self._features(x_t, t)[wrong], ids[wrong]))
        return found

    @torch.no_grad()
    def bound(self, windows: Tensor, generator: torch.Generator) -> Tensor:
        """One draw of -ELBO (n,)."""
        ids = windows.long()
        u = antithetic_times(len(ids), generator)
        x_t = self.noised(ids, noised_rate(self.design.schedule, u), generator)
        clean = self.net.read_out(self._features(x_t, 1 - u), self.count).softmax(-1)
        terms = uniform_bound(self.design.schedule, u, clean, x_t, ids.clamp_min(0))
        return torch.where(ids >= 0, terms, 0.0).sum(1)


FAMILY = UniformText
