"""Discrete diffusion (D3PM): points on a grid, each coordinate a token, noised by a Markov chain and restored."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.capabilities import refuse_noised
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.discrete_bound import bound_terms, divergence, enumerable
from dgm_studio.families.showing import Bars, Fact
from dgm_studio.nets.lookup import Lookup
from dgm_studio.nets.time_mlp import TimeMLP
from dgm_studio.paths.categorical import chain, transitions
from dgm_studio.paths.categorical.schedules import LINEAR, SCHEDULES
from dgm_studio.paths.categorical.transition import Transition, pick
from dgm_studio.solvers.solver import State

_TRANSITIONS = tuple(Choice(one.card.id, one.card.title, one.card.summary) for one in transitions().values())

MARGIN = 0.1
"""The box reaches beyond the data by this share of their range, on each side."""

EMBEDDING = 16
"""Numbers that stand for one token."""

MOST_FRAMES = 60

SHOWN = 512
"""Training points that the read-outs average over."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    bins: int = knob(48, "Bins per axis", "K: every coordinate becomes one of K tokens.", low=4, high=64)
    transition: str = knob(
        "absorbing", "Transition", "What one step of noise does to a token.", choices=_TRANSITIONS
    )  # fmt: skip
    schedule: str = knob(LINEAR, "Schedule", "How fast tokens are noised.", choices=SCHEDULES)
    chain_steps: int = knob(64, "Chain length", "T, the steps of the chain.", low=2, high=256, log=True)
    width: int = knob(128, "Width", "Hidden units per layer.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers.", low=1, high=6)


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(2e-3)
    batch: int = gradient_knobs.batch(512)
    cross_entropy: float = knob(
        0.01, "Cross-entropy weight", "Lambda of the auxiliary loss -log p(x0 | xt) (Austin et al., 2021).",
        low=0.0, high=10.0,
    )  # fmt: skip
    ema: float = gradient_knobs.ema(0.99)


@dataclass(frozen=True)
class Sampling:
    """How the chain is walked back."""

    jump: int = knob(
        1, "Steps at once", "Steps of the chain per evaluation; tokens restored together ignore each other.",
        low=1, high=256, log=True,
    )  # fmt: skip
    temperature: float = knob(
        1.0, "Temperature", "Divides the logits; below 1 likely tokens get likelier.", low=0.1, high=2.0
    )


class DiscreteDiffusion(Family):
    """Each axis of a point is a token among K bins of a box; a network restores clean tokens from noised ones.

    Loss: T E_t KL(q(x_{t-1} | x_t, x_0) | p(x_{t-1} | x_t)) + lambda E_t[-log p(x_0 | x_t)], both summed over the
    tokens (Austin et al., 2021, equation 5), t uniform in 1 .. T. p(x_{t-1} | x_t) is proportional to
    (Q_t^T x_t) * (Q_{1:t-1} p), p the network's distribution of each clean token (equation 4), at t = 1 too.
    The box is settled by the data of the first beat, with a margin of a tenth; later data beyond it fall into its
    outermost bins. A masked coordinate is drawn half a bin outside the box, to the left or below.
    """

    card = Card(
        id="discrete-diffusion",
        title="Discrete diffusion",
        summary="Points on a grid: tokens are scrambled or masked step by step, and restored by a network.",
        lecture="13",
        paper="Austin et al., 2021",
        formula="q(x_{t-1} | x_t, x_0) ∝ (Q_tᵀ x_t) ⊙ (Q_{1:t-1} x_0)",
        shows=("log_prob", "facts", "bars"),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("absorbing", "D3PM, absorbing", "Tokens are masked; masks are filled.", "13", "Austin et al., 2021"),
        Preset(
            "uniform", "D3PM, uniform", "Tokens are replaced by random ones.", "13",
            "Hoogeboom et al., 2021; Austin et al., 2021", {"transition": "uniform", "schedule": "cosine"},
        ),
        Preset(
            "discretised-gaussian", "D3PM, discretised Gaussian", "Tokens move to near ones.", "13",
            "Austin et al., 2021", {"transition": "discretised-gaussian", "schedule": "geometric"},
        ),
        Preset(
            "parallel", "All tokens at once", "One step back: every axis is restored on its own, and the modes mix.",
            "13", "Austin et al., 2021", sampling={"jump": 256},
        ),
    )  # fmt: skip
    log_prob_kind = "bound"
    low: Tensor
    bin: Tensor
    settled: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.register_buffer("low", torch.empty(dim))
        self.register_buffer("bin", torch.empty(dim))
        self.register_buffer("settled", torch.empty((), dtype=torch.bool))
        states = design.bins + 1  # room for a mask
        self.embed = Lookup(dim * states, EMBEDDING)
        self.net = TimeMLP(dim * EMBEDDING, design.width, design.layers, outputs=dim * design.bins)

    def fill(self, generator: torch.Generator) -> None:
        """A box from -3 to 3 until there are data; nothing random, `generator` is not used."""
        self.low.fill_(-3.0)
        self.bin.fill_(6.0 / self.design.bins)
        self.settled.fill_(False)

    @property
    def chain(self) -> Transition:
        """The noising chain of the design."""
        own = self.design
        return chain(own.transition, own.bins, own.schedule, own.chain_steps, self.low.device, self.low.dtype)

    # Points and tokens.

    def tokens(self, x: Tensor) -> Tensor:
        """Bins (n, d) of points (n, d); outside the box the outermost ones."""
        return ((x - self.low) / self.bin).floor().long().clamp(0, self.design.bins - 1)

    def places(self, tokens: Tensor) -> Tensor:
        """Bin centres (n, d); of a mask the centre of a bin before the first."""
        return self.low + self.bin * (torch.where(tokens < self.design.bins, tokens, -1) + 0.5)

    def _settle(self, points: Tensor) -> None:
        low, high = points.amin(0), points.amax(0)
        span = torch.where(high > low, high - low, torch.ones_like(low))
        self.low.copy_(0.5 * (low + high) - (0.5 + MARGIN) * span)
        self.bin.copy_((1 + 2 * MARGIN) * span / self.design.bins)
        self.settled.fill_(True)

    # The network.

    def logits(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Of each clean token (n, d, K) from tokens x_t (n, d) at step t, 0-d or (n,)."""
        offset = torch.arange(self.dim, device=x_t.device) * (self.design.bins + 1)
        known = self.embed(x_t + offset).flatten(1)
        out: Tensor = self.net(known, t.to(self.dtype) / self.design.chain_steps)
        return out.view(len(x_t), self.dim, self.design.bins)

    def clean(self, logits: Tensor) -> Tensor:
        """Distributions over all states (n, d, states); no clean token is a mask."""
        return pad(logits.softmax(-1), (0, self.chain.states - self.design.bins))

    def reverse(self, x_t: Tensor, t: Tensor) -> Tensor:
        """p(x_{t-1} | x_t) (n, d, states) at a 0-d t."""
        return self.chain.posterior(x_t, self.clean(self.logits(x_t, t)), t)

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the bound and the cross-entropy."""
        if not bool(self.settled):
            self._settle(fit.points)
        x_0 = self.tokens(fit.batch())
        steps = self.design.chain_steps
        t = 1 + torch.randint(steps, (len(x_0),), generator=fit.generator, device=fit.device)
        x_t = self.chain.draw(x_0, t[:, None], fit.generator)
        bound, cross_entropy = (term.mean() for term in self.terms(x_0, x_t, t))
        loss = steps * bound + fit.training.cross_entropy * cross_entropy
        fit.descend(loss)
        return {
            "loss": loss.detach(),
            "negative ELBO": steps * bound.detach() + self.bin.log().sum(),
            "cross-entropy": cross_entropy.detach(),
        }

    def terms(self, x_0: Tensor, x_t: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """KL(q(x_{t-1} | x_t, x_0) | p(x_{t-1} | x_t)) and -log p(x_0 | x_t) (n,) in nats at steps t (n,)."""
        logits, each = self.logits(x_t, t), t[:, None]
        q = self.chain.posterior(x_t, self.chain.one_hot(x_0), each)
        p = self.chain.posterior(x_t, self.clean(logits), each)
        log_clean = logits.log_softmax(-1).gather(-1, x_0[..., None]).squeeze(-1)
        return divergence(q, p).sum(1), -log_clean.sum(1)

    # Sampling and density.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """The places (n, d) of tokens from the chain's limit."""
        limit = self.chain.limit.to(generator.device).expand(n, self.dim, -1)
        return self.places(pick(limit, generator).to(self.device)).to(generator.device)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """The reverse chain from the bins that start (n, d) lies in to bin centres, with the mean clean place; one that
        knows masks begins with nothing else, wherever start was dragged to. At most 60 steps are yielded."""
        own = self.chain
        x = self.tokens(start)
        if own.mask is not None:
            x = torch.full_like(x, own.mask)
        step, count, stride = own.steps, 0, self._stride(sampling)
        while step > 0:
            t, jump = torch.tensor(step, device=x.device), min(sampling.jump, step)
            clean = self.clean(self.logits(x, t) / sampling.temperature)
            if count % stride == 0:
                yield State(1 - step / own.steps, self.places(x), self._mean_place(x, clean, t), count + 1)
            x = pick(own.posterior(x, clean, t, jump), generator)
            step, count = step - jump, count + 1
        yield State(1.0, self.places(x), evaluations=count)

    def _mean_place(self, x_t: Tensor, clean: Tensor, t: Tensor) -> Tensor:
        """E[x_0 | x_t] (n, d) of p(x_0 | x_t) proportional to q(x_t | x_0) p, as equation 4 means p."""
        weight = (self.chain.back(x_t, t, int(t)) * clean)[..., : self.design.bins]
        weight = weight / weight.sum(-1, keepdim=True).clamp_min(torch.finfo(weight.dtype).tiny)
        centres = torch.arange(self.design.bins, device=x_t.device, dtype=weight.dtype) + 0.5
        return self.low + self.bin * (weight @ centres)

    def _stride(self, sampling: Any) -> int:
        """One state in how many is a frame."""
        return math.ceil(self._evaluations(sampling) / MOST_FRAMES)

    def _evaluations(self, sampling: Any) -> int:
        return math.ceil(int(self.design.chain_steps) / int(sampling.jump))

    def frames(self, sampling: Any) -> int:
        """Evenly thinned states of the chain, and the samples."""
        return math.ceil(self._evaluations(sampling) / self._stride(sampling)) + 1

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """The ELBO of the bin that holds x, minus the log of its area (n,), in nats; minus infinity outside the box.

        Only at t = 1. Expectations over x_t are exact up to two tokens, averages for more (families.discrete_bound).
        """
        refuse_noised(self.card, t)
        inside = ((x >= self.low) & (x < self.low + self.design.bins * self.bin)).all(1)
        terms = yield from self._bound(self.tokens(x), generator)
        value = -terms.sum(1) - self.bin.log().sum()
        return torch.where(inside, value, -torch.inf)

    @torch.no_grad()
    def _bound(self, x_0: Tensor, generator: torch.Generator) -> Generator[None, None, Tensor]:
        return (yield from bound_terms(self.chain, self.reverse, x_0, generator))

    # Showing.

    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """-ELBO split over the steps t = 1 .. T, averaged over up to 512 training points."""
        terms = (yield from self._bound(self.tokens(points[:SHOWN]), generator)).mean(0)
        how = "exact" if enumerable(self.chain, self.dim) else "estimated"
        note = f"-ELBO = {float(terms.sum()):.2f} nats a point ({how}); {float(terms[0]):.2g} of it for the prior."
        return Bars("Bound, step by step", terms[1:], note=note)

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """Size of the grid and bits per token."""
        terms = (yield from self._bound(self.tokens(points[:SHOWN]), generator)).sum(1).mean()
        bits, bins = float(terms) / (self.dim * math.log(2)), self.design.bins
        size = " x ".join(f"{side:.3g}" for side in self.bin.tolist())
        beyond = ((points < self.low) | (points >= self.low + bins * self.bin)).any(1).to(points.dtype).mean()
        return (
            Fact("Grid", " x ".join([str(bins)] * self.dim), "Bins; every sample is the centre of one."),
            Fact("Bin", size, "Sides of a bin: no sample can be nearer to the truth than half of them."),
            Fact(
                "Bits a dimension",
                f"{bits:.2f} of {math.log2(bins):.2f}",
                "-ELBO a token; a uniform guess costs all.",
            ),
            Fact("Beyond the box", f"{float(beyond):.1%}", "Training points that the outermost bins stand for."),
        )


FAMILY = DiscreteDiffusion
