"""Score matching at one noise level: explicit, sliced and denoising, three ways to one Fisher divergence."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.data.mixture import Mixture
from dgm_studio.families.capabilities import HasScore
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.showing import Fact
from dgm_studio.nets.divergence import divergence
from dgm_studio.nets.mlp import MLP
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.one_level import OneLevel
from dgm_studio.solvers.langevin import langevin, shown_steps
from dgm_studio.solvers.solver import State

TRACE, HUTCHINSON, SLICED, DENOISING = "explicit", "explicit-hutchinson", "sliced", "denoising"

DETAIL = 0.2
"""Width of the data's finest features; the network's output is in units of 1 / sqrt(sigma^2 + DETAIL^2)."""

FRAMES = 60

PROBES = 1_000
"""Places at which the learned score is compared with the exact one, of each kind."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    sigma: float = knob(0.3, "Noise level", "Standard deviation of the noise added to the data; 0 adds none.",
        low=0.0, high=2.0)  # fmt: skip
    width: int = knob(128, "Width", "Hidden units per layer.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers.", low=1, high=6)
    start: float = knob(
        2.0, "Start width", "Standard deviation of the points that Langevin dynamics starts from.",
        low=0.1, high=10.0, log=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    objective: str = knob(
        TRACE, "Objective", "All four are the Fisher divergence up to a constant.",
        choices=(
            Choice(TRACE, "Explicit, exact trace", "E[tr grad s + |s|^2 / 2], d backward passes (Hyvarinen, 2005)."),
            Choice(HUTCHINSON, "Explicit, Hutchinson", "The trace by one random v: v' (grad s) v (Hutchinson, 1989)."),
            Choice(SLICED, "Sliced", "E[v' (grad s) v + (v' s)^2 / 2], v normal (Song et al., 2019)."),
            Choice(DENOISING, "Denoising", "E|s(x + sigma eps) + eps / sigma|^2 / 2, no derivative (Vincent, 2011)."),
        ),
    )  # fmt: skip
    learning_rate: float = gradient_knobs.learning_rate(1e-3)
    batch: int = gradient_knobs.batch(512)
    clip: float = gradient_knobs.clip(0.0)
    ema: float = gradient_knobs.ema(0.999)


@dataclass(frozen=True)
class Sampling:
    """How it is sampled."""

    steps: int = knob(300, "Steps", "Langevin steps from the start noise.", low=1, high=1000, log=True)
    step_size: float = knob(0.02, "Step size", "h: x + (h / 2) score + sqrt(h) noise.", low=1e-5, high=0.5, log=True)
    noise: float = knob(1.0, "Noise", "1 samples the density, 0 climbs to the nearest mode.", low=0.0, high=2.0)
    denoise: bool = knob(False, "Denoise", "End at x + sigma^2 score, the mean of the clean point (Tweedie's formula).")


class ScoreMatching(Family):
    """s(x) for p_sigma, the data convolved with N(0, sigma^2 I), by E_p_sigma |s - grad log p_sigma|^2 / 2.

    That expectation needs the unknown score; each objective differs from it by a constant (lectures 6 and 7): where
    noise is added, explicit and sliced see x + sigma eps as their data. All are in the same units, so that their curves
    run parallel. At sigma = 0 the data are as they are; denoising has no meaning there and is refused.
    """

    card = Card(
        id="score-matching",
        title="Score matching",
        summary="Learns the slope of the log-density at one noise level, and walks along it by Langevin dynamics.",
        lecture="6-7",
        paper="Hyvarinen, 2005; Vincent, 2011; Song et al., 2019",
        formula="E[tr grad s + |s|^2 / 2]",
        shows=("score", "denoiser", "facts"),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("explicit", "Explicit score matching", "The trace of the score's Jacobian, exact.", "6",
               "Hyvarinen, 2005"),
        Preset("sliced", "Sliced score matching", "One random direction instead of the trace.", "6",
               "Song et al., 2019", training={"objective": SLICED}),
        Preset("denoising", "Denoising score matching", "Regression on the noise that was added: no derivative.", "6-7",
               "Vincent, 2011", training={"objective": DENOISING}),
        Preset("low-density", "Small noise, empty space",
               "With little noise no data lie between and beyond the modes: there the learned score is wrong.", "7",
               "Song and Ermon, 2019", {"sigma": 0.05}, {"objective": DENOISING}, {"step_size": 0.005}),
    )  # fmt: skip

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.sigma: float = design.sigma
        self.net = MLP(dim, dim, design.width, design.layers)

    @property
    def path(self) -> OneLevel:
        """The one noise level, at every time."""
        return OneLevel(self.sigma, self.design.start)

    def refuses(self, training: Any) -> str:
        """Denoising needs noise."""
        if training.objective == DENOISING and self.sigma == 0:
            return "Denoising score matching learns from the noise it adds; set the noise level above 0."
        return ""

    def score(self, x: Tensor, t: Tensor) -> Tensor:
        """grad log p_sigma (n, d) at points x (n, d); the same at every t."""
        out: Tensor = self.net(x)
        return out / math.hypot(self.sigma, DETAIL)

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        """E[x_1 | x_sigma = x] = x + sigma^2 score (n, d): Tweedie's formula."""
        return x + self.sigma**2 * self.score(x, t)

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step down the objective."""
        if reason := self.refuses(fit.training):
            raise Refused(reason)
        x = fit.batch()
        noise = fit.normal(*x.shape)
        losses = self.losses(fit.training.objective, x + self.sigma * noise, noise, fit.normal(*x.shape))
        loss = losses.mean()
        fit.note(losses=losses)
        fit.descend(loss)
        return {"loss": loss.detach()}

    def losses(self, objective: str, x: Tensor, noise: Tensor, direction: Tensor) -> Tensor:
        """The objective (n,) at noised points x (n, d), given the noise in them and random directions, both normal."""
        if objective == DENOISING:
            return 0.5 * (self._at(x) + noise / self.sigma).square().sum(1)
        if objective == TRACE:
            score, trace = divergence(self._at, x, create_graph=True)
            return trace + 0.5 * score.square().sum(1)
        at = x.requires_grad_()
        score = self._at(at)
        (slope,) = torch.autograd.grad((score * direction).sum(), at, create_graph=True)
        curvature = (slope * direction).sum(1)
        if objective == HUTCHINSON:
            return curvature + 0.5 * score.square().sum(1)
        return curvature + 0.5 * (score * direction).sum(1).square()

    def _at(self, x: Tensor) -> Tensor:
        return self.score(x, x.new_zeros(()))

    # Sampling.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """N(0, start^2 I), (n, d): wider than the data, so that many start where there are none."""
        shape = (n, self.dim)
        noise = torch.randn(shape, generator=generator, device=generator.device, dtype=self.dtype)
        return self.path.prior_std * noise

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Langevin dynamics along the learned score."""
        yield from self.along(self, start, sampling, generator)

    @torch.no_grad()
    def along(self, field: HasScore, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Langevin dynamics along a score, learned or exact, at most 61 states; t = k / steps is no time of the
        clock."""
        level = start.new_ones(())
        frames = set(shown_steps(sampling.steps, FRAMES))
        sizes = [sampling.step_size] * sampling.steps
        walk = langevin(lambda x, _: field.score(x, level), start, sizes, generator, noise=sampling.noise)
        for k, (x, score) in enumerate(walk):
            if score is None and sampling.denoise:
                yield State(1.0, x + self.sigma**2 * field.score(x, level), evaluations=sampling.steps + 1)
            elif k in frames:
                clean = None if score is None else x + self.sigma**2 * score
                yield State(k / sampling.steps, x, clean, min(k + 1, sampling.steps))

    def frames(self, sampling: Any) -> int:
        """The start and at most 60 later states."""
        return len(shown_steps(sampling.steps, FRAMES))

    # Showing.

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """The relative error of the score where the noised training points are, and where they are not."""
        if self.sigma == 0:
            text = "unknown without noise"
            return (Fact("Score error", text, "Training points without noise have no score to compare with."),)
        exact = ExactField(Mixture.of_points(points.cpu().double().numpy()), self.path, points.device)
        level = points.new_ones(())
        which = torch.randint(len(points), (PROBES,), generator=generator, device=points.device)
        noise = torch.randn((PROBES, self.dim), generator=generator, device=points.device, dtype=points.dtype)
        dense = points[which] + self.sigma * noise
        low, high = points.amin(0), points.amax(0)
        share = torch.rand((PROBES, self.dim), generator=generator, device=points.device, dtype=points.dtype)
        wide = low - 0.5 * (high - low) + 2 * (high - low) * share
        log_dense = yield from _sliced(exact, "log_density", dense, level)
        log_wide = yield from _sliced(exact, "log_density", wide, level)
        empty = wide[log_wide < log_dense.quantile(0.01)]
        facts = []
        for (label, help), x in zip(_ERRORS, (dense, empty), strict=True):
            truth = yield from _sliced(exact, "score", x, level)
            with torch.no_grad():
                relative = float((self._at(x) - truth).norm() / truth.norm())
            facts.append(Fact(label, f"{100 * relative:.0f} %", help))
        return tuple(facts)


_ERRORS = (
    ("Score error at the data", "At noised training points: |learned - exact| over |exact|, both root mean squares."),
    ("Score error far out", "The same at uniform places less likely than 99 % of the data, within twice their range."),
)


def _sliced(exact: ExactField, name: str, x: Tensor, t: Tensor) -> Generator[None, None, Tensor]:
    found = []
    for part in exact.slices(x):
        found.append(getattr(exact, name)(x[part], t))
        yield
    return torch.cat(found)


FAMILY = ScoreMatching
