"""Where the tiles of a gallery lie: rows under each other where they are compared, else wrapped as large as they go."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF

LEAST_SIDE = 12.0


@dataclass(frozen=True)
class TileLayout:
    """`rows` x `columns` cells of one size in a room of `width` x `height` pixels. Compared (`headed`) they have a
    column of `side` pixels at the left for the rows' names and a line of `line` pixels over them for the columns';
    else each tile has its caption in a line below it. `ratio` is height over width of a picture."""

    rows: int
    columns: int
    width: float
    height: float
    headed: bool
    side: float
    line: float
    gap: float
    ratio: float = 1.0

    @property
    def across(self) -> int:
        """Tiles in a line: all columns where they are compared, else as many as make them largest."""
        if self.headed or self.columns < 2:
            return max(1, self.columns)
        return max(range(1, self.columns + 1), key=self._wide)

    @property
    def tile(self) -> tuple[float, float]:
        """Width and height of a picture."""
        wide = max(LEAST_SIDE, self._wide(self.across))
        return wide, wide * self.ratio

    def _wide(self, across: int) -> float:
        left, over, below = (self.side, self.line, 0.0) if self.headed else (0.0, 0.0, self.line)
        lines = self.rows if self.headed else -(-self.columns // across)
        wide = (self.width - left - self.gap * (across - 1)) / across
        high = (self.height - over - self.gap * (lines - 1)) / max(1, lines) - below
        return min(wide, high / self.ratio)

    def box(self, row: int, column: int) -> QRectF:
        """Where the picture of a cell is drawn."""
        wide, high = self.tile
        if self.headed:
            return QRectF(self.side + column * (wide + self.gap), self.line + row * (high + self.gap), wide, high)
        down, right = divmod(column, self.across)
        left = max(0.0, self.width - self.across * (wide + self.gap) + self.gap) / 2  # in the middle of the room
        return QRectF(left + right * (wide + self.gap), down * (high + self.line + self.gap), wide, high)

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """The cell under a point, None for none."""
        places = ((row, column) for row in range(self.rows) for column in range(self.columns))
        return next((one for one in places if self.box(*one).contains(x, y)), None)
