"""The checkerboard: sharp edges and corners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Cloud, DataSet

_HALF = 3.0
_EDGE = 1e-6


@dataclass(frozen=True)
class Checkerboard(DataSet):
    """Uniform on the dark cells (i + j even, counted from bottom left) of a k by k board on [-3, 3]^2.

    p(x) = 1 / (dark cells * cell area) on dark cells, 0 elsewhere. The label is the row j.
    """

    card = Card(
        id="checkerboard",
        title="Checkerboard",
        summary="Uniform on the dark cells: density that jumps, which smooth models blur.",
        paper="Grathwohl et al., 2019",
        formula="p(x) = 1 / (dark cells · area)",
        facts=(("density", "closed form"),),
    )

    cells: int = knob(4, "Cells", "Cells along one side of the board.", low=2, high=8)

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """A dark cell at random, then a place in it; rows are the labels."""
        column, row = self._dark()
        which = rng.integers(len(row), size=n)
        corner = np.stack([column[which], row[which]], axis=1)
        # A millionth of a cell stays free at its edges, or rounding to float32 could carry a point across.
        inside = _EDGE + (1 - 2 * _EDGE) * rng.random((n, 2))
        points = (corner + inside) * (2 * _HALF / self.cells) - _HALF
        return Cloud(points.astype(np.float32), row[which].astype(np.int64))

    def log_density(self, points: Array) -> Array:
        """log p(x) in nats at points (n, 2) -> (n,), -inf off the dark cells."""
        side = 2 * _HALF / self.cells
        cell = np.floor((np.asarray(points, dtype=np.float64) + _HALF) / side)
        dark = ((cell >= 0) & (cell < self.cells)).all(axis=1) & (cell.sum(axis=1) % 2 == 0)
        return np.where(dark, -np.log(len(self._dark()[0]) * side**2), -np.inf)

    def box(self) -> tuple[tuple[float, float], ...]:
        """The board."""
        return (-_HALF, _HALF), (-_HALF, _HALF)

    def _dark(self) -> tuple[Array, Array]:
        """Columns and rows of the dark cells."""
        row, column = np.nonzero(np.indices((self.cells, self.cells)).sum(axis=0) % 2 == 0)
        return column, row


DATA = Checkerboard()
