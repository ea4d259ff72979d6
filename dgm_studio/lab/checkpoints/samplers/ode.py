"""The probability-flow ODE of a rebuilt denoiser, walked by the studio's own solvers, both ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from dgm_studio.checkpoints.rebuild.rebuilt import Flow, Sigmas
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.families.parts.integrate import EULER, HEUN, RK4, fixed
from dgm_studio.lab.checkpoints.samplers.chain import Chain
from dgm_studio.lab.checkpoints.samplers.guided import Guided, Level
from dgm_studio.paths.edm import PowerLaw
from dgm_studio.paths.path import Path
from dgm_studio.paths.straight import Straight
from dgm_studio.solvers.solver import Solver, State

METHODS = {"euler": EULER, "heun": HEUN, "rk4": RK4}
"""By a solver's id, the Runge-Kutta method that goes back the way it came."""

NEAR = 1e-4
"""Times closer than this are one time."""


@dataclass(frozen=True)
class SigmaLine(Path):
    """a = 1, s = top (1 - t): sigma itself is the clock, so that a solver's step is one in sigma-space, where a chain's
    probability flow is dy / dsigma = eps_hat for y = x / a (Karras et al., 2022, eq. 4; Song et al., 2021, DDIM)."""

    card: ClassVar[Card] = Card(
        id="sigma-line",
        title="Noise level as the clock",
        summary="The datum stays, the noise level falls evenly.",
        formula="y = x_1 + sigma x_0",
    )
    top: float = 80.0

    @property
    def prior_std(self) -> float:
        """top."""
        return self.top

    def a(self, t: Tensor) -> Tensor:
        """1."""
        return torch.ones_like(t)

    def s(self, t: Tensor) -> Tensor:
        """sigma."""
        return self.top * (1 - t)

    def da(self, t: Tensor) -> Tensor:
        """0."""
        return torch.zeros_like(t)

    def ds(self, t: Tensor) -> Tensor:
        """-top."""
        return torch.full_like(t, -self.top)

    def diffusion_squared(self, t: Tensor) -> Tensor:
        """-2 s s': the natural choice."""
        return -2 * self.s_ds(t)

    def lecture_clock(self, t: float) -> str:
        """The noise level."""
        return f"sigma = {self.top * (1 - t):.3g}"


@dataclass(frozen=True, eq=False)
class Flowing:
    """A solvers.Field: the network at path time t is asked at `level(t)`, on the path's point times `level(t).a` over
    the path's own a."""

    guided: Guided
    path: Path
    level: Callable[[float], Level]

    def _both(self, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        level = self.level(float(t))
        own = self.path.a(t)
        scaled = x if level.a == float(own) else x * (level.a / own)
        clean, noise, _ = self.guided.guess(scaled, level)
        return clean, noise

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """a' x1_hat + s' eps_hat (n, k)."""
        clean, noise = self._both(x, t)
        return self.path.da(t) * clean + self.path.ds(t) * noise

    def score(self, x: Tensor, t: Tensor) -> Tensor:
        """-eps_hat / s (n, k)."""
        return -self._both(x, t)[1] / self.path.s(t)

    def x1_hat(self, x: Tensor, t: Tensor) -> Tensor:
        """The predicted datum (n, k)."""
        return self._both(x, t)[0]


@dataclass(frozen=True, eq=False)
class Route:
    """A field with the times of a walk, and at each of them the studio's clock and the network's own a: its x is the
    path's point times `shrink`."""

    field: Flowing
    times: Tensor
    clocks: tuple[float, ...]
    shrink: tuple[float, ...]

    def walk(self, solver: Solver, x: Tensor) -> Iterator[State]:
        """States of a solver from noise x (n, k), in float64 between the network's calls. The random
        generator that all solvers are given is not drawn from by an ODE's."""
        start = x.double() / self.shrink[0]
        walk = solver.walk(self.field, start, self.times, torch.Generator(x.device))
        for state, clock, shrink in zip(walk, self.clocks, self.shrink, strict=True):
            clean = None if state.x1_hat is None else state.x1_hat.to(x)
            yield State(clock, (shrink * state.x).to(x), clean, state.evaluations * self.field.guided.cost)

    def after(self, clock: float) -> Route:
        """What is left of it at the studio's time `clock`; Refused where that is between two of its times."""
        apart = np.abs(np.array(self.clocks) - clock)
        k = int(apart.argmin())
        if apart[k] > NEAR:
            raise Refused(
                f"t = {clock:.3f} is none of the times that these steps have. Go on with as many steps as the film has."
            )
        return Route(self.field, self.times[k:], self.clocks[k:], self.shrink[k:])

    def inverted(self, solver: str, x: Tensor) -> Iterator[State]:
        """From data x (n, k) back to noise along the same times; the last state's x is the noise."""

        def velocity(y: tuple[Tensor, ...], t: float) -> tuple[Tensor]:
            return (self.field.velocity(y[0], torch.tensor(t, dtype=torch.float64, device=x.device)),)

        times = self.times.flip(0).tolist()
        walk = fixed(velocity, (x.double() / self.shrink[-1],), times, METHODS.get(solver, HEUN))
        for reached, clock, shrink in zip(walk, reversed(self.clocks), reversed(self.shrink), strict=True):
            yield State(clock, (shrink * reached.y[0]).to(x), evaluations=reached.evaluations)


def chain_route(guided: Guided, chain: Chain, steps: int) -> Route:
    """In sigma-space, through the chain's own levels to sigma = 0. Between two indices the network is told a fraction,
    interpolated in log sigma; below the first index it is told that."""
    sigmas = chain.sigmas()
    logs, top = np.log(sigmas), float(sigmas[-1])
    indices = chain.indices(steps)
    line = SigmaLine(top)

    def level(t: float) -> Level:
        sigma = top * (1 - t)
        index = float(np.interp(np.log(max(sigma, sigmas[0])), logs, np.arange(len(logs))))
        index = round(index) if abs(index - round(index)) < 1e-3 else index
        a = (1 + sigma**2) ** -0.5
        return Level(index * chain.schedule.scale, a, sigma * a, t)

    levels = sigmas[indices]
    times = torch.tensor([*(1 - levels / top), 1.0], dtype=torch.float64)
    shrink = (*((1 + one**2) ** -0.5 for one in levels.tolist()), 1.0)
    clocks = (*(chain.level(index).t for index in indices), 1.0)
    return Route(Flowing(guided, line, level), times, clocks, shrink)


def flow_route(guided: Guided, flow: Flow, steps: int) -> Route:
    """Along the straight path at even times."""
    path = Straight()

    def level(t: float) -> Level:
        return Level(flow.scale * (1 - t if flow.reversed else t), t, 1 - t, t)

    times = path.time_grid(steps, torch.float64)
    return Route(Flowing(guided, path, level), times, tuple(times.tolist()), (1.0,) * len(times))


def sigma_route(guided: Guided, sigmas: Sigmas, steps: int) -> Route:
    """At EDM's levels (Karras et al., 2022, eq. 5), `sigma_min` being the last: what noise that leaves is below a
    grey level."""
    path = PowerLaw(sigmas.sigma_min, sigmas.sigma_max, sigmas.rho)

    def level(t: float) -> Level:
        sigma = float(path.s(torch.tensor(t, dtype=torch.float64)))
        return Level(sigma, 1.0, sigma, t)

    times = path.time_grid(steps, torch.float64)
    # Shown at the scale of a chain that keeps the variance: x_t / sqrt(1 + sigma^2), noise of one standard deviation.
    shrink = tuple((1 + path.s(times) ** 2).rsqrt().tolist())
    return Route(Flowing(guided, path, level), times, tuple(times.tolist()), shrink)


def sigma_levels(sigmas: Sigmas, steps: int) -> tuple[Level, ...]:
    """The same levels one by one, `steps` of them."""
    path = PowerLaw(sigmas.sigma_min, sigmas.sigma_max, sigmas.rho)
    times = torch.linspace(0.0, 1.0, steps, dtype=torch.float64) if steps > 1 else torch.zeros(1, dtype=torch.float64)
    pairs = zip(times.tolist(), path.s(times).tolist(), strict=True)
    return tuple(Level(sigma, 1.0, sigma, t) for t, sigma in pairs)
