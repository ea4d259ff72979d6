"""One plot of a sketch: curves with bars and bands, upright marks, axes in words, values under the pointer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.arrays import Array
from dgm_studio.core.sketch import DASHED, Plot
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.axis_ticks import ticks
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_legend import PlotLegend

LOWEST, HIGHEST = -12.0, 15.0
"""Powers of ten that a logarithmic axis may reach."""


class CurveItems:
    """What draws one line: shaded band, curve, bars of doubt (one path for all)."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self.low, self.high = pg.PlotCurveItem(), pg.PlotCurveItem()
        self.band = pg.FillBetweenItem(self.low, self.high)
        self.curve = pg.PlotCurveItem(antialias=True)
        self.bars = pg.PlotCurveItem(antialias=True, connect="pairs")
        self._plot = plot
        for item in self.all():
            plot.addItem(item)

    def all(self) -> tuple[pg.GraphicsObject, ...]:
        """Back to front."""
        return self.low, self.high, self.band, self.bars, self.curve

    def remove(self) -> None:
        """Take them off the plot."""
        for item in self.all():
            self._plot.removeItem(item)


class PlotCard(QWidget):
    """`set_plot(plot)` draws; what stands there is only changed where the curves stay the same ones. A `wide` card has
    its legend beside its title, another below it."""

    def __init__(self, *, wide: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: Plot | None = None
        self.items: list[CurveItems] = []
        self._marks: list[pg.InfiniteLine] = []
        stack = Stack(self, gap=4)
        self.title = Label("", 13, 600, elide=True)
        self.legend = PlotLegend()
        self.plot = pg.PlotWidget()
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(False, False)
        self.plot.hideButtons()
        self.plot.setMinimumSize(0, 0)
        self.plot.viewport().setMouseTracking(True)
        self.plot.viewport().installEventFilter(self)
        frame = Card("stage")
        frame.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        Stack(frame, gap=0, pad=(6, 10, 14, 4)).addWidget(self.plot)
        head = Row(gap=18) if wide else Stack(gap=4)
        head.addWidget(self.title)
        head.addWidget(self.legend, 1)
        stack.addLayout(head)
        stack.addWidget(frame, 1)
        self.readout = Label("", 11, 500, "text", tabular=True, parent=self.plot)
        self.readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.readout.setProperty("overlay", True)
        self.readout.hide()
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self.plot.addItem(self._cross, ignoreBounds=True)
        theme().changed.connect(self._restyle)
        self._restyle()

    def set_plot(self, plot: Plot) -> None:
        """Draw this one."""
        before, self.shown = self.shown, plot
        if before is None or _kinds(before) != _kinds(plot):
            self._rebuild(plot)
        self.title.setText(plot.title)
        entries = [(one.name, one.tone) for one in plot.lines] + [(one.name, one.tone) for one in plot.marks]
        self.legend.show_entries(list(dict.fromkeys(entries)))
        if before is None or (before.across, before.up) != (plot.across, plot.up):
            for side, text in (("bottom", plot.across), ("left", plot.up)):
                self.plot.setLabel(side, text)
                self.plot.getAxis(side).resizeEvent(None)  # it centres a label only when it is resized
        said = f"{plot.title}: {plot.up} against {plot.across}"
        self.plot.setAccessibleName(said)
        self.plot.setAccessibleDescription(", ".join(name for name, _ in dict.fromkeys(entries)))
        self._draw(plot)

    def _rebuild(self, plot: Plot) -> None:
        for items in self.items:
            items.remove()
        for mark in self._marks:
            self.plot.removeItem(mark)
        self.items = [CurveItems(self.plot) for _ in plot.lines]
        self._marks = [pg.InfiniteLine(angle=90, movable=False) for _ in plot.marks]
        for mark in self._marks:
            self.plot.addItem(mark, ignoreBounds=True)
        self._tint()

    def _draw(self, plot: Plot) -> None:
        left, right, low, high = self._range(plot)
        for items, one in zip(self.items, plot.lines, strict=True):
            x = _scaled(one.x, plot.log_x)
            items.curve.setData(x, _scaled(one.y, plot.log_y), connect="finite")
            # What a band or a bar has below a logarithmic axis ends at its foot.
            if one.band is not None:
                edges = [np.nan_to_num(_scaled(edge, plot.log_y), nan=low) for edge in one.band]
                items.low.setData(x, np.clip(edges[0], low, high))
                items.high.setData(x, np.clip(edges[1], low, high))
            if one.doubt is not None:
                foot = np.nan_to_num(_scaled(one.y - one.doubt, plot.log_y), nan=low)
                top = _scaled(one.y + one.doubt, plot.log_y)
                fine = np.isfinite(foot) & np.isfinite(top) & np.isfinite(one.y)
                pairs = np.column_stack((foot[fine], top[fine])).ravel()
                items.bars.setData(np.repeat(x[fine], 2), pairs, connect="pairs")
        for item, mark in zip(self._marks, plot.marks, strict=True):
            item.setValue(mark.x)
        self.plot.setXRange(left, right, padding=0.01)
        self.plot.setYRange(low, high, padding=0)
        wide, tall = self.plot.width() / theme().scale, self.plot.height() / theme().scale
        across = ticks(left, right, log=plot.log_x, count=max(3, min(8, int(wide / 60))))
        up = ticks(low, high, log=plot.log_y, count=max(2, min(6, int(tall / 40))))
        edge = high - 0.035 * (high - low)  # a figure at the very top would be cut in half
        up = [tick for tick in up if tick[0] <= edge]
        self.plot.getAxis("bottom").setTicks([across])
        self.plot.getAxis("left").setTicks([up])

    def _range(self, plot: Plot) -> tuple[float, float, float, float]:
        x = np.concatenate([_scaled(one.x, plot.log_x) for one in plot.lines])
        low, high = np.inf, -np.inf
        for part in _heights(plot):
            fine = part[np.isfinite(part)]
            if fine.size:
                low, high = min(low, float(fine.min())), max(high, float(fine.max()))
        if not np.isfinite(low):
            low, high = 0.0, 1.0
        room = 0.06 * max(high - low, 1e-9)
        low, high = low - room, high + room
        if plot.low is not None:
            low = max(low, np.log10(plot.low)) if plot.log_y else plot.low
        if plot.high is not None:
            high = min(high, np.log10(plot.high)) if plot.log_y else plot.high
        return float(np.nanmin(x)), float(np.nanmax(x)), low, max(high, low + 1e-9)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.MouseMove:
            self._hover(event.position())  # type: ignore[attr-defined]
        elif event.type() == QEvent.Type.Leave:
            self.readout.hide()
            self._cross.hide()
        elif event.type() == QEvent.Type.Resize and self.shown is not None:
            self._draw(self.shown)
        return super().eventFilter(watched, event)

    def _hover(self, at: QPointF) -> None:
        if self.shown is None or not self.shown.lines:
            return
        plot, inside = self.shown, float(self.plot.plotItem.vb.mapSceneToView(at).x())
        grid = max((one.x for one in plot.lines), key=len)
        x = float(grid[int(np.argmin(np.abs(_scaled(grid, plot.log_x) - inside)))])
        lines = [f"{plot.across.split(':')[0].split(',')[0]}  {x:.4g}"]
        for one in plot.lines:
            place = int(np.argmin(np.abs(one.x - x)))
            if one.x[place] == x:
                doubt = f" ± {one.doubt[place]:.2g}" if one.doubt is not None else ""
                lines.append(f"{one.name}  {one.y[place]:.4g}{doubt}")
        self.readout.setText("\n".join(lines))
        self.readout.adjustSize()
        self.readout.show()
        self._cross.setValue(np.log10(x) if plot.log_x else x)
        self._cross.show()
        edge = self.plot.width() - self.readout.width() - theme().px(8)
        self.readout.move(max(0, min(round(at.x()) + theme().px(12), edge)), theme().px(6))

    def _restyle(self) -> None:
        look, px = theme(), theme().px
        self.plot.setBackground(look.colour("stage"))
        self.readout.setStyleSheet(
            f"background: {look.tokens.raised}; border: 1px solid {look.tokens.line};padding: {px(3)}px {px(5)}px;"
        )
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(look.colour("line")))
            axis.setTickPen(pg.mkPen(look.colour("line")))
            axis.setTextPen(look.colour("faint"))
            axis.setTickFont(font(11, tabular=True))
            axis.setStyle(tickLength=0, tickTextOffset=px(4), maxTickLevel=0)
            axis.enableAutoSIPrefix(False)
            axis.label.setFont(font(11.5))
        self.plot.getAxis("left").setWidth(px(58))
        self.plot.getAxis("bottom").setHeight(px(36))
        self._cross.setPen(pg.mkPen(look.colour("border_hover"), width=look.scale))
        self._tint()
        if self.shown is not None:
            self._draw(self.shown)

    def _tint(self) -> None:
        look = theme()
        if self.shown is None:
            return
        for items, one in zip(self.items, self.shown.lines, strict=True):
            dash = [5, 4] if one.style == DASHED else None
            items.curve.setPen(pg.mkPen(look.colour(one.tone), width=2 * look.scale, dash=dash))
            items.bars.setPen(pg.mkPen(look.colour(one.tone), width=1.4 * look.scale))
            items.low.setPen(pg.mkPen(None))
            items.high.setPen(pg.mkPen(None))
            items.band.setBrush(pg.mkBrush(look.colour(one.tone, 0.16)))
        for item, mark in zip(self._marks, self.shown.marks, strict=True):
            item.setPen(pg.mkPen(look.colour(mark.tone), width=1.6 * look.scale, dash=[2, 3]))


def _kinds(plot: Plot) -> list[tuple[str, ...]]:
    """What the items of a plot depend on."""
    lines = [(one.name, one.tone, one.style, str(one.band is None), str(one.doubt is None)) for one in plot.lines]
    return [*lines, *((mark.name, mark.tone) for mark in plot.marks)]


def _scaled(values: Array, log: bool) -> Array:
    """As drawn: on a logarithmic axis what is not positive has no place (NaN)."""
    if not log:
        return values
    out = np.full(len(values), np.nan)
    good = np.isfinite(values) & (values > 0)
    out[good] = np.clip(np.log10(values[good]), LOWEST, HIGHEST)
    return out


def _heights(plot: Plot) -> Iterator[Array]:
    """Everything a plot's upward range must hold: on a logarithmic axis only the curves and the bars' tops."""
    for one in plot.lines:
        yield _scaled(one.y, plot.log_y)
        if one.doubt is not None:
            yield _scaled(one.y + one.doubt, plot.log_y)
            if not plot.log_y:
                yield one.y - one.doubt
        if one.band is not None and not plot.log_y:
            yield from one.band
