"""Rebuilt diffusions and flows of pictures, sampled by the studio's own samplers; one class a kind of schedule."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.checkpoints.rebuild.rebuilt import Denoiser, Discrete, Flow, Sigmas
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Choice, Value, knob
from dgm_studio.core.pictures import PictureShape
from dgm_studio.families.parts.solver_knobs import choices_of, settings_of, solver_of
from dgm_studio.families.pictures.denoising import UNTOLD
from dgm_studio.lab.checkpoints.channels import apart, beside, shown_shape
from dgm_studio.lab.checkpoints.foreign_pictures import ForeignPictures, in_parts
from dgm_studio.lab.checkpoints.samplers.chain import Chain
from dgm_studio.lab.checkpoints.samplers.ddim import ddim
from dgm_studio.lab.checkpoints.samplers.ddpm import ddpm
from dgm_studio.lab.checkpoints.samplers.dpmpp import dpmpp
from dgm_studio.lab.checkpoints.samplers.guided import Guided
from dgm_studio.lab.checkpoints.samplers.ode import Route, chain_route, flow_route, sigma_levels, sigma_route
from dgm_studio.solvers.solver import State

DDPM, DDIM, DPMPP = "ddpm", "ddim", "dpmpp-2m"
EULER, MIDPOINT, HEUN, RK4, DOPRI5 = "euler", "midpoint", "heun", "rk4", "dopri5"
SAMPLERS = {
    DDPM: Choice(DDPM, "DDPM (ancestral)", "Draws each state from the posterior, with the variance the file names."),
    DDIM: Choice(DDIM, "DDIM", "Mixes the predicted picture and noise again; eta adds fresh noise."),
    DPMPP: Choice(DPMPP, "DPM-Solver++ (2M)", "Second order at one evaluation a step (Lu et al., 2022)."),
    **{one.id: one for one in choices_of((EULER, MIDPOINT, HEUN, RK4, DOPRI5))},
}
"""All that there are, by id; a schedule allows some."""
ON_A_CHAIN, ON_A_FLOW, ON_SIGMAS = (
    tuple(SAMPLERS[id] for id in ids)
    for ids in (
        (DDIM, DDPM, DPMPP, EULER, MIDPOINT, HEUN, RK4, DOPRI5),
        (EULER, MIDPOINT, HEUN, RK4, DOPRI5),
        (HEUN, EULER, MIDPOINT, DPMPP, RK4, DOPRI5),
    )
)
FILM_STEPS = 50
"""Steps of a film unless the file says otherwise: few enough to be watched, enough to be judged by."""


def _steps(default: int) -> Any:
    return knob(default, "Steps", "Steps from noise to pictures.", low=1, high=1000, log=True)


@dataclass(frozen=True)
class Sampling:
    """What every kind has."""

    guidance: float = knob(
        1.0, "Guidance", "γ of (1 − γ) f(x) + γ f(x, y): 0 ignores the class, above 1 sharpens (needs classes).",
        low=0.0, high=20.0,
    )  # fmt: skip
    label: int = knob(-1, "Class", "The class to draw; −1 draws without one (needs classes).", low=-1, high=100_000)


@dataclass(frozen=True)
@settings_of(DOPRI5)
class ChainSampling(Sampling):
    """How a discrete chain is sampled."""

    solver: str = knob(DDIM, "Sampler", "The way from noise to pictures along the chain.", choices=ON_A_CHAIN)
    steps: int = _steps(FILM_STEPS)
    eta: float = knob(
        0.0, "Eta", "DDIM's noise: 0 deterministic, 1 as much as DDPM.", low=0.0, high=1.0, when=("solver", (DDIM,))
    )
    clip: bool = knob(
        True, "Clip", "The predicted clean picture is kept within the range of pictures at every step.",
        when=("solver", (DDPM, DDIM, DPMPP)),
    )  # fmt: skip


@dataclass(frozen=True)
@settings_of(DOPRI5)
class FlowSampling(Sampling):
    """How a straight path is sampled."""

    solver: str = knob(HEUN, "Sampler", "The solver of the flow's ODE.", choices=ON_A_FLOW)
    steps: int = _steps(25)


@dataclass(frozen=True)
@settings_of(DOPRI5)
class SigmaSampling(Sampling):
    """How a network in sigma-space is sampled."""

    solver: str = knob(HEUN, "Sampler", "The way down the noise levels.", choices=ON_SIGMAS)
    steps: int = _steps(18)


class ForeignDenoiser(ForeignPictures):
    """families.pictures.capabilities.Denoises: noise (n, k) in the space that is denoised, in pixels or of a latent.

    Points of another number of channels than 1 or 3 without a decoder are shown as grey channels side by side.
    """

    rebuilt: Denoiser

    def __init__(self, rebuilt: Denoiser) -> None:
        self.points: PictureShape = rebuilt.points or rebuilt.shape
        super().__init__(rebuilt, shown_shape(rebuilt.shape))
        one = torch.zeros(1, *self.points[:3], device=self.device)
        label = torch.full((1,), 0 if rebuilt.shape.classes else -1, dtype=torch.int64, device=self.device)
        told = torch.zeros(1, device=self.device)
        self.measure(lambda: rebuilt.predict(one, told, label))

    @property
    def own_sampling(self) -> Mapping[str, Value]:
        """What the file speaks for."""
        return dict(self.rebuilt.advised)

    def idle(self, training: Any) -> Mapping[str, str]:
        """Class and guidance, where it is told none."""
        return {} if self.shape.classes else dict.fromkeys(("guidance", "label"), UNTOLD.partition(":")[0] + ".")

    @property
    def noise_dim(self) -> int:
        """k."""
        return self.points.dim

    def shown(self, x: Tensor) -> Tensor:
        """Pictures (n, dim) of points (n, k): decoded, or as they are."""
        stood = self.stood_points(x)
        decode = self.rebuilt.decode
        found = in_parts(decode, stood) if decode is not None else beside(stood)
        return found.flatten(1)

    def within(self, x: Tensor) -> Tensor:
        """Points (n, k) of pictures (n, dim); Refused for a latent model whose encoder is not in the file."""
        encode = self.rebuilt.encode
        if self.rebuilt.points is None:
            return apart(self.stood(x), self.points).flatten(1)
        if encode is None:
            raise Refused(f"{self.rebuilt.title} denoises latents, and no encoder came with it: choose seeds instead.")
        return in_parts(encode, self.stood(x)).flatten(1)

    def stood_points(self, x: Tensor) -> Tensor:
        """Points (n, k) as (n, c, h, w)."""
        return x.view(-1, self.points.channels, self.points.height, self.points.width)

    def noised(self, x: Tensor) -> Tensor:
        """Points (n, k) as pictures (n, c', h', w') in [-1, 1] that show the noise itself: of a latent its channels
        side by side, three standard deviations of noise from black to white."""
        if self.points.dim == self.shape.dim:
            return self.stood(self.shown(x))
        stood = self.stood_points(x) / 3.0
        return torch.cat(torch.split(stood, 1, dim=1), dim=3)

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Standard normal noise (n, k)."""
        return torch.randn((n, self.noise_dim), generator=generator, device=generator.device)

    def frames(self, sampling: Any) -> int:
        """A state at both ends of each step."""
        return int(sampling.steps) + 1

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """From noise (n, k) to pictures (n, dim), each state as it is shown; class and guidance as Sampling says."""
        if sampling.label >= max(self.shape.classes, 0):
            raise Refused(f"Class {sampling.label} is none of this model's {self.shape.classes}; choose -1 for none.")
        labels = torch.full((len(start),), sampling.label, dtype=torch.int64, device=start.device)
        for state in self.film(start, sampling, generator, labels, sampling.guidance):
            clean = None if state.x1_hat is None else self.shown(state.x1_hat)
            yield State(state.t, self.shown(state.x), clean, state.evaluations)

    @torch.no_grad()
    def film(
        self, start: Tensor, sampling: Any, generator: torch.Generator, labels: Tensor, gamma: float
    ) -> Iterator[State]:
        """States of the chosen sampler, with x_t and the predicted clean points."""
        guided = Guided(self.rebuilt, labels, gamma)
        for state in self.states(guided, start, sampling, generator):
            yield state if state.x1_hat is not None else State(state.t, state.x, state.x, state.evaluations)

    @torch.no_grad()
    def inverted(self, x: Tensor, sampling: Any, labels: Tensor, gamma: float) -> Iterator[State]:
        """The probability-flow ODE from pictures (n, dim) back to noise (n, k)."""
        guided = Guided(self.rebuilt, labels, gamma)
        yield from self.route(guided, sampling).inverted(sampling.solver, self.within(x))

    @abstractmethod
    def states(self, guided: Guided, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """Of the chosen sampler, from standard normal noise (n, k)."""

    @abstractmethod
    def route(self, guided: Guided, sampling: Any) -> Route:
        """The probability-flow ODE with the times of the sampling."""


class ChainDenoiser(ForeignDenoiser):
    """Trained on a discrete chain."""

    card = Card(
        id="foreign-chain",
        title="Diffusion of another program",
        summary="A network that others trained denoises pictures along a discrete chain.",
        lecture="7-8",
        paper="Ho et al., 2020",
        formula="x_i = sqrt(abar_i) x + sqrt(1 - abar_i) eps",
    )
    Sampling = ChainSampling

    @property
    def chain(self) -> Chain:
        """Its levels."""
        schedule = self.rebuilt.schedule
        assert isinstance(schedule, Discrete)
        return Chain(schedule)

    @property
    def own_sampling(self) -> Mapping[str, Value]:
        """Steps at most as long as the chain; clipped where the file says so."""
        chain = self.chain
        steps = min(FILM_STEPS, chain.length)
        return {"steps": steps, "clip": chain.schedule.clip > 0, **super().own_sampling}

    def states(self, guided: Guided, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """DDPM, DDIM, DPM-Solver++, or an ODE solver in sigma-space."""
        chain = self.chain
        clip = (chain.schedule.clip or 1.0) if sampling.clip else 0.0
        match sampling.solver:
            case "ddpm":
                if not chain.schedule.ancestral:
                    raise Refused("This model's chain has no DDPM posterior; choose DDIM or another sampler.")
                return ddpm(guided, chain, start, sampling.steps, clip, generator)
            case "ddim":
                return ddim(guided, chain, start, sampling.steps, sampling.eta, clip, generator)
            case "dpmpp-2m":
                return dpmpp(guided, chain.levels(sampling.steps), start, clip)
        return self.route(guided, sampling).walk(solver_of(sampling), start)

    def route(self, guided: Guided, sampling: Any) -> Route:
        """In sigma-space."""
        return chain_route(guided, self.chain, sampling.steps)


class FlowDenoiser(ForeignDenoiser):
    """Trained on the straight path."""

    card = Card(
        id="foreign-flow",
        title="Flow of another program",
        summary="A network that others trained carries noise to pictures along straight paths.",
        lecture="12",
        paper="Lipman et al., 2023",
        formula="x_t = t x + (1 - t) eps",
    )
    Sampling = FlowSampling

    def states(self, guided: Guided, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """An ODE solver."""
        return self.route(guided, sampling).walk(solver_of(sampling), start)

    def route(self, guided: Guided, sampling: Any) -> Route:
        """At even times."""
        schedule = self.rebuilt.schedule
        assert isinstance(schedule, Flow)
        return flow_route(guided, schedule, sampling.steps)


class SigmaDenoiser(ForeignDenoiser):
    """Trained in sigma-space, preconditioned."""

    card = Card(
        id="foreign-sigmas",
        title="Diffusion in sigma-space of another program",
        summary="A network that others trained cleans pictures of any noise level sigma.",
        lecture="11",
        paper="Karras et al., 2022",
        formula="x_sigma = x + sigma eps",
    )
    Sampling = SigmaSampling

    @property
    def sigmas(self) -> Sigmas:
        """Its levels."""
        schedule = self.rebuilt.schedule
        assert isinstance(schedule, Sigmas)
        return schedule

    def states(self, guided: Guided, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """DPM-Solver++ or an ODE solver."""
        if sampling.solver == DPMPP:
            levels = sigma_levels(self.sigmas, sampling.steps)
            return dpmpp(guided, levels, levels[0].s * start, 0.0)
        return self.route(guided, sampling).walk(solver_of(sampling), start)

    def route(self, guided: Guided, sampling: Any) -> Route:
        """At EDM's levels."""
        return sigma_route(guided, self.sigmas, sampling.steps)


def denoiser_of(rebuilt: Denoiser) -> ForeignDenoiser:
    """By its schedule."""
    match rebuilt.schedule:
        case Discrete():
            return ChainDenoiser(rebuilt)
        case Flow():
            return FlowDenoiser(rebuilt)
    return SigmaDenoiser(rebuilt)
