"""The curves of a plot: band, bars of doubt, grey where they say no more than noise, and upright marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg

from dgm_studio.core.arrays import Array
from dgm_studio.core.sketch import DASHED, Line, Plot
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.plot_range import Span, scaled


class CurveItems:
    """What draws one line, back to front: shaded band, bars of doubt (one path for all), curve, its grey part."""

    def __init__(self, plot: pg.PlotWidget, one: Line) -> None:
        self.curve = pg.PlotCurveItem(antialias=True)
        self.low: Any = None
        self.high: Any = None
        self.band: Any = None
        self.bars: Any = None
        self.grey: Any = None
        if one.band is not None:
            self.low, self.high = pg.PlotCurveItem(), pg.PlotCurveItem()
            self.band = pg.FillBetweenItem(self.low, self.high)
        if one.doubt is not None:
            self.bars = pg.PlotCurveItem(antialias=True, connect="pairs")
        if one.floor is not None:
            self.grey = pg.PlotCurveItem(antialias=True)
        self._plot = plot
        for item in self.all():
            plot.addItem(item, ignoreBounds=True)

    def all(self) -> list[pg.GraphicsObject]:
        """Back to front."""
        every = (self.low, self.high, self.band, self.bars, self.curve, self.grey)
        return [item for item in every if item is not None]

    def remove(self) -> None:
        """Take them off the plot."""
        for item in self.all():
            self._plot.removeItem(item)

    def draw(self, one: Line, plot: Plot, span: Span) -> None:
        """This line's arrays."""
        x, y = scaled(one.x, plot.log_x), scaled(one.y, plot.log_y)
        if self.grey is not None and one.floor is not None:
            below = one.y <= one.floor
            # The pieces meet: a grey one begins and ends at a point of the coloured one.
            beside = below.copy()
            beside[1:] |= below[:-1]
            beside[:-1] |= below[1:]
            self.grey.setData(x, np.where(beside, y, np.nan), connect="finite")
            y = np.where(below, np.nan, y)
        self.curve.setData(x, y, connect="finite")
        # What a band or a bar has below a logarithmic axis ends at its foot.
        if one.band is not None and self.low is not None and self.high is not None:
            for item, edge in ((self.low, one.band[0]), (self.high, one.band[1])):
                item.setData(x, np.clip(np.nan_to_num(scaled(edge, plot.log_y), nan=span.low), span.low, span.high))
        if one.doubt is not None and self.bars is not None:
            self.bars.setData(*_upright(x, one, plot.log_y, span.low), connect="pairs")

    def tint(self, one: Line) -> None:
        """This line's colours in the present theme."""
        look = theme()
        dash = [5, 4] if one.style == DASHED else None
        self.curve.setPen(pg.mkPen(look.colour(one.tone), width=2 * look.scale, dash=dash))
        if self.grey is not None:
            self.grey.setPen(pg.mkPen(look.colour("band"), width=2 * look.scale, dash=dash))
        if self.bars is not None:
            self.bars.setPen(pg.mkPen(look.colour(one.tone), width=1.4 * look.scale))
        if self.band is not None and self.low is not None and self.high is not None:
            self.low.setPen(pg.mkPen(None))
            self.high.setPen(pg.mkPen(None))
            self.band.setBrush(pg.mkBrush(look.colour(one.tone, 0.16)))


def _upright(x: Array, one: Line, log: bool, low: float) -> tuple[Array, Array]:
    """Feet and tops of the bars of doubt, in pairs."""
    assert one.doubt is not None
    foot = np.nan_to_num(scaled(one.y - one.doubt, log), nan=low)
    top = scaled(one.y + one.doubt, log)
    fine = np.isfinite(foot) & np.isfinite(top) & np.isfinite(one.y)
    return np.repeat(x[fine], 2), np.column_stack((foot[fine], top[fine])).ravel()


@dataclass
class Kinds:
    """What the items of a plot depend on: with the same kinds only arrays change."""

    lines: list[tuple[object, ...]]
    marks: list[tuple[str, str]]


def kinds(plot: Plot) -> Kinds:
    """Of this plot."""
    return Kinds(
        [(one.name, one.tone, one.style, one.band is None, one.doubt is None, one.floor is None) for one in plot.lines],
        [(mark.name, mark.tone) for mark in plot.marks],
    )


class Lines:
    """All curves and marks of one plot widget; items are made anew only where their kinds change."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self._plot = plot
        self.items: list[CurveItems] = []
        self.marks: list[pg.InfiniteLine] = []
        self._kinds = Kinds([], [])

    def draw(self, plot: Plot, span: Span) -> None:
        """These curves, within that span."""
        found = kinds(plot)
        if found != self._kinds:
            self._kinds = found
            self._rebuild(plot)
        for items, one in zip(self.items, plot.lines, strict=True):
            items.draw(one, plot, span)
        for item, mark in zip(self.marks, plot.marks, strict=True):
            item.setValue(float(scaled(np.array(mark.x), plot.log_x)))

    def _rebuild(self, plot: Plot) -> None:
        for items in self.items:
            items.remove()
        for mark in self.marks:
            self._plot.removeItem(mark)
        self.items = [CurveItems(self._plot, one) for one in plot.lines]
        self.marks = [pg.InfiniteLine(angle=90, movable=False) for _ in plot.marks]
        for mark in self.marks:
            self._plot.addItem(mark, ignoreBounds=True)
        self.tint(plot)

    def tint(self, plot: Plot) -> None:
        """In the present theme."""
        look = theme()
        for items, one in zip(self.items, plot.lines, strict=True):
            items.tint(one)
        for item, mark in zip(self.marks, plot.marks, strict=True):
            item.setPen(pg.mkPen(look.colour(mark.tone), width=1.6 * look.scale, dash=[2, 3]))
