"""The generalized diffusion: a path, a prediction target, times. DDPM, score SDEs, flow matching are it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.continuity import log_density
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.times import LOGIT_NORMAL, TIME_SAMPLINGS, UNIFORM, logit_normal
from dgm_studio.nets.time_mlp import TimeMLP
from dgm_studio.paths import paths
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.paths.targets import TARGETS, from_clean_and_noise, inner_time, to_clean_and_noise
from dgm_studio.solvers import solvers
from dgm_studio.solvers.solver import Solver, State

_PATHS = tuple(Choice(path.card.id, path.card.title, path.card.summary) for path in paths().values())
_SOLVERS = tuple(Choice(solver.card.id, solver.card.title, solver.card.summary) for solver in solvers().values())


@dataclass(frozen=True)
class Design:
    """What is built."""

    path: str = knob("straight", "Path", "How noise is mixed into data: xₜ = a(t) x₁ + s(t) x₀.", choices=_PATHS)
    prediction: str = knob("velocity", "Prediction", "What the network is trained to predict.", choices=TARGETS)
    width: int = knob(128, "Width", "Hidden units per layer.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers.", low=1, high=6)
    sigma_data: float = knob(
        1.4, "Data scale", "Standard deviation of the data per axis; scales the network's input and output.",
        low=0.05, high=20.0, log=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = knob(2e-3, "Learning rate", "Adam's step size.", low=1e-6, high=1e3, log=True)
    batch: int = knob(512, "Batch", "Points per step.", low=1, high=4096, log=True)
    ema: float = knob(
        0.999,
        "EMA decay",
        "Moving average of the weights that is sampled; 0 turns it off.",
        low=0.0,
        high=0.9999,
    )
    times: str = knob(UNIFORM, "Times", "How training times are drawn.", choices=TIME_SAMPLINGS)
    location: float = knob(
        0.0, "Location", "Where logit-normal times gather: sigmoid(location); above 0 nearer to data.",
        low=-3.0, high=3.0, when=("times", (LOGIT_NORMAL,)),
    )  # fmt: skip
    scale: float = knob(
        1.0, "Scale", "Spread of logit-normal times.", low=0.1, high=3.0, when=("times", (LOGIT_NORMAL,))
    )
    weighting: str = knob(
        "unit", "Weighting", "Weight of the squared error at each time.",
        choices=(
            Choice("unit", "Unit variance", "The error is measured in standard deviations of its target."),
            Choice("plain", "Plain", "The squared error as it is; a score's explodes near the data."),
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Sampling:
    """How it is sampled; nothing of the training changes."""

    solver: str = knob("euler", "Solver", "The stepper from noise to data.", choices=_SOLVERS)
    steps: int = knob(24, "Steps", "Steps from noise to data.", low=1, high=1000, log=True)
    eta: float = knob(
        0.0,
        "Eta",
        "DDIM's noise: 0 deterministic, 1 as much as DDPM.",
        low=0.0,
        high=1.0,
        when=("solver", ("ddim",)),
    )
    density_steps: int = knob(
        12,
        "Density steps",
        "RK4 steps of the continuity equation for the density.",
        low=2,
        high=200,
        log=True,
    )


class Diffusion(Family):
    """The network F sees x_t / sqrt(a^2 sigma_data^2 + s^2) and t; the prediction is c(t) F.

    The target is linear in the clean datum and the noise, target = c_1 x_1 + c_0 x_0 (paths.targets), and c^2
    = c_1^2 sigma_data^2 + c_0^2 is its variance for data of that scale: 1 for epsilon, 1/s for score. Loss:
    w(t) |F - target / c|^2 averaged over points and axes; "unit" has w = 1, which for score prediction is the
    weight s^2 of Song et al., 2021 (equation 7), and "plain" w = c^2. Training and every evaluation stay at
    times paths.targets.inner_time allows (1e-3 inside an end where a or s is 0), where no conversion is
    singular.
    """

    card = Card(
        id="diffusion",
        title="Diffusion and flows",
        summary="Learns to undo noise: DDPM, score SDEs and flow matching are one model with other knobs.",
        lecture="7-12",
        paper="Lipman et al., 2023; Song et al., 2021; Ho et al., 2020",
        formula="x_t = a(t) x_1 + s(t) x_0",
        shows=("velocity", "score", "denoiser", "log_prob", "transport"),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "flow-matching", "Flow matching", "Straight paths, the velocity learned, walked as an ODE.", "12",
            "Lipman et al., 2023",
        ),
        Preset(
            "rectified-flow", "Rectified flow", "Flow matching, trained more in the middle of the path.",
            "second course", "Liu et al., 2023; Esser et al., 2024", training={"times": LOGIT_NORMAL},
        ),
        Preset(
            "ddpm", "DDPM", "Variance-preserving noise, epsilon prediction, ancestral sampling.", "7-8",
            "Ho et al., 2020", {"path": "vp", "prediction": "epsilon"}, {}, {"solver": "ddpm", "steps": 200},
        ),
        Preset(
            "vp-sde", "VP SDE", "The score of the variance-preserving SDE, walked in reverse.", "10-11",
            "Song et al., 2021", {"path": "vp", "prediction": "score"}, {},
            {"solver": "euler-maruyama", "steps": 200},
        ),
        Preset(
            "ve-sde", "VE SDE", "The score of the variance-exploding SDE (NCSN), walked in reverse.", "10-11",
            "Song et al., 2021", {"path": "ve", "prediction": "score"}, {},
            {"solver": "euler-maruyama", "steps": 200},
        ),
    )  # fmt: skip
    log_prob_kind = "ode"

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.net = TimeMLP(dim, design.width, design.layers)

    @property
    def path(self) -> Path:
        """The path of the design."""
        return paths()[self.design.path]

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of denoising regression."""
        training = fit.training
        x1 = fit.batch()
        x0 = fit.normal(*x1.shape)
        if training.times == LOGIT_NORMAL:
            t = logit_normal(fit.normal(len(x1)), training.location, training.scale)
        else:
            t = fit.uniform(len(x1))
        t = t.clamp(*_ends(self.path))
        error = self.residual(x1, x0, t).square()
        if training.weighting == "plain":
            error = self.scale(t).square() * error
        loss = error.mean()
        fit.descend(loss)
        return {"loss": loss.detach()}

    def residual(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        """F - target / c (n, d) for clean points and noise (n, d) at times t (n,)."""
        c1, c0, c = self._coefficients(t)
        return self._network(self.path.mix(x1, x0, t), t) - (c1 * x1 + c0 * x0) / c

    def _network(self, x: Tensor, t: Tensor) -> Tensor:
        a, s = self.path.a(t), self.path.s(t)
        spread = (a.square() * self.design.sigma_data**2 + s.square()).sqrt()
        out: Tensor = self.net(x / spread[:, None], t)
        return out

    def scale(self, t: Tensor) -> Tensor:
        """c(t) (n, 1): the target's standard deviation for data of scale sigma_data."""
        return self._coefficients(t)[2]

    def _coefficients(self, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """c_1, c_0 and c at times (n,), each (n, 1): the linear table read at (1, 0) and at (0, 1)."""
        clean, noise = _UNIT.to(t.device, t.dtype).unbind()
        both = from_clean_and_noise(self.design.prediction, clean, noise, t, self.path)
        c1, c0 = both.expand(len(t), 2).chunk(2, dim=1)
        return c1, c0, torch.sqrt(c1**2 * self.design.sigma_data**2 + c0**2)

    # The field.

    def clean_and_noise(self, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior means (E[x_1 | x_t = x], E[x_0 | x_t = x]) from one network evaluation."""
        t = self._inner(x, t)
        prediction = self.scale(t) * self._network(x, t)
        return to_clean_and_noise(self.design.prediction, prediction, x, t, self.path)

    def _as(self, target: str, x: Tensor, t: Tensor) -> Tensor:
        return from_clean_and_noise(target, *self.clean_and_noise(x, t), self._inner(x, t), self.path)

    def _inner(self, x: Tensor, t: Tensor) -> Tensor:
        """t, 0-d or (n,), as (n,) in the dtype of x and inside the path's ends."""
        return t.to(x.dtype).clamp(*_ends(self.path)).expand(len(x))

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """Marginal velocity (n, d) at points x (n, d) and time t, 0-d or (n,)."""
        return self._as("velocity", x, t)

    def score(self, x: Tensor, t: Tensor) -> Tensor:
        """grad log p_t (n, d)."""
        return self._as("score", x, t)

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        """Posterior mean of the clean datum (n, d)."""
        return self.clean_and_noise(x, t)[0]

    # Sampling.

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """N(0, prior_std^2 I), (n, d)."""
        noise = torch.randn((n, self.dim), generator=generator, device=generator.device, dtype=self.dtype)
        return self.path.prior_std * noise

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """States of the chosen solver from start (n, d) to samples."""
        yield from self.along(self, start, sampling, generator)

    @torch.no_grad()
    def along(self, field: Field, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """The same solver and times along another field of this path: the exact one."""
        times = self.path.time_grid(sampling.steps, start.dtype).to(start.device)
        yield from solver_of(sampling).walk(field, start, times, generator)

    def frames(self, sampling: Any) -> int:
        """A state at both ends of each step."""
        return int(sampling.steps) + 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """The probability-flow map of start (n, d): by the chosen solver, by DDIM with eta = 0, or, where the
        chosen solver is stochastic and so has no map, by Heun's.
        """
        solver = "heun" if solver_of(sampling).card.fact("stochastic") else sampling.solver
        sampling = replace(sampling, solver=solver, eta=0.0)
        yield from self.walk(start, sampling, torch.Generator(start.device))

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """log p_t(x) (n,) in nats of the probability-flow ODE started at the prior (families.continuity)."""
        times = t * self.path.time_grid(sampling.density_steps, x.dtype).to(x.device)
        return (yield from log_density(self, x, times, self.path.prior_std))


@cache
def _ends(path: Path) -> tuple[float, float]:
    """The first and last time that paths.targets.inner_time allows, looked up once a path."""
    low, high = inner_time(torch.tensor([0.0, 1.0], dtype=torch.float64, device="cpu"), path).tolist()
    return low, high


_UNIT = torch.eye(2, dtype=torch.float64, device="cpu")[:, None, :]
"""(x_1, x_0) as (1, 0) in the first column and (0, 1) in the second."""


def solver_of(sampling: Any) -> Solver:
    """The solver a Sampling names, with its own setting."""
    solver = solvers()[sampling.solver]
    return replace(solver, eta=sampling.eta) if sampling.solver == "ddim" else solver  # type: ignore[call-arg]


FAMILY = Diffusion
