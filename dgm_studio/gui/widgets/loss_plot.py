"""Loss curves: raw faint, smoothed bold, linear or logarithmic, with a read-out under the pointer."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from dgm_studio.core.arrays import Array
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.axis_ticks import ticks
from dgm_studio.gui.widgets.big_number import Card
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.curve import Curve, sampled, thinned
from dgm_studio.gui.widgets.label import Label
from dgm_studio.gui.widgets.plot_legend import Entry, PlotLegend
from dgm_studio.gui.widgets.section import SectionHeader
from dgm_studio.gui.widgets.thin_slider import ThinSlider

TONES = ("accent", "sample", "exact", "error", "data")
REDRAW_MS = 250
"""A curve needs no more; at 30 Hz its painting alone took a fifth of the training's speed."""

WELL_FILLED = 0.7
"""Of an axis, by the curves; with less they are drawn larger."""
MANY = 60
"""Points of a curve of which a tenth may be left out of the range of a linear axis."""
WORDS_ROOM = 0.12
"""Of an axis, under the line for the best possible loss: its words stand there, above the steps."""
NOWHERE = (0.0, 0.0, 0.0, False)


class LossPlot(QWidget):
    """`append(name, steps, values)` adds to a curve.

    Redrawn at most four times a second, thinned to screen columns.
    """

    scale_changed = Signal(bool)

    def __init__(self, caption: str = "Loss", *, height: float = 150, unit: str = "",
                 parent: QWidget | None = None) -> None:  # fmt: skip
        """`unit` is the word along the left axis; with it the other says "step"."""
        super().__init__(parent)
        self._unit = unit
        self.log, self.smoothing = True, 0.9
        self.curves: dict[str, Curve] = {}
        self._tones: dict[str, str] = {}
        self._items: dict[str, tuple[pg.PlotCurveItem, pg.PlotCurveItem]] = {}
        self._ghosts: dict[str, Curve] = {}
        self._ghost_items: dict[str, pg.PlotCurveItem] = {}
        self._best: float | None = None
        self._height = height
        self._axes = NOWHERE
        """Lowest and highest value and last step along the axes, and whether the values are logarithms."""
        stack = Stack(self, gap=4)
        self.header = SectionHeader(
            caption,
            above=0,
            links=(("scale", "", "Linear or logarithmic, and how much to smooth"),),
            link_tint="dim",
        )
        self.header.link_clicked.connect(self._open_menu)
        self.plot = pg.PlotWidget()
        self.plot.setAccessibleName(f"{caption} over training steps")
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(False, False)
        self.plot.hideButtons()
        self.plot.viewport().setMouseTracking(True)
        self.plot.viewport().installEventFilter(self)
        self.legend = PlotLegend()
        stack.addWidget(self.header)
        self._frame = Card("stage")
        Stack(self._frame, gap=0, pad=(3, 6, 8, 2)).addWidget(self.plot)
        stack.addWidget(self._frame)
        stack.addWidget(self.legend)
        self._floor_line = pg.InfiniteLine(angle=0, movable=False)
        self._floor_line.hide()
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._cross.hide()
        self.plot.addItem(self._floor_line, ignoreBounds=True)
        self.plot.addItem(self._cross, ignoreBounds=True)
        self._mark = pg.InfiniteLine(angle=90, movable=False)
        self._mark.hide()
        self.plot.addItem(self._mark, ignoreBounds=True)
        self.best_label = Label("", 11, 500, "exact", parent=self.plot)
        self.readout = Label("", 11, 500, "text", tabular=True, parent=self.plot)
        self.readout.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.best_label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.readout.hide()
        self.best_label.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MS)
        self._timer.timeout.connect(self.refresh)
        self.plot.plotItem.vb.sigResized.connect(self._later)
        theme().changed.connect(self._restyle)
        self._restyle()

    def append(self, name: str, steps: Array | list[float], values: Array | list[float], tone: str = "") -> None:
        """More points of the curve `name`; a new name gets the next tone."""
        if name not in self.curves:
            self.curves[name] = Curve(self.smoothing)
            self._tones[name] = tone or TONES[(len(self.curves) - 1) % len(TONES)]
            raw, bold = pg.PlotCurveItem(), pg.PlotCurveItem(antialias=True)
            self.plot.addItem(raw)
            self.plot.addItem(bold)
            self._items[name] = (raw, bold)
            self._restyle_curves()
        self.curves[name].append(np.asarray(steps), np.asarray(values))
        self._later()

    def clear(self) -> None:
        """Forget all curves and the best possible line."""
        for pair in self._items.values():
            for item in pair:
                self.plot.removeItem(item)
        self.curves, self._tones, self._items = {}, {}, {}
        self.legend.show_entries([])
        self.set_best(None)

    def set_mark(self, step: int | None) -> None:
        """An upright line at the step that is looked at, or none."""
        self._mark.setVisible(step is not None)
        if step is not None:
            self._mark.setValue(step)

    def set_ghosts(self, curves: Mapping[str, tuple[Array, Array]]) -> None:
        """Other branches' curves, faint, for comparison."""
        for item in self._ghost_items.values():
            self.plot.removeItem(item)
        self._ghosts, self._ghost_items = {}, {}
        for name, (steps, values) in curves.items():
            self._ghosts[name] = Curve(self.smoothing)
            self._ghosts[name].append(steps, values)
            self._ghost_items[name] = pg.PlotCurveItem(antialias=True)
            self.plot.addItem(self._ghost_items[name])
        self._restyle_curves()
        self.refresh()

    def set_best(self, value: float | None) -> None:
        """A dashed line at the least loss any model can reach, or none."""
        if value != self._best:
            self._best = value
            self.refresh()

    def set_log(self, log: bool) -> None:
        """Logarithmic or linear values."""
        self.log = log
        self.refresh()
        self.scale_changed.emit(log)

    def set_smoothing(self, beta: float) -> None:
        """Weight of the past in the average, 0 to 0.99."""
        self.smoothing = min(0.99, max(0.0, beta))
        for curve in (*self.curves.values(), *self._ghosts.values()):
            curve.set_beta(self.smoothing)
        self.refresh()

    @property
    def log_shown(self) -> bool:
        """Whether the values shown are logarithms: a loss that can be negative stays linear."""
        shown = (*self.curves.values(), *self._ghosts.values())
        return self.log and all(not np.any(curve.values <= 0) for curve in shown)

    def refresh(self) -> None:
        """Draw what there is now."""
        self._timer.stop()
        log = self.log_shown
        columns = max(64, self.plot.width())
        shown_low, shown_high, last = np.inf, -np.inf, 1.0
        drawn = [(self._items[name][0], thinned, curve, curve.values) for name, curve in self.curves.items()]
        drawn += [(self._items[name][1], sampled, curve, curve.smooth) for name, curve in self.curves.items()]
        drawn += [(self._ghost_items[name], sampled, ghost, ghost.smooth) for name, ghost in self._ghosts.items()]
        for item, reduce, curve, values in drawn:
            if curve.size:
                x, y = reduce(curve.steps, values, columns)
                y = np.log10(y) if log else np.asarray(y)
                item.setData(x, y, connect="finite")
                # On a linear axis the fall of the first steps would flatten all that follows: it may leave the picture.
                fine = y[len(y) // 10 if not log and len(y) >= MANY else 0 :]
                fine = fine[np.isfinite(fine)]
                if len(fine):
                    shown_low, shown_high = (
                        min(shown_low, float(fine.min())),
                        max(shown_high, float(fine.max())),
                    )
                last = max(last, float(curve.steps[-1]))
        self._draw_best(log)
        if self._floor_line.isVisible():
            level = float(self._floor_line.value())
            shown_low, shown_high = min(shown_low, level), max(shown_high, level)
        if np.isfinite(shown_low):
            self._place_best(*self._room(shown_low, shown_high, last))
        else:  # numbers along empty axes would say something that is not so
            self._axes = NOWHERE
            for side in ("left", "bottom"):
                self.plot.getAxis(side).setTicks([[]])
        self._say(log)

    def _room(self, shown_low: float, shown_high: float, last: float) -> tuple[float, float]:
        """The values (low, high) along the left axis. Axes stay while the curves fill them well: painting new ones
        costs more than the curves do, and an axis that creeps cannot be read."""
        span = max(shown_high - shown_low, 1e-9)
        (low, high, _, log), now_log = self._axes, self.log_shown
        foot = low + (WORDS_ROOM * (high - low) if self._floor_line.isVisible() else 0.0)
        fits = log == now_log and foot <= shown_low and shown_high <= high and span >= WELL_FILLED * (high - low)
        if not fits:
            # Under a line for the best possible loss there is room for its own words.
            low = shown_low - (0.2 if self._floor_line.isVisible() else 0.08) * span
            high = shown_high + 0.08 * span
        unit = 10 ** np.floor(np.log10(last)) / 10
        axes = (low, high, float(np.ceil(last / unit) * unit), now_log)
        if axes != self._axes:
            self._axes = axes
            self.plot.setYRange(low, high, padding=0)
            self.plot.setXRange(0, axes[2], padding=0.01)
            self.plot.plotItem.vb.prepareForPaint()  # now: else the axes move while painted, and all is painted again
            self.plot.getAxis("left").setTicks([ticks(low, high, log=now_log)])
            self.plot.getAxis("bottom").setTicks([ticks(0, axes[2], log=False, count=4)])
        return low, high

    def _later(self, _: object = None) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _draw_best(self, log: bool) -> None:
        fits = self._best is not None and (not log or self._best > 0)
        self._floor_line.setVisible(fits)
        self.best_label.setVisible(fits)
        if fits and self._best is not None:
            self._floor_line.setValue(float(np.log10(self._best)) if log else self._best)
            self.best_label.setText(f"best possible {self._best:.3g}")
            self.best_label.adjustSize()

    def _place_best(self, low: float, high: float) -> None:
        # Computed, not asked: the view box takes a new range only when it is next painted.
        if self._floor_line.isVisible():
            box = self.plot.plotItem.vb.sceneBoundingRect()
            share = (high - float(self._floor_line.value())) / (high - low)
            y = min(round(box.top() + share * box.height()) + 2, self.plot.height() - self.best_label.height())
            self.best_label.move(self.plot.width() - self.best_label.width() - theme().px(10), y)

    def _say(self, log: bool) -> None:
        kind = "log" if log else "linear, as it can be negative" if self.log else "linear"
        smooth = f"smooth {self.smoothing:.2f}".rstrip("0").rstrip(".") if self.smoothing else "raw"
        link = self.header.links["scale"]
        link.setText(f"{kind} · {smooth}")
        link.setAccessibleName(f"Scale and smoothing: {kind}, {smooth}")
        shown = list(self._tones.items()) if len(self._tones) > 1 else []
        self.legend.show_entries([Entry(name, tone) for name, tone in shown])

    def _open_menu(self, _: str = "") -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for word, log in (("Logarithmic", True), ("Linear", False)):
            action = menu.addAction(word)
            action.setCheckable(True)
            action.setChecked(self.log is log)
            action.triggered.connect(lambda _=False, log=log: self.set_log(log))
        menu.addSeparator()
        slider = ThinSlider(height=48, track_at=34)
        slider.title, slider.note = "Smoothing", f"{self.smoothing:.2f}"
        slider.setAccessibleName("Smoothing")
        slider.setToolTip("Weight of the past in the running average, 0 to 0.99")
        slider.set_fraction(self.smoothing / 0.99)

        def smooth(fraction: float) -> None:
            self.set_smoothing(round(0.99 * fraction, 2))
            slider.note = f"{self.smoothing:.2f}"
            slider.set_fraction(fraction)

        slider.moved.connect(smooth)
        slider.nudged.connect(lambda by: smooth(min(1.0, max(0.0, slider.fraction + 0.01 * by))))
        holder = QWidget()
        Stack(holder, pad=(10, 4, 10, 4)).addWidget(slider)
        holder.setMinimumWidth(theme().px(200))
        action = QWidgetAction(menu)
        action.setDefaultWidget(holder)
        menu.addAction(action)
        link = self.header.links["scale"]
        menu.popup(link.mapToGlobal(link.rect().bottomLeft()))

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if event.type() == QEvent.Type.MouseMove:
            self._hover(event.position())  # type: ignore[attr-defined]
        elif event.type() == QEvent.Type.Leave:
            self._cross.hide()
            self.readout.hide()
        elif event.type() == QEvent.Type.Resize:
            self._timer.start()
        return super().eventFilter(watched, event)

    def _hover(self, at: QPointF) -> None:
        step = float(self.plot.plotItem.vb.mapSceneToView(at).x())
        lines = []
        nearest = 0.0
        for name, curve in self.curves.items():
            if curve.size:
                place = int(np.clip(np.searchsorted(curve.steps, step), 0, curve.size - 1))
                nearest = float(curve.steps[place])
                lines.append(f"{name}  {curve.smooth[place]:.4g}  (raw {curve.values[place]:.4g})")
        self._cross.setVisible(bool(lines))
        self.readout.setVisible(bool(lines))
        if lines:
            self._cross.setValue(nearest)
            self.readout.setText("\n".join([f"step {nearest:,.0f}", *lines]))
            self.readout.adjustSize()
            edge = self.plot.width() - self.readout.width() - theme().px(8)
            x = round(at.x()) + theme().px(12)
            self.readout.move(max(0, min(x, edge)), theme().px(6))

    def _restyle(self) -> None:
        look, px = theme(), theme().px
        self.plot.setBackground(look.colour("stage"))
        self._frame.setFixedHeight(px(self._height))
        self.readout.setStyleSheet(
            f"background: {look.tokens.raised}; border: 1px solid {look.tokens.line};padding: {px(3)}px {px(5)}px;"
        )
        for side in ("left", "bottom"):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(None))
            axis.setTickPen(pg.mkPen(look.colour("stage")))  # no tick marks: figures are enough
            axis.setTextPen(look.colour("faint"))
            axis.setTickFont(font(10, tabular=True))
            axis.setStyle(tickLength=0, tickTextOffset=px(4), maxTickLevel=0)
            axis.enableAutoSIPrefix(False)
            if self._unit:
                axis.setLabel("step" if side == "bottom" else self._unit, color=look.colour("faint").name())
                axis.label.setFont(font(10))
        more = px(14) if self._unit else 0
        self.plot.getAxis("left").setWidth(px(36) + more)
        self.plot.getAxis("bottom").setHeight(px(20) + more)
        self._floor_line.setPen(pg.mkPen(look.colour("exact"), width=1.4 * look.scale, dash=[4, 3]))
        self._cross.setPen(pg.mkPen(look.colour("border_hover"), width=look.scale))
        self._mark.setPen(pg.mkPen(look.colour("accent"), width=1.4 * look.scale))
        self._restyle_curves()
        self.refresh()

    def _restyle_curves(self) -> None:
        look = theme()
        for name, (raw, bold) in self._items.items():
            raw.setPen(pg.mkPen(look.colour(self._tones[name], 0.35), width=1))
            bold.setPen(pg.mkPen(look.colour(self._tones[name]), width=2 * look.scale))
        for item in self._ghost_items.values():
            item.setPen(pg.mkPen(look.colour("faint"), width=1.4 * look.scale, dash=[2, 3]))
