"""Comparisons that are one click: who stands beside whom, or why that cannot be had now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dgm_studio.core.card import Card
from dgm_studio.core.comparing import LANES
from dgm_studio.core.exact_source import exact_source
from dgm_studio.core.knobs import Knob, Value
from dgm_studio.gui.panels.trajectories.compare_lanes import RUN, SOLVER, STEPS, Contender

EVALUATIONS = 32
"""What each of several solvers may spend: more steps for the cheap, fewer for the dear."""
SOLVERS = ("euler", "heun", "rk4", "dpmpp-2m", "midpoint", "ddim")
STOCHASTIC = ("euler-maruyama", "stochastic-heun", "ddpm")
PATHS = ("vp", "ve", "straight")
COUNTS = (4, 8, 16, 64)
GUIDANCE, ROUND = "guidance", "round"
SCALES = (0.0, 1.0, 2.0, 4.0)
FEW, MANY = 2, 64


@dataclass(frozen=True)
class Ground:
    """What there is to compare: the run's title, Sampling knobs and values, those knobs that do nothing and solvers
    that do not fit it (each with the reason), whether its exact field is known; the solvers' cards, the known paths and
    the data of exact films on one line. Without a run `title` is empty."""

    title: str = ""
    knobs: tuple[Knob, ...] = ()
    sampling: Mapping[str, Value] = field(default_factory=dict)
    idle: Mapping[str, str] = field(default_factory=dict)
    unfit: Mapping[str, str] = field(default_factory=dict)
    exact: bool = False
    solvers: Mapping[str, Card] = field(default_factory=dict)
    paths: Mapping[str, Card] = field(default_factory=dict)
    data: str = "eight-gaussians"

    def knob(self, name: str) -> Knob | None:
        """A Sampling knob of the run that has an effect."""
        return next((one for one in self.knobs if one.name == name and name not in self.idle), None)

    def offers(self, solver: str) -> bool:
        """Whether the run can be walked by it."""
        knob = self.knob(SOLVER)
        return knob is not None and solver not in self.unfit and any(one.id == solver for one in knob.choices)

    @property
    def walkable(self) -> Contender:
        """Who can be walked by any solver: the run where it has some, else the exact straight flow of the data."""
        return Contender(sampling=dict(self.sampling)) if self.knob(SOLVER) is not None else self.exact_flow()

    def exact_flow(self, path: str = "straight") -> Contender:
        """The exact field of the data along that path."""
        return Contender(exact_source(path, self.data))

    def takes(self, contender: Contender, solver: str) -> bool:
        """Whether it can be walked by that solver."""
        return solver in self.solvers and (contender.source != RUN or self.offers(solver))


Found = tuple[Contender, ...] | str
"""Who stands beside whom, or why not."""


def solvers(ground: Ground) -> Found:
    """The same number of evaluations, spent otherwise."""
    who = ground.walkable
    chosen = [one for one in SOLVERS if ground.takes(who, one)][:LANES]
    if len(chosen) < FEW:
        return f"{ground.title} has one way of sampling only."
    return tuple(_by(who, one, _affordable(ground.solvers[one])) for one in chosen)


def ode_and_sde(ground: Ground) -> Found:
    """The probability-flow ODE beside reverse SDEs of the same marginals."""
    who = ground.walkable
    noisy = [one for one in STOCHASTIC if ground.takes(who, one)][:2]
    if not noisy or not ground.takes(who, "heun"):
        return f"{ground.title} cannot be sampled by an SDE."
    return tuple(_by(who, one, MANY) for one in ("heun", *noisy))


def paths(ground: Ground) -> Found:
    """Variance preserving, variance exploding and straight, each along its exact field (lecture 13)."""
    return tuple(_by(ground.exact_flow(one), "heun", EVALUATIONS) for one in PATHS if one in ground.paths)


def steps(ground: Ground) -> Found:
    """The same solver with few and with many steps."""
    who = ground.walkable
    solver = str(who.sampling.get(SOLVER, "euler"))
    return tuple(_by(who, solver, count) for count in COUNTS)


def learned_and_exact(ground: Ground) -> Found:
    """The run's own field beside the exact one of its data."""
    if not ground.exact:
        return f"{ground.title or 'What is open'} has no path whose exact field is known."
    own = dict(ground.sampling)
    return Contender(sampling=own), Contender(exact=True, sampling=own)


def reflow(ground: Ground) -> Found:
    """The teacher beside the flows that were straightened by it."""
    knob = ground.knob(ROUND)
    if knob is None:
        return "Train Reflow in Train first: its rounds stand beside its teacher here. Or set a film to a file below."
    own = {**ground.sampling, STEPS: FEW}
    return tuple(Contender(sampling={**own, ROUND: count}) for count in (0, 1, 2))


def guidance(ground: Ground) -> Found:
    """Nobody's, its own and more weight of the label."""
    if ground.knob(GUIDANCE) is None:
        why = ground.idle.get(GUIDANCE, "")
        return why or f"{ground.title or 'What is open'} knows no labels, so there is nothing to guide by."
    return tuple(Contender(sampling={**ground.sampling, GUIDANCE: scale}) for scale in SCALES)


def _by(who: Contender, solver: str, count: int) -> Contender:
    return Contender(who.source, who.exact, {**who.sampling, SOLVER: solver, STEPS: count})


def _affordable(card: Card) -> int:
    return max(1, round(EVALUATIONS / max(1.0, float(card.fact("evaluations", 1.0) or 1.0))))


PRESETS = {
    "solvers": (solvers, "Solvers", "Solvers side by side, each with 32 network evaluations"),
    "ode-sde": (ode_and_sde, "ODE and SDE", "The probability-flow ODE beside reverse SDEs of the same marginals"),
    "paths": (paths, "Paths", "Variance preserving, variance exploding and straight paths, exact (lecture 13)"),
    "steps": (steps, "Steps", "The same solver with 4, 8, 16 and 64 steps"),
    "learned-exact": (learned_and_exact, "Learned and exact", "What was learned beside the exact field of the data"),
    "reflow": (reflow, "Reflow", "Before and after reflow: fewer steps do, because the paths are straighter"),
    "guidance": (guidance, "Guidance", "Guidance scales γ of 0, 1, 2 and 4"),
}
"""By id: who stands there, the word on the button, and its help."""
