"""What a plot says under the pointer: each curve's value there, or a map's."""

from __future__ import annotations

import numpy as np

from dgm_studio.core.sketch import Bars, Picture, Plot
from dgm_studio.gui.widgets.plot_range import scaled


def words_at(plot: Plot, across: float, up: float) -> tuple[float, str]:
    """The nearest x that a curve has, and the lines of text there; `across` and `up` as drawn."""
    x = 10.0**across if plot.log_x else across
    if plot.lines:
        grid = max((one.x for one in plot.lines), key=len)
        if len(grid):
            x = float(grid[int(np.nanargmin(np.abs(scaled(grid, plot.log_x) - across)))])
    said = [f"{one.name}  {_value(one, x, up)}" for one in plot.pictures if _value(one, x, up)]
    for one in plot.lines:
        at = int(np.argmin(np.abs(one.x - x))) if len(one.x) else 0
        if len(one.x) and one.x[at] == x:
            doubt = f" ± {one.doubt[at]:.2g}" if one.doubt is not None else ""
            said.append(f"{one.name}  {one.y[at]:.4g}{doubt}")
    said += [f"{bars.name}  {bars.heights[place]:.4g}" for bars in plot.bars if (place := _over(bars, x)) is not None]
    where = [_where(plot.across, plot.names_across, x)]
    if plot.names_up and plot.pictures:
        where.append(_where(plot.up, plot.names_up, up))
    return x, "\n".join([*where, *said]) if said else ""


def _where(axis: str, names: tuple[tuple[float, str], ...], at: float) -> str:
    """The axis' words and the place on it: the nearest name, or the figure."""
    words = axis.split(":")[0].split(",")[0]
    return f"{words}  {min(names, key=lambda one: abs(one[0] - at))[1] if names else f'{at:.4g}'}"


def _over(bars: Bars, x: float) -> int | None:
    place = int(np.searchsorted(bars.edges, x, side="right")) - 1
    return place if 0 <= place < len(bars.heights) else None


def _value(picture: Picture, x: float, y: float) -> str:
    left, right, bottom, top = picture.box
    rows, columns = picture.values.shape
    if not (left <= x <= right and bottom <= y <= top):
        return ""
    row = min(rows - 1, int((y - bottom) / max(top - bottom, 1e-300) * rows))
    column = min(columns - 1, int((x - left) / max(right - left, 1e-300) * columns))
    return f"{float(picture.values[row, column]):.4g}"
