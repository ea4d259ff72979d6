"""Chosen points on their way to noise: mean and spread of p_t given the datum, exactly and of its copies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject

from dgm_studio.core.arrays import Array
from dgm_studio.core.forward import ForwardReport
from dgm_studio.gui.film_lane import FilmLane


@dataclass(frozen=True)
class Noised:
    """Copies (n, d) of a datum at one t, and their law N(mean (d,), std^2 I)."""

    copies: Array
    mean: Array
    std: float

    @property
    def measured_mean(self) -> Array:
        """Of the copies (d,)."""
        return np.asarray(self.copies.mean(axis=0, dtype=np.float64))

    @property
    def measured_std(self) -> float:
        """Of the copies about their mean, over all axes."""
        return float(np.sqrt(self.copies.var(axis=0, ddof=1, dtype=np.float64).mean())) if len(self.copies) > 1 else 0.0

    def items(self) -> dict[str, str]:
        """Words: exact, then of the copies with the half-width of the 95 % interval (normal law, axes alike)."""
        count, axes = self.copies.shape
        variance = self.measured_std**2
        of_mean = 1.96 * (variance / count) ** 0.5
        of_variance = 1.96 * variance * (2 / max(1, (count - 1) * axes)) ** 0.5
        return {
            "Mean, exact": place(self.mean),
            f"Mean of {count:,}": f"{place(self.measured_mean)} ± {of_mean:.2f}",
            "Variance, exact": f"{self.std**2:.3f}",
            f"Variance of {count:,}": f"{variance:.3f} ± {of_variance:.3f}",
        }


def place(point: Iterable[float]) -> str:
    """(1.00, −0.50), or 1.00 on a line."""
    words = [f"{value:.2f}".replace("-0.00", "0.00").replace("-", "\N{MINUS SIGN}") for value in point]
    return f"({', '.join(words)})" if len(words) > 1 else words[0]


class Noising(QObject):
    """What a probe's lane tells of copies of one datum: `at(frame)` gives exact and measured mean and spread."""

    def __init__(self, lane: FilmLane, parent: QObject) -> None:
        super().__init__(parent)
        self._lane = lane
        self._schedule: ForwardReport | None = None
        lane.forwarded.connect(self._take)

    def _take(self, report: ForwardReport) -> None:
        self._schedule = report

    def at(self, index: int, datum: Array) -> Noised | None:
        """At a frame, for the datum (d,); None for a film from noise to data."""
        schedule, frames = self._schedule, self._lane.frames
        if schedule is None or not frames or frames[0].t < 1.0:
            return None  # the schedule is of a film before this one
        frame = frames[max(0, min(index, len(frames) - 1))]
        # Of a thinned film the times are some of the schedule's; those fall.
        a = float(np.interp(-frame.t, -schedule.t, schedule.a))
        s = float(np.interp(-frame.t, -schedule.t, schedule.s))
        return Noised(frame.x, a * np.asarray(datum, dtype=np.float64), s)
