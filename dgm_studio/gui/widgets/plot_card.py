"""One plot of a sketch: maps, histograms, curves, clouds over the same axes, values under the pointer, a hand on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.knobs import Knob, Value
from dgm_studio.core.sketch import Plot
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.axis_ticks import ticks
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Row, Stack
from dgm_studio.gui.widgets.buttons import Button
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_axis import Axis
from dgm_studio.gui.widgets.plot_ground import Ground
from dgm_studio.gui.widgets.plot_hand import Hand
from dgm_studio.gui.widgets.plot_legend import PlotLegend, entries
from dgm_studio.gui.widgets.plot_lines import CurveParts, Lines
from dgm_studio.gui.widgets.plot_maps import Maps
from dgm_studio.gui.widgets.plot_range import Span, span_of, steady
from dgm_studio.gui.widgets.plot_shapes import Clouds, paint_areas, paint_bars, paint_segments
from dgm_studio.gui.widgets.plot_values import words_at

Ticks = list[tuple[float, str]]
EDGE = 4
"""Design pixels by which a figure below the plot may stand out sideways."""


class PlotCard(QWidget):
    """`set_plot(plot)` draws; what stands there is only changed where the curves stay the same ones. A `wide` card has
    its legend beside its title, another below it. `edited({knob: value})` when a person works on the plot."""

    edited = Signal(object)

    def __init__(self, *, wide: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: Plot | None = None
        self._seen: tuple[Span, list[Ticks]] | None = None
        stack = Stack(self, gap=4)
        self.title = Label("", 13, 600, elide=True)
        self.legend = PlotLegend()
        self.plot = pg.PlotWidget(axisItems={side: Axis(side) for side in ("left", "bottom")})
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(False, False)
        self.plot.hideButtons()
        self.plot.setMinimumSize(0, 0)
        self.plot.viewport().setMouseTracking(True)
        self.plot.viewport().installEventFilter(self)
        self.hand = Hand(self.plot)
        self.hand.edited.connect(self.edited)
        frame = Card("stage")
        frame.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        Stack(frame, gap=0, pad=(6, 10, 14, 4)).addWidget(self.plot)
        self.reset = Button("Reset", "Back to how it was before a hand drew on it", kind="link")
        self.reset.clicked.connect(lambda: self.edited.emit(self.hand.untouched()))
        self._head, self._stack, self._wide = Row(gap=18), stack, False
        self._head.addWidget(self.title, 1)
        self._head.addWidget(self.reset)
        self.reset.hide()
        stack.addLayout(self._head)
        stack.addWidget(self.legend)
        keep = self.legend.sizePolicy()
        keep.setRetainSizeWhenHidden(True)  # cards share their height, and begin at one, with and without words in it
        self.legend.setSizePolicy(keep)
        stack.addWidget(frame, 1)
        self.set_wide(wide)
        self.readout = Label("", 11, 500, "text", tabular=True, parent=self.plot)
        self.readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.readout.setProperty("overlay", True)
        self.readout.hide()
        self._maps, self._clouds = Maps(), Clouds()
        self._lines = Lines()
        self._ground = Ground(self.plot, self._paint, -10)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self.plot.addItem(self._cross, ignoreBounds=True)
        self.plot.plotItem.vb.sigResized.connect(lambda _: self._redraw())
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def items(self) -> list[CurveParts]:
        """What draws each curve, in the plot's order."""
        return self._lines.items

    def offer(self, knobs: Mapping[str, Knob], values: Callable[[], Mapping[str, Value]]) -> None:
        """What can be set on the plot, and how it now stands."""
        self.hand.offer(knobs, values)

    def set_plot(self, plot: Plot) -> None:
        """Draw this one."""
        before, self.shown = self.shown, plot
        self.title.setText(plot.title)
        if before is None or (before.across, before.up) != (plot.across, plot.up):
            for side, text in (("bottom", plot.across), ("left", plot.up)):
                self.plot.setLabel(side, text)
                self.plot.getAxis(side).resizeEvent(None)  # it centres a label only when it is resized
        shown = entries(plot)
        if self.legend.show_entries(shown) or before is None or before.title != plot.title:
            self.plot.setAccessibleName(f"{plot.title}: {plot.up} against {plot.across}")
            self.plot.setAccessibleDescription(", ".join(entry.name for entry in shown))
        self.reset.setVisible(bool(self.hand.drawable(plot)))
        self._maps.show(plot.pictures)
        self._clouds.show(plot)
        self._draw(plot, before)

    def _draw(self, plot: Plot, before: Plot | None = None) -> None:
        box = self.plot.plotItem.vb
        span = span_of(plot, box.width(), box.height())
        if self._seen is not None and before is not None and _alike(before, plot):
            span = steady(self._seen[0], span, plot)
        self._lines.show(plot, span)
        self._set_view(plot, span)
        self._ground.update()
        self.hand.show(plot)

    def set_wide(self, wide: bool) -> None:
        """The legend beside the title, or below it."""
        if wide == self._wide:
            return
        self._wide = wide
        (self._head if not wide else self._stack).removeWidget(self.legend)
        if wide:
            self._head.insertWidget(1, self.legend, 1, Qt.AlignmentFlag.AlignVCenter)
            self.legend.setMinimumHeight(0)
        else:
            self._stack.insertWidget(1, self.legend)
        self._head.setStretch(0, 0 if wide else 1)

    def _set_view(self, plot: Plot, span: Span) -> None:
        """The range and its ticks; each costs the axes a repaint, so only what changed."""
        wide, tall = self.plot.width() / theme().scale, self.plot.height() / theme().scale
        across = [*plot.names_across] or ticks(
            span.left, span.right, log=plot.log_x, count=max(3, min(8, int(wide / 60)))
        )  # fmt: skip
        found: list[Ticks] = [across, _upwards(plot, span, max(2, min(6, int(tall / 40))))]
        before = self._seen
        self._seen = span, found
        if before is None or before[0][:2] != span[:2]:
            self.plot.setXRange(span.left, span.right, padding=0.0 if plot.equal or plot.grips else 0.01)
        if before is None or before[0][2:] != span[2:]:
            self.plot.setYRange(span.low, span.high, padding=0)
        for place, side in enumerate(("bottom", "left")):
            if before is None or before[1][place] != found[place]:
                self.plot.getAxis(side).setTicks([found[place]])

    def _paint(self, painter: QPainter, lens: Lens, vector: bool) -> None:
        if self.shown is not None:
            self._maps.paint(painter, lens)
            paint_areas(painter, lens, self.shown)
            paint_bars(painter, lens, self.shown)
            paint_segments(painter, lens, self.shown)
            self._lines.paint(painter, lens, vector)
            self._clouds.paint(painter, lens, vector)
            self.hand.rubber(painter, lens, vector)

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.MouseMove:
            self._hover(event.position())  # type: ignore[attr-defined]
        elif event.type() == QEvent.Type.Leave:
            self.readout.hide()
            self._cross.hide()
        return super().eventFilter(watched, event)

    def _hover(self, at: QPointF) -> None:
        plot = self.shown
        if plot is None:
            return
        inside = self.plot.plotItem.vb.mapSceneToView(at)
        x, text = words_at(plot, float(inside.x()), float(inside.y()))
        self._cross.setVisible(bool(plot.lines))
        self.readout.setVisible(bool(text))
        if not text:
            return
        self.readout.setText(text)
        self.readout.adjustSize()
        self._cross.setValue(np.log10(x) if plot.log_x else x)
        edge = self.plot.width() - self.readout.width() - theme().px(8)
        self.readout.move(max(0, min(round(at.x()) + theme().px(12), edge)), theme().px(6))

    def _redraw(self) -> None:
        if self.shown is not None:
            self._draw(self.shown)

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
        self.plot.getAxis("bottom").setStyle(hideOverlappingLabels=px(EDGE))  # a single figure at an end has room
        self.plot.plotItem.layout.setContentsMargins(0, 0, px(EDGE), 0)
        self.plot.getAxis("bottom").setHeight(px(36))
        self._cross.setPen(pg.mkPen(look.colour("border_hover"), width=look.scale))
        if self.shown is not None:
            self._clouds.show(self.shown)
            self._redraw()


def _upwards(plot: Plot, span: Span, count: int) -> Ticks:
    """About `count` ticks of the upright axis, two at least where there is one more step to be had."""
    edge = span.high - 0.035 * (span.high - span.low)  # a figure at the very top would be cut in half
    found: Ticks = []
    for wanted in (count, count + 1, count + 2):
        every = [*plot.names_up] or ticks(span.low, span.high, log=plot.log_y, count=wanted)
        found = [tick for tick in every if tick[0] <= edge]
        if len(found) > 1:
            break
    return found


def _alike(one: Plot, other: Plot) -> bool:
    """Whether the axes of one could serve the other."""
    return all(getattr(one, name) == getattr(other, name) for name in ("title", "across", "up", "log_x", "log_y"))
