"""A drawn histogram on the line: a density of flat steps, as a person's hand made it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob, numbers_in
from dgm_studio.data.on_the_line import OnTheLine


@dataclass(frozen=True)
class Histogram1D(OnTheLine):
    """Flat on each of k bins of [c - l/2, c + l/2], the j-th with probability h_j / sum h; one column, by half."""

    card = Card(
        id="histogram-1d",
        title="Drawn histogram, 1D",
        summary="Bars of your own: any shape, with gaps where a bar has no height.",
        formula="p(x) = hⱼ k / (l Σ h) in bin j of k",
        facts=(("density", "closed form"),),
    )
    shifts = ("shift",)
    widths = ("width",)

    heights: str = knob(
        "1, 3, 5, 2, 1, 0, 1, 4, 6, 3, 1, 1", "Heights h", "A number for each bar, 0 or more.", numbers=(1, 64)
    )
    width: float = knob(6.0, "Length l", "Length of the whole histogram.", low=0.5, high=6.0)
    shift: float = knob(0.0, "Middle c", "Where the middle of the histogram lies.", low=-3.0, high=3.0)

    def shares(self) -> Array:
        """The probability of each bin (k,); Refused for heights that are negative, all zero, or no numbers."""
        try:
            heights = np.array(numbers_in(self.heights))
        except ValueError:
            heights = np.array([-1.0])
        if (heights < 0).any() or not heights.any():
            raise Refused(
                f"A histogram cannot have the heights '{self.heights}': give numbers of 0 or more, not all 0."
            )
        return np.asarray(heights / heights.max() / (heights / heights.max()).sum())

    def edges(self) -> Array:
        """Where the bins begin and end (k + 1,)."""
        ((low, high),) = self._whole()
        return np.linspace(low, high, len(self.shares()) + 1)

    def log_density(self, points: Array) -> Array:
        """log(share / length of a bin) in nats at points (n, 1) -> (n,), -inf where there is no bar."""
        edges, shares = self.edges(), self.shares()
        x = np.asarray(points, dtype=np.float64)[:, 0]
        at = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(shares) - 1)
        with np.errstate(divide="ignore"):
            steps = np.log(shares * len(shares) / self.width)
        return np.where((x >= edges[0]) & (x <= edges[-1]), steps[at], -np.inf)

    def box(self) -> tuple[tuple[float, float], ...]:
        """From the first bar with a height to the last."""
        edges, filled = self.edges(), np.flatnonzero(self.shares())
        return ((float(edges[filled[0]]), float(edges[filled[-1] + 1])),)

    def breaks(self) -> tuple[float, ...]:
        """The edges of all bins."""
        return tuple(self.edges().tolist())

    def quantile(self, levels: Array) -> Array:
        """The inverse of a distribution function of straight pieces."""
        edges, shares = self.edges(), self.shares()
        filled = np.flatnonzero(shares)
        ends = np.cumsum(shares[filled])
        ends /= ends[-1]
        starts = np.append(0.0, ends[:-1])
        u = np.asarray(levels, dtype=np.float64)
        at = np.minimum(np.searchsorted(ends, u), len(filled) - 1)
        inside = np.clip((u - starts[at]) / (ends[at] - starts[at]), 0.0, 1.0)
        return np.asarray(edges[filled[at]] + inside * (edges[filled[at] + 1] - edges[filled[at]]))

    @property
    def middle(self) -> float:
        """The median: half of the points lie on either side."""
        return float(self.quantile(np.array([0.5]))[0])

    def _whole(self) -> tuple[tuple[float, float]]:
        return ((self.shift - self.width / 2, self.shift + self.width / 2),)


DATA = Histogram1D()
