"""log p of one point along its way from data to noise: what the window asks for, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dgm_studio.core.arrays import Array
from dgm_studio.core.knobs import Choice, Knob, Value
from dgm_studio.core.reports import Report
from dgm_studio.core.requests import Opening

RADEMACHER, GAUSSIAN = "rademacher", "gaussian"
PROBE_LAWS = (RADEMACHER, GAUSSIAN)
STEPS = Knob(
    "solve_steps", int, 48, "Steps", "Of the Runge-Kutta solve from data back to noise; four evaluations each.",
    low=4, high=400, log=True,
)  # fmt: skip
PROBES = Knob(
    "probes", int, 1, "Probes an estimate", "Directions v that one estimate of the divergence is a mean of.",
    low=1, high=32, log=True,
)  # fmt: skip
PROBE_LAW = Knob(
    "law", str, RADEMACHER, "Probes are", "What v is drawn from; both are right on average.",
    choices=(
        Choice(RADEMACHER, "Rademacher", "Random signs: the least spread of all laws of independent entries."),
        Choice(GAUSSIAN, "Gaussian", "Standard normal: its length varies too, and so does the estimate."),
    ),
)  # fmt: skip
SEED = Knob("seed", int, 0, "Seed", "Draws the probes.", 0, 99_999)


@dataclass(frozen=True)
class Weigh(Opening):
    """log p of `point` (d,), model units, and how it comes about. Told by LikelihoodReports, each better than the last.

    `source` is a training lane, whose model is copied as it is now, or a film lane, whose frozen model is looked at
    again; `exact` follows the exact field of its data instead. `solve_steps` and `probes` are declared above.
    """

    source: str
    point: Array
    sampling: Mapping[str, Value] = field(default_factory=dict)
    exact: bool = False
    solve_steps: int = 48
    probes: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Hutchinson:
    """Random estimates of log p by one law of probes: their mean (k,) and the standard deviation (k,) of a single one
    along the way, and the same of the divergence; `estimates` is how many there were."""

    estimates: int
    log_p: Array
    log_p_spread: Array
    divergence: Array
    divergence_spread: Array


@dataclass(frozen=True)
class LikelihoodReport(Report):
    """One point's log p in nats. `kind` is as CONVENTIONS.md names it: exact, ode, quadrature, bound.

    Along the way from noise to data: times t (k,), places x (k, d), log p_t(x_t) (k,), and for a flow in continuous
    time its divergence there (k,); of a flow of layers t is the share of layers passed and `changes` (k - 1,) are what
    each adds to log p. `known` (k,) is the closed form of the data's noised law at these places, None where there is
    none. `error` is the solve's own error, by half as many steps (None at first, and where nothing is solved). A model
    without a way from noise tells only `value`: then t is empty.
    """

    kind: str
    value: float
    t: Array
    x: Array
    log_p: Array
    divergence: Array | None = None
    changes: Array | None = None
    names: tuple[str, ...] = ()
    known: Array | None = None
    known_value: float | None = None
    error: float | None = None
    hutchinson: Mapping[str, Hutchinson] = field(default_factory=dict)
    evaluations: int = 0
    labels: tuple[str, ...] = ()
    note: str = ""
