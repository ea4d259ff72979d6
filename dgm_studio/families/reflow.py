"""Reflow: a flow retrained on its own couples (z_0, z_1) becomes straighter, until one step suffices."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn

from dgm_studio.core.card import Card
from dgm_studio.core.catalogue import Preset
from dgm_studio.core.knobs import knob
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts import diffusion_knobs, taught
from dgm_studio.families.parts.solver_knobs import SOLVERS, fit_solver, with_settings
from dgm_studio.families.parts.taught import Taught
from dgm_studio.families.parts.trajectories import cost, straightness, trajectories
from dgm_studio.families.showing import Bars, Fact, Structure
from dgm_studio.measures.sliced_w2 import sliced_w2
from dgm_studio.paths.path import Path
from dgm_studio.solvers import solvers
from dgm_studio.solvers.solver import Solver, State

MOST = 4
"""Rounds at most."""
SLICE = 512
"""Couples simulated in one beat while the pool fills."""
LINES, FRAMES, MANY, SAMPLES = 60, 24, 512, 2_000
"""Trajectories that are drawn, their Heun steps, those that S is averaged over, one-step samples that are measured."""

_LECTURE = "second course"


@dataclass(frozen=True)
class Design(diffusion_knobs.Design):
    """What is built: the teacher's knobs, which its pupils share but for path and prediction, and the rounds."""

    rounds: int = knob(2, "Rounds", "How often the flow is retrained on its own couples.", low=1, high=MOST)
    pool: int = knob(
        8192, "Pool", "Couples simulated from the previous round's flow.", low=256, high=16384, log=True
    )  # fmt: skip


@dataclass(frozen=True)
class Training(taught.Training):
    """How it learns; every knob is live."""

    round_steps: int = knob(1500, "Steps a round", "The last round goes on.", low=1, high=100_000, log=True)
    couple_steps: int = knob(
        12, "Couple steps", "Heun steps from z₀ to z₁ when couples are simulated.", low=2, high=48, log=True
    )  # fmt: skip


@dataclass(frozen=True)
@with_settings
class Sampling:
    """How it is sampled; nothing of the training changes."""

    round: int = knob(
        MOST, "Round", "Which flow is walked: 0 the teacher, k after k rounds; beyond the newest, the newest.",
        low=0, high=MOST,
    )  # fmt: skip
    solver: str = knob("euler", "Solver", "The stepper of the ODE from noise to data.", choices=SOLVERS)
    steps: int = knob(1, "Steps", "Steps from noise to data.", low=1, high=1000, log=True)


class Reflow(Taught):
    """Round r regresses v_r(z_t, t) on z_1 - z_0 at z_t = t z_1 + (1 - t) z_0, where z_1 is the end of the flow of
    round r - 1 started at z_0 ~ N(0, I) (Liu et al., 2023, algorithm 1). Round 0 is the teacher.

    Couples are simulated slice by slice into a pool while the round already learns from those that are there. Each
    round starts from the weights of the one before (the first from the teacher's where that is a straight velocity
    model too).
    """

    card = Card(
        id="reflow",
        title="Reflow",
        summary="Retrains a flow on its own couples: trajectories become straight, one step becomes enough.",
        lecture=_LECTURE,
        paper="Liu et al., 2023",
        formula="vᵣ(t z₁ + (1 − t) z₀, t) → z₁ − z₀,  z₁ = ODEᵣ₋₁(z₀)",
        shows=("velocity", "transport", "structure", "facts", "bars"),
        facts=(
            ("loss", "L = E |v(z_t, t) − (z₁ − z₀)|²"),
            ("kin", "FM / ODE"),
            ("structure", "Trajectories"),
        ),
    )
    Design, Training, Sampling = Design, Training, Sampling
    presets = (
        Preset("two-rounds", "Two rounds, one step", "Straight: one step will do.", _LECTURE, "Liu et al., 2023"),
        Preset(
            "one-round", "One round, two steps", "The 2-rectified flow.", _LECTURE, "Liu et al., 2023",
            {"rounds": 1}, {}, {"steps": 2},
        ),
        Preset(
            "vp-teacher", "From a VP diffusion", "Straightens the curved probability flow of a diffusion.",
            _LECTURE, "Liu et al., 2023", {"path": "vp", "prediction": "epsilon"},
        ),
    )  # fmt: skip
    z0: Tensor
    z1: Tensor
    pooled: Tensor

    def __init__(self, design: Any, dim: int) -> None:
        super().__init__(design, dim)
        teachers = {one.name: getattr(design, one.name) for one in fields(diffusion_knobs.Design)}
        straight = diffusion_knobs.Design(**{**teachers, "path": "straight", "prediction": "velocity", "classes": 0})
        self.rounds = nn.ModuleList(Diffusion(straight, dim) for _ in range(design.rounds))
        self.register_buffer("z0", torch.empty(design.pool, dim))
        self.register_buffer("z1", torch.empty(design.pool, dim))
        self.register_buffer("pooled", torch.empty((), dtype=torch.int64))

    def fill(self, generator: torch.Generator) -> None:
        """An empty pool."""
        super().fill(generator)
        for held in (self.z0, self.z1, self.pooled):
            held.zero_()

    def idle(self, training: Any) -> Mapping[str, str]:
        """Only the teacher learns labels, where it has classes."""
        return self.teacher.idle(training)

    def groups(self) -> Mapping[str, Iterable[nn.Parameter]]:
        """The teacher and each round."""
        rounds = {f"round {k}": net.parameters() for k, net in enumerate(self.rounds, 1)}
        return {"teacher": self.teacher.parameters(), **rounds}

    def flow(self, round: int) -> Diffusion:
        """The flow after that many rounds, 0 the teacher; the newest where it is not reached."""
        reached = min(round, int(self.phase))
        return self.teacher if reached == 0 else self.rounds[reached - 1]  # type: ignore[return-value]

    # Training.

    def beats(self, training: Any) -> tuple[str, ...]:
        """A step is one beat of the flow whose turn it is."""
        return ("teacher" if int(self.phase) == 0 else f"round {int(self.phase)}",)

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """One step of the teacher, or one slice of couples and one step of the round."""
        now, training = int(self.phase), fit.training
        if now == 0:
            return self.teach(fit)
        if int(self.pooled) < len(self.z0):
            self._couple(fit)
        which = torch.randint(int(self.pooled), (training.batch,), generator=fit.generator, device=fit.device)
        t = fit.uniform(training.batch)
        miss = self.flow(now).residual(self.z1[which], self.z0[which], t)
        losses = miss.square()
        loss = losses.mean()
        fit.note(miss=miss, losses=losses)
        fit.descend(loss, f"round {now}")
        self.tick(fit, training.round_steps if now < len(self.rounds) else None)
        return {"loss": loss.detach()}

    @torch.no_grad()
    def _couple(self, fit: Fit) -> None:
        """The next slice of the pool: fresh noise, and where the previous round's flow carries it."""
        first = int(self.pooled)
        z0 = fit.normal(min(SLICE, len(self.z0) - first), self.dim)
        for state in self._along(int(self.phase) - 1, z0, solvers()["heun"], fit.training.couple_steps):
            z1 = state.x
        self.z0[first : first + len(z0)] = z0
        self.z1[first : first + len(z0)] = z1
        self.pooled.add_(len(z0))

    @torch.no_grad()
    def start_phase(self) -> None:
        """The round starts from the flow it straightens, where both are built alike, and with an empty pool."""
        now = int(self.phase)
        before, after = self.flow(now - 1), self.flow(now)
        if knobs_alike(before, after):
            after.load_state_dict(before.state_dict())
        self.pooled.zero_()

    # The flow.

    @property
    def path(self) -> Path:
        """Of the newest flow."""
        return self.flow(MOST).path

    @property
    def gaussian_source(self) -> bool:
        """Only the teacher's pairs are independent: couples belong together."""
        return int(self.phase) == 0

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """The newest flow's velocity (n, d) at points x (n, d) and time t, 0-d or (n,)."""
        return self.flow(MOST).velocity(x, t)

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """N(0, I), (n, d)."""
        return torch.randn((n, self.dim), generator=generator, device=generator.device, dtype=self.dtype)

    def _along(self, round: int, start: Tensor, solver: Solver, steps: int) -> Iterator[State]:
        """States of a round's flow from standard normal start (n, d), which VE's prior scales."""
        flow = self.flow(round)
        times = flow.path.time_grid(steps, start.dtype).to(start.device)
        start = flow.path.prior_std * start
        return solver.walk(flow, start, times, torch.Generator(start.device))

    @torch.no_grad()
    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """States of the chosen round's flow from start (n, d) to samples."""
        yield from self._along(sampling.round, start, fit_solver(sampling, self), sampling.steps)

    def followed(self, count: int, sampling: Any, generator: torch.Generator) -> Diffusion:
        """See families.capabilities.FollowsField: the chosen round's flow."""
        return self.flow(sampling.round)

    def frames(self, sampling: Any) -> int:
        """A state at both ends of each step."""
        return int(sampling.steps) + 1

    def transport(self, start: Tensor, sampling: Any) -> Iterator[State]:
        """The same walk: every solver offered is deterministic."""
        yield from self.walk(start, sampling, torch.Generator(start.device))

    # What only it shows.

    @torch.no_grad()
    def structure(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Structure]:
        """Trajectories of 60 noise points along the chosen round's flow, dotted where they end."""
        flow, shown = self.flow(sampling.round), min(sampling.round, int(self.phase))
        frames, _ = yield from trajectories(flow, flow.path.prior_std * self.prior(LINES, generator), FRAMES)
        note = (
            "The teacher's trajectories." if shown == 0 else f"Trajectories after {shown} of {len(self.rounds)} rounds."
        )
        return Structure(lines=tuple(frames.transpose(0, 1)), dots=frames[-1], note=note)

    @torch.no_grad()
    def bars(self, points: Tensor, sampling: Any, generator: torch.Generator) -> Generator[None, None, Bars]:
        """S of every flow so far."""
        noise, values = self.prior(MANY, generator), []
        for round in range(int(self.phase) + 1):
            frames, times = yield from trajectories(self.flow(round), self.flow(round).path.prior_std * noise, FRAMES)
            values.append(straightness(frames, times))
        names = tuple(_name(round) for round in range(len(values)))
        return Bars("Straightness S by round", torch.tensor(values), names, "", "0 for straight trajectories")

    @torch.no_grad()
    def facts(
        self, points: Tensor, sampling: Any, generator: torch.Generator
    ) -> Generator[None, None, tuple[Fact, ...]]:
        """For every flow so far: S, what the transport costs, and how far its one-step samples are from the data."""
        noise, angle = self.prior(SAMPLES, generator), generator.get_state()
        told = [Fact("Now training", _name(int(self.phase)), f"{int(self.clock)} steps so far in this round.")]
        for round in range(int(self.phase) + 1):
            flow = self.flow(round)
            frames, times = yield from trajectories(flow, flow.path.prior_std * noise[:MANY], FRAMES)
            *_, one_step = self._along(round, noise, solvers()["euler"], 1)
            yield
            generator.set_state(angle)
            distance = sliced_w2(one_step.x, points[:SAMPLES], generator)
            yield
            who, straight, spent = _name(round), straightness(frames, times), cost(frames[0], frames[-1])
            told += [
                Fact(f"{who}: straightness", f"{straight:.3f}", "S = E ∫|(z₁ − z₀) − dzₜ/dt|² dt; 0 if straight."),
                Fact(f"{who}: cost", f"{spent:.2f}", "E|z₁ − z₀|²; in theory no round raises it."),
                Fact(f"{who}: W₂ in one step", f"{distance:.3f}", "Sliced W₂ of one-step samples to the data."),
            ]
        return tuple(told)


def knobs_alike(one: Diffusion, other: Diffusion) -> bool:
    """Whether two diffusions predict the same thing from the same, so that weights mean the same in both."""
    return all(getattr(one.design, knob) == getattr(other.design, knob) for knob in ("path", "prediction", "classes"))


def _name(round: int) -> str:
    return "Teacher" if round == 0 else f"Round {round}"


FAMILY = Reflow
