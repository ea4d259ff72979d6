"""Pair flow matching: any source law to any data law along straight lines between coupled points (lecture 12)."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import Choice, knob
from dgm_studio.data import data_sets
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import gradient_knobs
from dgm_studio.families.parts.pairings import INDEPENDENT, PAIRED, PAIRINGS, TRANSPORT, load_transport, transport_order
from dgm_studio.families.parts.solver_knobs import SOLVERS, fit_solver, with_settings
from dgm_studio.families.parts.trajectories import cost, crossing_pairs, straightness, trajectories
from dgm_studio.families.showing import Fact, Structure
from dgm_studio.nets.time_mlp import TimeMLP
from dgm_studio.paths import paths
from dgm_studio.paths.field import Field
from dgm_studio.paths.path import Path
from dgm_studio.solvers.solver import State

NORMAL, TURNED, NOISED = "standard-normal", "turned-copy", "noised-copy"
COPIES = (TURNED, NOISED)
POOL = 10_000
"""Source points kept, as many as a data set has by default."""
NOISE = 0.5
"""Standard deviation of what the noised copy adds to each axis."""
LINES, FRAMES, MANY = 60, 24, 512
"""Pairs that are drawn, Heun steps of their trajectories, and pairs that the numbers are averaged over."""

_SOURCES = (
    Choice(NORMAL, "Standard normal", "N(0, I), the usual noise."),
    *(Choice(one.card.id, one.card.title, one.card.summary) for one in data_sets().values()),
    Choice(
        TURNED, "Data, a quarter turn", "Each data point turned by 90° about the origin: pairs that belong together."
    ),
    Choice(NOISED, "Data, noised", f"Each data point plus N(0, {NOISE}² I): pairs that belong together."),
)


@dataclass(frozen=True)
class Design:
    """What is built."""

    source: str = knob("moons", "Source", "The law p₀ that is carried to the data.", choices=_SOURCES)
    width: int = knob(128, "Width", "Hidden units per layer.", low=8, high=512, log=True)
    layers: int = knob(3, "Layers", "Hidden layers.", low=1, high=6)
    sigma_data: float = knob(
        1.4, "Data scale", "Standard deviation of source and data per axis; scales the network's input and output.",
        low=0.05, high=20.0, log=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Training:
    """How it learns; every knob is live."""

    learning_rate: float = gradient_knobs.learning_rate(2e-3)
    batch: int = gradient_knobs.batch(256, "Pairs per step.")
    ema: float = gradient_knobs.ema(0.999)
    coupling: str = knob(INDEPENDENT, "Coupling", "Which source point is joined to which data point.", choices=PAIRINGS)
    group: int = knob(
        128, "Transport group", "Points matched at once; more are nearer to the true transport, and slower.",
        low=2, high=256, log=True, when=("coupling", (TRANSPORT,)),
    )  # fmt: skip
    sigma: float = knob(
        0.0, "Path noise", "Standard deviation ε of the noise around each line: xₜ = t x₁ + (1 − t) x₀ + ε z.",
        low=0.0, high=1.0,
    )  # fmt: skip


@dataclass(frozen=True)
@with_settings
class Sampling:
    """How it is sampled; nothing of the training changes."""

    solver: str = knob("euler", "Solver", "The stepper of the ODE from source to data.", choices=SOLVERS)
    steps: int = knob(24, "Steps", "Steps from source to data.", low=1, high=1000, log=True)


class PairFlowMatching(Family):
    """Regression of v(x_t, t) on x_1 - x_0 at x_t = t x_1 + (1 - t) x_0 + sigma z, z ~ N(0, I), for pairs (x_0, x_1)
    of a coupling; the ODE dx = v dt then carries p_0 to p_1 whatever the coupling (Tong et al., 2024).

    The source is a pool of 10,000 points drawn once when the weights are (copies of the data: the last 10,000 that
    training has met), or fresh numbers where it is the standard normal.
    """

    card = Card(
        id="pair-flow-matching",
        title="Pair flow matching",
        summary="Carries one data set to another along straight lines between coupled points.",
        lecture="12",
        paper="Tong et al., 2024; Lipman et al., 2023; Albergo and Vanden-Eijnden, 2023",
        formula="xₜ = t x₁ + (1 − t) x₀ + ε z,  v → x₁ − x₀",
        shows=("velocity", "transport", "structure", "facts"),
        facts=(
            ("loss", "L = E |v(x_t, t) − (x₁ − x₀)|²"),
            ("kin", "FM / ODE"),
            ("structure", "Paths of pairs"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("two-data-sets", "Moons to data", "One data set is carried to another.", "12", "Tong et al., 2024"),
        Preset(
            "minibatch-ot", "Minibatch optimal transport", "Pairs of least distance: fewer paths cross.",
            "12", "Tong et al., 2024", training={"coupling": TRANSPORT},
        ),
        Preset(
            "noise-to-data", "Noise to data", "From the standard normal by independent pairs: plain flow matching.",
            "12", "Lipman et al., 2023", {"source": NORMAL},
        ),
        Preset(
            "paired", "Paired data", "Each point with its own turned copy: the flow finds the turn.",
            "12", "Albergo and Vanden-Eijnden, 2023", {"source": TURNED}, {"coupling": PAIRED},
        ),
    )  # fmt: skip
    pool: Tensor
    pooled: Tensor
    coupled: Tensor
    group: Tensor
    blur: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        self.net = TimeMLP(dim, design.width, design.layers)
        self.register_buffer("pool", torch.empty(POOL, dim))
        self.register_buffer("pooled", torch.empty((), dtype=torch.int64))
        self.register_buffer("coupled", torch.empty((), dtype=torch.int64))
        self.register_buffer("group", torch.empty((), dtype=torch.int64))
        self.register_buffer("blur", torch.empty(()))

    def fill(self, generator: torch.Generator) -> None:
        """The source's pool; what training notes of itself starts at 0, a group of 2 and independent pairs."""
        seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
        self.pool.copy_(torch.from_numpy(_source_points(self.design.source, self.dim, seed)))
        for noted, start in ((self.pooled, 0), (self.coupled, 0), (self.group, 2), (self.blur, 0)):
            noted.fill_(start)

    @classmethod
    def refuses_data(cls, dim: int, classes: int) -> str:
        """Its sources are points of the plane."""
        return "" if dim == 2 else f"Sources are points of the plane, the data have {dim} columns: choose two of them."

    def prepare(self, training: Any) -> None:
        """The solver of the assignments is imported before a beat needs it."""
        if training.coupling == TRANSPORT:
            load_transport()

    @property
    def path(self) -> Path:
        """The straight one; x_0 is the source's point, not always noise."""
        return paths()["straight"]

    @property
    def gaussian_source(self) -> bool:
        """Whether its marginals are those of independent standard normal noise, whose closed form is known."""
        return self.design.source == NORMAL and int(self.coupled) == 0 and float(self.blur) == 0.0

    # Training.

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of regression on the direction of the pairs."""
        training = fit.training
        self.coupled.fill_([choice.id for choice in PAIRINGS].index(training.coupling))
        self.group.fill_(training.group)
        self.blur.fill_(training.sigma)
        x0, x1 = self.pairs(fit.points, training.batch, fit.generator)
        if self.design.source in COPIES:
            self._keep(x0)
        t = fit.uniform(len(x1))
        x_t = self.path.mix(x1, x0, t)
        if training.sigma > 0:
            x_t = x_t + training.sigma * fit.normal(*x_t.shape)
        scale = self.design.sigma_data
        miss = self.net(x_t / scale, t) - (x1 - x0) / scale
        losses = miss.square()
        loss = losses.mean()
        fit.note(batch=x1, miss=miss, losses=losses)
        fit.descend(loss)
        return {"loss": loss.detach()}

    def pairs(self, points: Tensor, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """n pairs (x_0, x_1), each (n, d), of the coupling that training used last, x_1 from points (m, d)."""
        rows = _rows(len(points), n, generator)
        coupling = PAIRINGS[int(self.coupled)].id
        partners = rows if coupling == PAIRED else _rows(len(points), n, generator)
        x1, x0 = points[rows], self._source(points, partners, coupling == PAIRED, generator)
        if coupling == TRANSPORT:
            x0 = x0[transport_order(x0, x1, int(self.group))]
        return x0, x1

    def _source(self, points: Tensor, rows: Tensor, paired: bool, generator: torch.Generator) -> Tensor:
        """Source points (n, d): copies of those rows of the data, fresh noise, or those rows of the pool."""
        kind = self.design.source
        if kind == TURNED:
            return turned(points[rows])
        if kind == NOISED or (kind == NORMAL and not paired):
            noise = torch.randn((len(rows), self.dim), generator=generator, device=points.device, dtype=points.dtype)
            return noise if kind == NORMAL else points[rows] + NOISE * noise
        return self.pool[rows % POOL]

    def _keep(self, x0: Tensor) -> None:
        """The pool is a ring of the newest copies."""
        place = (int(self.pooled) + torch.arange(len(x0), device=x0.device)) % POOL
        self.pool[place] = x0
        self.pooled.add_(len(x0))

    # The flow.

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """Marginal velocity E[x_1 - x_0 | x_t = x] (n, d) at points x (n, d) and time t, 0-d or (n,)."""
        scale = self.design.sigma_data
        out: Tensor = scale * self.net(x / scale, t.to(x.dtype))
        return out

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Source points (n, d): fresh normal ones, or drawn from the pool."""
        if self.design.source == NORMAL:
            return torch.randn((n, self.dim), generator=generator, device=generator.device, dtype=self.dtype)
        return self.pool[_rows(POOL, n, generator).to(self.pool.device)].to(generator.device)

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """States of the ODE from source points (n, d) to samples."""
        times = self.path.time_grid(sampling.steps, start.dtype).to(start.device)
        field = self.followed(len(start), sampling, generator)
        yield from fit_solver(sampling, field).walk(field, start, times, generator)

    def followed(self, count: int, sampling: Any, generator: torch.Generator) -> Field:
        """See families.capabilities.FollowsField: an ODE solver needs no more than velocity and path."""
        return self  # type: ignore[return-value]

    def frames(self, sampling: Any) -> int:
        """A state at both ends of each step."""
        return int(sampling.steps) + 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """The same walk: every solver that it fits is deterministic."""
        yield from self.walk(start, sampling, torch.Generator(start.device))

    # What only it shows.

    @torch.no_grad()
    def structure(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Structure]:
        """60 pairs joined by straight lines, and the flow's trajectories from the same source points, dotted there."""
        x0, x1 = self.pairs(points, LINES, generator)
        yield
        frames, _ = yield from trajectories(self, x0, FRAMES)
        straight = torch.stack([x0, x1], dim=1)
        note = f"Straight: {LINES} coupled pairs. Curved: where the learned flow carries the same source points."
        return Structure(lines=(*straight, *frames.transpose(0, 1)), dots=x0, note=note)

    @torch.no_grad()
    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """The coupling's cost beside the flow's, straightness, and crossings of lines against trajectories."""
        x0, x1 = self.pairs(points, MANY, generator)
        yield
        frames, times = yield from trajectories(self, x0, FRAMES)
        most = LINES * (LINES - 1) // 2
        lines = crossing_pairs(torch.stack([x0, x1], dim=1)[:LINES])
        yield
        curves = crossing_pairs(frames[::2, :LINES].transpose(0, 1))
        pair_cost, flow_cost = cost(x0, x1), cost(frames[0], frames[-1])
        straight = straightness(frames, times)
        return (
            Fact("Coupling", PAIRINGS[int(self.coupled)].label, "Which source point is joined to which data point."),
            Fact("Cost of the pairs", f"{pair_cost:.2f}", "E|x₁ − x₀|² of the coupling that is learned from."),
            Fact("Cost of the flow", f"{flow_cost:.2f}", "E|z₁ − z₀|² of the learned map; in theory at most that."),
            Fact("Straightness", f"{straight:.3f}", "E ∫|(z₁ − z₀) − dzₜ/dt|² dt; 0 for straight trajectories."),
            Fact("Lines that cross", f"{lines} of {most}", "Pairs of conditional paths that cross in the plane."),
            Fact("Trajectories that cross", f"{curves} of {most}", "In the plane; at one time an ODE's never meet."),
        )  # fmt: skip


def turned(points: Tensor) -> Tensor:
    """Points (n, 2) turned by 90 degrees about the origin: (x, y) -> (-y, x)."""
    return torch.stack([-points[:, 1], points[:, 0]], dim=1)


def _source_points(source: str, dim: int, seed: int) -> np.ndarray[Any, Any]:
    """POOL points (POOL, dim) of a catalogue data set, else of the standard normal, which copies replace."""
    rng = np.random.default_rng(seed)
    if source in data_sets():
        return np.array(data_sets()[source].draw(POOL, rng).points)
    return rng.standard_normal((POOL, dim))


def _rows(count: int, n: int, generator: torch.Generator) -> Tensor:
    """n random row numbers below `count`, with replacement."""
    return torch.randint(count, (n,), generator=generator, device=generator.device)


FAMILY = PairFlowMatching
