"""Comparing samplers: what a film was worth beside its reference, and how errors fall with evaluations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dgm_studio.core.knobs import Value
from dgm_studio.core.reports import Report
from dgm_studio.core.requests import Opening

LANES = 4
"""Films that are compared side by side at most."""


@dataclass(frozen=True)
class Estimated:
    """A number with the ends of its 95 % interval and, where it has one, its noise floor."""

    value: float
    low: float
    high: float
    floor: float | None = None


@dataclass(frozen=True)
class FilmMeasures(Report):
    """A whole film in numbers. All lengths are in model units.

    `seconds` is the solver's own time, without what the worker did beside it. `error` is the root mean square distance
    of the end points to those of the `reference` (said in words: "float64, tolerance 1e-8", "the same Brownian path, 16
    times finer"), None where there is none, which `no_error` explains. `w2` is of the end points to as many data.
    `straightness` is distance over length of the ways, `length` their length, `curvature` the mean turning of the way
    per unit of its length; each a mean over particles.
    """

    evaluations: int
    seconds: float
    error: Estimated | None
    reference: str
    no_error: str
    w2: Estimated | None
    straightness: Estimated | None
    length: Estimated | None
    curvature: Estimated | None


@dataclass(frozen=True)
class Entrant:
    """One solver of a convergence plot, with its other Sampling values (its own settings)."""

    solver: str
    sampling: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Converge(Opening):
    """Error against evaluations: each entrant at each number of steps, from the same start noise and along the same
    Brownian path, against the reference. `source` and `exact` as in core.requests.Shoot. Told by a ConvergencePoint
    each, cheapest first; an adaptive solver runs at tolerances instead of steps."""

    source: str
    entrants: tuple[Entrant, ...] = ()
    sampling: dict[str, Value] = field(default_factory=dict)
    step_counts: tuple[int, ...] = (4, 8, 16, 32, 64, 128)
    count: int = 500
    seed: int = 0
    exact: bool = False


@dataclass(frozen=True)
class ConvergencePoint(Report):
    """One film's global error (root mean square over particles, model units) at its cost; `entrant` is an index of
    Converge.entrants. `claimed` is the order on its card, 0 for none; `slope` the measured order so far, None while
    fewer than three points are above the reference's own error. `doubt` says why the field may not be as smooth as
    orders want it, "" where it is."""

    entrant: int
    steps: int
    evaluations: int
    seconds: float
    error: Estimated
    reference: str
    claimed: float
    slope: Estimated | None
    doubt: str = ""
