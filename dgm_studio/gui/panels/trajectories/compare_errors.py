"""Errors against evaluations: who enters, the lanes of the worker that measure it, the curves and their slopes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from dgm_studio.core.arrays import Array
from dgm_studio.core.comparing import Converge, ConvergencePoint, Entrant, Estimated, FilmMeasures
from dgm_studio.core.knobs import Value
from dgm_studio.core.reports import Failure
from dgm_studio.core.requests import Cancel
from dgm_studio.core.sketch import DASHED, Cloud, Line, Plot, line
from dgm_studio.core.snapshot import DONE, Snapshot
from dgm_studio.gui.link import Link
from dgm_studio.gui.panels.trajectories.compare_lanes import SOLVER, STEPS

LANE = "compare-errors-{}"
MOST_POINTS = 500
"""Particles whose errors are averaged."""
AT_LEAST = 2
"""Points that make a curve, and that a claimed slope can be drawn beside."""


@dataclass(frozen=True)
class Entry:
    """A lane of the comparison that a curve can be drawn for: the film lane whose model it is, along its `exact` field
    or not, by a solver with its other Sampling values."""

    film: str
    model: tuple[str, bool]
    exact: bool
    sampling: Mapping[str, Value]

    @property
    def curve(self) -> tuple[tuple[str, bool], tuple[tuple[str, Value], ...]]:
        """Lanes with the same are one curve: only the number of steps differs."""
        return self.model, tuple(sorted((name, value) for name, value in self.sampling.items() if name != STEPS))


class ErrorLanes(QObject):
    """One lane of the worker for each model; what arrives is kept by lane of the comparison."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, link: Link, parent: QObject) -> None:
        super().__init__(parent)
        self.points: dict[tuple[str, int], list[ConvergencePoint]] = {}
        """By lane of the worker and entrant."""
        self.curve_of: dict[int, tuple[str, int]] = {}
        """Which of these a lane of the comparison is on."""
        self._link = link
        self._sent: dict[str, int] = {}
        self._running: set[str] = set()
        link.snapshot.connect(self._take)
        link.failed.connect(self._fail)

    @property
    def busy(self) -> bool:
        """Whether points are still to come."""
        return bool(self._running)

    def measure(self, entries: Mapping[int, Entry], count: int, seed: int) -> None:
        """Begin with these lanes of the comparison; what was measured before is forgotten."""
        self.forget()
        models = list(dict.fromkeys(one.model for one in entries.values()))
        for number, model in enumerate(models, start=1):
            own = {place: one for place, one in entries.items() if one.model == model}
            curves = list(dict.fromkeys(one.curve for one in own.values()))
            name, first = LANE.format(number), next(iter(own.values()))
            entrants = []
            for place, one in own.items():
                self.curve_of[place] = name, curves.index(one.curve)
            for curve in curves:
                values = dict(curve[1])
                entrants.append(Entrant(str(values.pop(SOLVER)), values))
            request = Converge(
                name, first.film, tuple(entrants), count=min(count, MOST_POINTS), seed=seed, exact=first.exact,
                steps=None,
            )  # fmt: skip
            self._sent[name] = request.id
            self._running.add(name)
            self._link.send(request)
        self.changed.emit()

    def forget(self) -> None:
        """Other films are made: end what still runs."""
        for name in self._running:
            self._link.send(Cancel(name))
        self._sent, self.points, self.curve_of = {}, {}, {}
        self._running = set()

    def of(self, place: int) -> list[ConvergencePoint]:
        """The points on the curve of that lane, cheapest first."""
        found = self.points.get(self.curve_of.get(place, ("", 0)), [])
        return sorted(found, key=lambda one: one.evaluations)

    def _take(self, snapshot: Snapshot) -> None:
        name = snapshot.lane
        if name not in self._sent or snapshot.opened != self._sent[name]:
            return
        found = [one for one in snapshot.reports if isinstance(one, ConvergencePoint)]
        for one in found:
            self.points.setdefault((name, one.entrant), []).append(one)
        ended = snapshot.state == DONE and name in self._running
        if ended:
            self._running.discard(name)
        if found or ended:
            self.changed.emit()

    def _fail(self, lane: str, failure: Failure) -> None:
        name = next((one for one, sent in self._sent.items() if sent == failure.request), "")
        if name:
            self._running.discard(name)
            self.failed.emit(failure)
            self.changed.emit()


def slope_of(points: Sequence[ConvergencePoint]) -> Estimated | None:
    """The measured order, as told with the newest point that had one."""
    return next((one.slope for one in reversed(points) if one.slope is not None), None)


def error_plot(
    curves: Sequence[tuple[str, str, Sequence[ConvergencePoint]]],
    films: Sequence[tuple[str, FilmMeasures]],
) -> Plot:
    """Root mean square error against network evaluations, both logarithmic: `curves` are (name, tone, points), with the
    claimed slope dashed beside each; `films` are (tone, numbers) of those that are seen, as dots."""
    lines: list[Line] = []
    for name, tone, points in curves:
        fine = [one for one in points if one.error.value > 0]
        if not fine:
            continue
        x = np.array([one.evaluations for one in fine], dtype=np.float64)
        y = np.array([one.error.value for one in fine])
        band = np.array([one.error.low for one in fine]), np.array([one.error.high for one in fine])
        lines.append(line(name, tone, x, y, band=band))
        if fine[0].claimed and len(fine) >= AT_LEAST:
            lines.append(_claimed(x, y, fine[0].claimed))
    dots = tuple(
        Cloud("", tone, np.array([[one.evaluations, one.error.value]]), size=9.0)
        for tone, one in films
        if one.error is not None and one.error.value > 0 and one.evaluations
    )
    return Plot(
        "Error against evaluations", "evaluations a particle", "RMS error", tuple(lines),
        log_x=True, log_y=True, clouds=dots,
    )  # fmt: skip


def _claimed(x: Array, y: Array, order: float) -> Line:
    """The claimed slope, a little above the middle of a curve."""
    middle = len(x) // 2
    ends = np.array([x[0], x[-1]])
    return line("claimed order", "faint", ends, 1.7 * y[middle] * (ends / x[middle]) ** -order, DASHED)
