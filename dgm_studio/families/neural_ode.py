"""The neural ODE: a continuous normalizing flow, trained by maximum likelihood through an ODE solver."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.errors import Diverged
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.adjoint import adjoint_gradients
from dgm_studio.families.parts.continuity import log_density
from dgm_studio.families.parts.integrate import (
    DORMAND_PRINCE,
    EULER,
    HEUN,
    RK4,
    Bundle,
    Derivative,
    Reached,
    TooStiff,
    adaptive,
    fixed,
)
from dgm_studio.families.showing import Fact, Structure
from dgm_studio.nets.tangent_mlp import TangentMLP
from dgm_studio.paths.field import Field
from dgm_studio.paths.straight import Straight
from dgm_studio.solvers.solver import State

EXACT, HUTCHINSON = "exact", "hutchinson"
DIRECT, ADJOINT = "direct", "adjoint"
FIXED, ADAPTIVE = "fixed", "adaptive"
TABLEAUS = {"euler": EULER, "heun": HEUN, "rk4": RK4, "dormand-prince": DORMAND_PRINCE}

SHOWN = 256
"""Training points that the read-outs look at."""

LINES = 48
"""Particles whose ways are drawn."""


@dataclass(frozen=True)
class Design:
    """What is built."""

    width: int = knob(64, "Width", "Hidden units per layer.", low=8, high=256, log=True)
    layers: int = knob(3, "Layers", "Hidden layers of tanh.", low=1, high=6)


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(2e-3)
    batch: int = gradient_knobs.batch(128)
    trace: str = knob(
        EXACT, "Trace", "How the divergence, the trace of df/dx, is found.",
        choices=(
            Choice(EXACT, "Exact", "One derivative per axis: right, and dear in many dimensions."),
            Choice(HUTCHINSON, "Hutchinson", "v·(df/dx v), v of random signs: right on average, one derivative."),
        ),
    )  # fmt: skip
    gradient: str = knob(
        DIRECT, "Gradient", "How the loss reaches the weights through the solver.",
        choices=(
            Choice(DIRECT, "Direct", "Backpropagation through every step: exact for this solver, keeps all states."),
            Choice(ADJOINT, "Adjoint", "A second ODE walked back: keeps no states, right up to that solve's error."),
        ),
    )  # fmt: skip
    stepping: str = knob(
        ADAPTIVE, "Stepping", "How the ODE is solved while training.",
        choices=(
            Choice(FIXED, "Fixed", "Classical Runge-Kutta with as many steps as below."),
            Choice(ADAPTIVE, "Adaptive", "Dormand-Prince 5(4): as many as the tolerance needs, more as it learns."),
        ),
    )  # fmt: skip
    solve_steps: int = knob(
        5, "Steps of a solve", "Runge-Kutta 4 steps of one solve; four evaluations each.",
        low=1, high=40, log=True, when=("stepping", (FIXED,)),
    )  # fmt: skip
    tolerance: float = knob(
        1e-3, "Tolerance", "Error allowed in one adaptive step; a flow trained with too large a one learns to cheat.",
        low=1e-5, high=0.1, log=True, when=("stepping", (ADAPTIVE,)),
    )  # fmt: skip
    kinetic: float = knob(
        0.0, "Kinetic energy", "Weight of the integral of |f|^2, which straightens the flow (Finlay et al., 2020).",
        low=0.0, high=1.0,
    )  # fmt: skip
    jacobian: float = knob(
        0.0, "Jacobian norm", "Weight of the integral of |df/dx|^2 (Frobenius), which calms it (Finlay et al., 2020).",
        low=0.0, high=1.0,
    )  # fmt: skip
    ema: float = gradient_knobs.ema(0.99)
    clip: float = gradient_knobs.clip(10.0)


@dataclass(frozen=True)
class Sampling:
    """How the flow is walked once it is learned."""

    solver: str = knob(
        "rk4", "Solver", "The stepper from noise to data.",
        choices=(
            Choice("euler", "Euler", "One evaluation a step, error of first order."),
            Choice("heun", "Heun", "Two evaluations a step, second order (lecture 9)."),
            Choice("rk4", "Runge-Kutta 4", "Four evaluations a step, fourth order."),
            Choice("dormand-prince", "Dormand-Prince 5", "Seven evaluations a step, fifth order."),
        ),
    )  # fmt: skip
    steps: int = knob(24, "Steps", "Steps from noise to data.", low=1, high=1000, log=True)
    density_steps: int = knob(
        16, "Density steps", "RK4 steps of the continuity equation for the density.", low=2, high=200, log=True
    )


class NeuralODE(Family):
    """dx/dt = f(x, t) from x(0) of N(0, I) to data x(1); log p(x) = log N(x(0)) - integral of tr df/dx dt.

    The loss is -E log p(x) plus the weighted energies, by one solve of (x, trace, energy) from t = 1 to 0 (lecture 10;
    Grathwohl et al., 2019, equations 3 and 8). The random signs of Hutchinson's trace are drawn once a solve.
    """

    card = Card(
        id="neural-ode",
        title="Neural ODE",
        summary="A velocity field carries noise to data; it is trained by the likelihood that the ODE gives.",
        lecture="9-11",
        paper="Chen et al., 2018; Grathwohl et al., 2019",
        formula="log p(x) = log p(x(0)) - integral of tr df/dx dt",
        shows=("log_prob", "transport", "facts", "structure"),
        facts=(("structure", "Flow lines"),),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset(
            "neural-ode", "Neural ODE", "Adaptive steps, exact trace: watch the evaluations grow.", "9-10",
            "Chen et al., 2018",
        ),
        Preset(
            "ffjord", "FFJORD", "Hutchinson's trace, the adjoint's gradients.", "10-11", "Grathwohl et al., 2019",
            training={
                "trace": HUTCHINSON, "gradient": ADJOINT, "stepping": FIXED, "solve_steps": 6, "learning_rate": 1e-3,
            },
        ),
        Preset(
            "rnode", "Regularised (RNODE)", "Kinetic energy and Jacobian norm are paid for: five steps do.", "9-11",
            "Finlay et al., 2020",
            training={
                "kinetic": 0.02, "jacobian": 0.02, "stepping": FIXED, "solve_steps": 5,
                "learning_rate": 1e-3, "batch": 256,
            },
        ),
    )  # fmt: skip
    log_prob_kind = "ode"

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.net = TangentMLP(dim, design.width, design.layers)

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of maximum likelihood."""
        try:
            return self._descend(fit)
        except TooStiff as error:  # a field so wild that no steps are small enough: its likelihood is lost
            raise Diverged(fit.step, math.inf, fit.kept_step) from error

    def _descend(self, fit: Fit) -> Mapping[str, Tensor | float]:
        training = fit.training
        x = fit.batch()
        f = self.dynamics(self.directions(training, fit), training)
        if training.gradient == ADJOINT:
            weights = list(self.parameters())
            nll, energy, gradients, evaluations = self.by_adjoint(x, f, training, weights)
            fit.descend_along(float(nll + energy), gradients)
        else:
            nll, energy, evaluations = self.loss(x, f, training)
            fit.descend(nll + energy)
        scalars: dict[str, Tensor | float] = {
            "negative log-likelihood": nll.detach(),
            "evaluations": float(evaluations),
        }
        if training.kinetic or training.jacobian:
            scalars["energy"] = energy.detach()
        return scalars

    def directions(self, training: Any, fit: Fit) -> Tensor:
        """Directions v with sum of v v^T = I: the axes (d, 1, d), or on average, random signs (1, batch, d)."""
        if training.trace == EXACT:
            return torch.eye(self.dim, device=fit.device, dtype=self.dtype)[:, None]
        return 2 * (fit.uniform(1, training.batch, self.dim) < 0.5).to(self.dtype) - 1

    def dynamics(self, directions: Tensor, training: Any) -> Derivative:
        """d/dt of (x, trace, energy): f, sum of v . J v, kinetic |f|^2 + jacobian |J|^2, J = df/dx."""

        def derivative(y: Bundle, t: float) -> Bundle:
            x = y[0]
            value, pushed = self.net.push(x, x.new_tensor(t), directions)
            trace = (directions * pushed).sum((0, 2))
            energy = training.kinetic * value.square().sum(1) + training.jacobian * pushed.square().sum((0, 2))
            return value, trace, energy

        return derivative

    def loss(self, x: Tensor, f: Derivative, training: Any) -> tuple[Tensor, Tensor, int]:
        """-E log p(x) and the weighted energy, both 0-d and differentiable, and the evaluations it took."""
        zero = x.new_zeros(len(x))
        *_, noise = _solve(f, (x, zero, zero), 1.0, 0.0, training)
        start, trace, energy = noise.y
        # Walked backwards, trace and energy are minus their integrals.
        log_prior = -0.5 * start.square().sum(1) - 0.5 * self.dim * math.log(2 * math.pi)
        return -(log_prior + trace).mean(), -energy.mean(), noise.evaluations

    def by_adjoint(
        self, x: Tensor, f: Derivative, training: Any, weights: list[Any]
    ) -> tuple[Tensor, Tensor, list[Tensor], int]:
        """The same without a graph, with the gradient of their sum by each weight."""
        zero, ones = x.new_zeros(len(x)), x.new_ones(len(x)) / len(x)
        with torch.no_grad():
            *_, noise = _solve(f, (x, zero, zero), 1.0, 0.0, training)
        start, trace, energy = noise.y
        log_prior = -0.5 * start.square().sum(1) - 0.5 * self.dim * math.log(2 * math.pi)
        gradients, more = adjoint_gradients(
            f, noise.y, (start / len(x), -ones, -ones), weights,
            lambda derivative, y: _solve(derivative, y, 0.0, 1.0, training, watched=6),
        )  # fmt: skip
        return -(log_prior + trace).mean(), -energy.mean(), gradients, noise.evaluations + more

    # The flow.

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """f(x, t) (n, d) at points x (n, d) and time t, 0-d or (n,)."""
        value: Tensor = self.net(x, t.to(x))
        return value

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """N(0, I), (n, d)."""
        return torch.randn((n, self.dim), generator=generator, device=generator.device, dtype=self.dtype)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """States of the chosen solver from start (n, d) to samples."""
        for reached in self._walk(start, sampling, _times(0.0, 1.0, sampling.steps)):
            yield State(reached.t, reached.y[0], evaluations=reached.evaluations)

    def onward(self, start: Tensor, t: float, sampling: Any) -> tuple[int, Iterator[State]]:
        """See families.capabilities.GoesOn: by what is left of the whole walk's times."""
        times = [t, *(later for later in _times(0.0, 1.0, sampling.steps) if later > t + 1e-6)]
        walk = self._walk(start, sampling, times)
        return len(times), (State(one.t, one.y[0], evaluations=one.evaluations) for one in walk)

    def _walk(self, x: Tensor, sampling: Any, times: list[float]) -> Iterator[Reached]:
        def f(y: Bundle, t: float) -> Bundle:
            return (self.velocity(y[0], y[0].new_tensor(t)),)

        return fixed(f, (x,), times, TABLEAUS[sampling.solver])

    def followed(self, count: int, sampling: Any, generator: torch.Generator) -> Field:
        """See families.capabilities.FollowsField."""
        return Plain(self)  # type: ignore[return-value]  # an ODE solver needs no more than velocity and path

    def frames(self, sampling: Any) -> int:
        """A state at both ends of each step."""
        return int(sampling.steps) + 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """The same: the map is deterministic."""
        yield from self.walk(start, sampling, torch.Generator(start.device))

    def log_prob(
        self, x: Tensor, sampling: Any, generator: torch.Generator, t: float = 1.0
    ) -> Generator[None, None, Tensor]:
        """log p_t(x) (n,) in nats of the flow itself at time t, with the exact trace (families.continuity)."""
        times = t * torch.linspace(0.0, 1.0, sampling.density_steps + 1, dtype=x.dtype, device=x.device)
        return (yield from log_density(self, x, times, 1.0))

    # Showing.

    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """What the flow costs and how straight it is, on up to 256 training points."""
        x = points[:SHOWN]
        with torch.no_grad():
            ways = [reached.y[0] for reached in self._walk(x, sampling, _times(1.0, 0.0, sampling.steps))]
        yield
        way = torch.stack(ways)
        length = (way[1:] - way[:-1]).norm(dim=2).sum(0)
        straight = (way[-1] - way[0]).norm(dim=1)
        with torch.no_grad():
            *_, back = self._walk(way[-1], sampling, _times(0.0, 1.0, sampling.steps))
        yield
        spread = self._trace_spread(x, generator)
        return (
            Fact("Evaluations a sample", str(back.evaluations), "Network evaluations from noise to data."),
            Fact(
                "Detour",
                f"{float(length.sum() / straight.sum().clamp_min(1e-12)) - 1:.1%}",
                "How much longer the flow lines are than straight ones.",
            ),
            Fact(
                "Round trip",
                f"{float((back.y[0] - x).norm(dim=1).mean()):.1e}",
                "Mean distance of a point from itself after data to noise to data: the solver's error.",
            ),
            Fact(
                "Hutchinson's noise",
                f"{spread:.2f} nats",
                "Standard deviation that random signs give to one point's log-density, against the exact trace.",
            ),
        )

    @torch.no_grad()
    def _trace_spread(self, x: Tensor, generator: torch.Generator) -> float:
        """Root mean square of log p by one random direction minus log p by the exact trace, by 8 steps of RK4."""
        signs = torch.randint(2, x.shape, generator=generator, device=x.device)
        random = (2 * signs - 1).to(x.dtype)[None]
        axes = torch.eye(self.dim, dtype=x.dtype, device=x.device)[:, None]
        zero = x.new_zeros(len(x))
        ends = []
        for directions in (axes, random):
            f = self.dynamics(directions, Training(kinetic=0.0, jacobian=0.0))
            *_, noise = fixed(f, (x, zero, zero), _times(1.0, 0.0, 8), RK4)
            ends.append(noise.y[1])
        return float((ends[1] - ends[0]).square().mean().sqrt())

    @torch.no_grad()
    def structure(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Structure]:
        """The ways of 48 particles from noise to data, ending in dots."""
        states = [state.x for state in self.walk(self.prior(LINES, generator), sampling, generator)]
        yield
        way = torch.stack(states)
        return Structure(lines=tuple(way.unbind(1)), dots=way[-1], note=f"{LINES} particles from noise to data")


def _times(start: float, end: float, steps: int) -> list[float]:
    """steps + 1 even times from start to end, both exactly."""
    return [start + (end - start) * k / steps for k in range(steps)] + [end]


def _solve(f: Derivative, y: Bundle, start: float, end: float, training: Any, watched: int = 2) -> Iterator[Reached]:
    """By the training's solver."""
    if training.stepping == ADAPTIVE:
        return adaptive(f, y, start, end, training.tolerance, watched)
    return fixed(f, y, _times(start, end, training.solve_steps), RK4)


class Plain:
    """A velocity for solvers, which ask for a path's clock: the straight one's, from 0 to 1. It mixes no data in."""

    path = Straight()

    def __init__(self, model: NeuralODE) -> None:
        self.velocity = model.velocity


FAMILY = NeuralODE
