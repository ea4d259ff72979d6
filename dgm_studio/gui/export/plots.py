"""Plots as files: their curves as a table."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence

from dgm_studio.core.atomic import write_text
from dgm_studio.core.sketch import Line, Plot

COLUMNS = ("plot", "part", "name", "x", "y", "low", "high", "floor")


def curves_csv(plots: Sequence[Plot], path: str | os.PathLike[str]) -> None:
    """Curves and histograms, a point a line, atomically: `low` and `high` are a 95 % interval or a band; a bar's x is
    its left edge, its `high` the right one."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    for plot in plots:
        table.writerows((plot.title, *row) for row in _rows(plot))
    write_text(path, text.getvalue())


def _rows(plot: Plot) -> Iterator[tuple[object, ...]]:
    for one in plot.lines:
        yield from _points(one)
    for bars in plot.bars:
        for place, height in enumerate(bars.heights.tolist()):
            low, high = bars.edges[place : place + 2].tolist()
            yield "bar", bars.name, f"{low:.10g}", f"{height:.10g}", f"{low:.10g}", f"{high:.10g}", ""


def _points(one: Line) -> Iterator[tuple[object, ...]]:
    for place, (x, y) in enumerate(zip(one.x.tolist(), one.y.tolist(), strict=True)):
        low = high = floor = ""
        if one.doubt is not None:
            low, high = f"{y - one.doubt[place]:.10g}", f"{y + one.doubt[place]:.10g}"
        elif one.band is not None:
            low, high = f"{one.band[0][place]:.10g}", f"{one.band[1][place]:.10g}"
        if one.floor is not None:
            floor = f"{one.floor[place]:.10g}"
        yield "curve", one.name, f"{x:.10g}", f"{y:.10g}", low, high, floor
