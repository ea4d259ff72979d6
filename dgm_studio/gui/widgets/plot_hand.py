"""The hand on a plot: grips that set knobs, bars that are drawn, points that are connected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPen

from dgm_studio.core.arrays import Array
from dgm_studio.core.knobs import Knob, Value
from dgm_studio.core.sketch import Bars, Grip, Plot
from dgm_studio.gui.layers.lens import Lens
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.grip_handle import GripHandle
from dgm_studio.gui.widgets.number_scale import finely, nudge
from dgm_studio.gui.widgets.plot_range import scaled

REACH = 16.0
"""Design pixels within which a point is hit."""
LATEST = 50
"""Milliseconds after which a handle is where the hand is, also without a new sketch."""
OFTEN = 16
"""Milliseconds between two edits of a dragged grip: a mouse tells where it is more often than anything is redrawn."""


@dataclass
class _Drawn:
    """A histogram while it is drawn: which, its heights so far, and the bar the pointer was last over."""

    bars: Bars
    heights: Array
    last: int


class Hand(QObject):
    """`edited({knob: value})` whatever a person does on the plot; values are within their knobs' ranges."""

    edited = Signal(object)

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._plot, self._box = plot, plot.plotItem.vb
        self._knobs: Mapping[str, Knob] = {}
        self._values: Callable[[], Mapping[str, Value]] = dict
        self.handles: list[GripHandle] = []
        self._shown: Plot | None = None
        self._drawn: _Drawn | None = None
        self._pair: tuple[int, QPointF] | None = None
        self._held: dict[int, tuple[float, float]] = {}
        self._late = QTimer(self, singleShot=True, interval=LATEST)
        self._late.timeout.connect(self._follow)
        self._next: tuple[int, QPointF] | None = None
        self._pace = QTimer(self, singleShot=True, interval=OFTEN)
        self._pace.timeout.connect(self._drag_on)
        plot.viewport().installEventFilter(self)

    def offer(self, knobs: Mapping[str, Knob], values: Callable[[], Mapping[str, Value]]) -> None:
        """What can be set on the plot, and how it now stands."""
        self._knobs, self._values = knobs, values

    def show(self, plot: Plot) -> None:
        """The grips of this plot; one that is held stays in the hand."""
        self._shown = plot
        grips = [grip for grip in plot.grips if {grip.across, grip.up} & set(self._knobs)]
        while len(self.handles) < len(grips):
            self._add_handle()
        for handle, grip in zip(self.handles, grips, strict=False):
            handle.describe(grip.name, grip.tone)
            if not handle.held:
                self._put(handle, grip.x, grip.y)
            handle.show()
        self._follow()
        for handle in self.handles[len(grips) :]:
            handle.hide()
        shape = Qt.CursorShape.CrossCursor if self.drawable(plot) else Qt.CursorShape.ArrowCursor
        if self._plot.viewport().cursor().shape() != shape:
            self._plot.viewport().setCursor(shape)

    def drawable(self, plot: Plot) -> list[str]:
        """The knobs that a hand draws on this plot."""
        names = [bars.knob for bars in plot.bars] + ([plot.pairing.knob] if plot.pairing is not None else [])
        return [name for name in names if name in self._knobs]

    def untouched(self) -> dict[str, Value]:
        """These knobs as they are before anybody draws."""
        drawn = self.drawable(self._shown) if self._shown is not None else []
        return {name: self._knobs[name].default for name in drawn}

    def rubber(self, painter: QPainter, lens: Lens, vector: bool) -> None:
        """The line from a point to the pointer while a pair is made."""
        if self._pair is None or self._shown is None or self._shown.pairing is None or vector:
            return
        start = self._pixels(*self._shown.pairing.left[self._pair[0]].tolist())
        painter.setPen(QPen(theme().colour("accent"), 2 * lens.scale))
        painter.drawLine(start, self._pair[1])

    def _follow(self) -> None:
        """Handles to where the hand has them: moving one repaints the plot, so together with it where that is soon."""
        self._late.stop()
        for place, (x, y) in self._held.items():
            self._put(self.handles[place], x, y)
        self._held.clear()

    # Places.

    def _pixels(self, x: float, y: float) -> QPointF:
        """A point of the plot in the viewport's pixels."""
        assert self._shown is not None
        seen, area = self._box.viewRect(), self._box.sceneBoundingRect()
        across = (float(scaled(np.array(x), self._shown.log_x)) - seen.left()) / max(seen.width(), 1e-300)
        up = (float(scaled(np.array(y), self._shown.log_y)) - seen.top()) / max(seen.height(), 1e-300)
        return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())

    def _point(self, at: QPointF) -> tuple[float, float]:
        """The reverse."""
        assert self._shown is not None
        seen, area = self._box.viewRect(), self._box.sceneBoundingRect()
        x = seen.left() + (at.x() - area.left()) / max(area.width(), 1e-300) * seen.width()
        y = seen.top() + (area.bottom() - at.y()) / max(area.height(), 1e-300) * seen.height()
        return (10.0**x if self._shown.log_x else x), (10.0**y if self._shown.log_y else y)

    def _put(self, handle: GripHandle, x: float, y: float) -> None:
        at = self._pixels(x, y)
        if np.isfinite((at.x(), at.y())).all():
            area = self._box.sceneBoundingRect()  # a grip out of sight waits at the edge
            handle.centre_at(
                min(max(at.x(), area.left()), area.right()), min(max(at.y(), area.top()), area.bottom())
            )  # fmt: skip

    # Grips.

    def _add_handle(self) -> None:
        handle, place = GripHandle(self._plot.viewport()), len(self.handles)
        handle.moved.connect(lambda at: self._move_grip(place, at))
        handle.nudged.connect(lambda right, up: self._nudge(place, right, up))
        handle.released.connect(self._settle)
        self.handles.append(handle)

    def _settle(self) -> None:
        """The hand let go: where the scene has it is where it is."""
        self._drag_on()
        self._held.clear()
        if self._shown is not None:
            self.show(self._shown)

    def _grip(self, place: int) -> Grip | None:
        grips = self._shown.grips if self._shown is not None else ()
        grips = tuple(grip for grip in grips if {grip.across, grip.up} & set(self._knobs))
        return grips[place] if place < len(grips) else None

    def _move_grip(self, place: int, at: QPointF) -> None:
        """The first move at once, then the newest one every OFTEN."""
        self._next = place, at
        if not self._pace.isActive():
            self._drag_on()

    def _drag_on(self) -> None:
        if self._next is not None:
            (place, at), self._next = self._next, None
            self._pace.start()
            self._drag(place, at)

    def _drag(self, place: int, at: QPointF) -> None:
        grip = self._grip(place)
        if grip is None:
            return
        x, y = self._point(at)
        edits: dict[str, Value] = {}
        x = self._turn(grip.across, x, grip.from_x, grip.scale, edits, grip.x)
        y = self._turn(grip.up, y, grip.from_y, grip.scale, edits, grip.y)
        self._held[place] = x, y
        if not self._late.isActive():
            self._late.start()
        if any(self._values().get(name) != value for name, value in edits.items()):
            self.edited.emit(edits)

    def _turn(
        self, name: str, to: float, origin: float, scale: float, edits: dict[str, Value], still: float
    ) -> float:  # fmt: skip
        """Set one knob from a coordinate; where the grip then is."""
        knob = self._knobs.get(name)
        if knob is None or not scale:
            return still
        value = edits[name] = finely(knob, (to - origin) / scale)
        return origin + scale * float(value)

    def _nudge(self, place: int, right: int, up: int) -> None:
        grip, now = self._grip(place), self._values()
        if grip is None:
            return
        by, name = (right, grip.across or grip.up) if right else (up, grip.up or grip.across)
        if name in self._knobs and isinstance(now.get(name), (int, float)):
            steps = by if grip.scale > 0 else -by
            self.edited.emit({name: nudge(self._knobs[name], float(now[name]), steps)})

    # Drawing and connecting.

    def eventFilter(self, watched: QObject, event: QEvent, /) -> bool:
        if isinstance(event, QMouseEvent) and self._shown is not None:
            if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                return self._press(event.position())
            if event.type() == QEvent.Type.MouseMove and event.buttons() & Qt.MouseButton.LeftButton:
                return self._move(event.position())
            if event.type() == QEvent.Type.MouseButtonRelease:
                return self._release(event.position())
        return super().eventFilter(watched, event)

    def _press(self, at: QPointF) -> bool:
        assert self._shown is not None
        pairing = self._shown.pairing
        if pairing is not None and (start := self._nearest(pairing.left, at)) is not None:
            self._pair = start, at
            return True
        x, y = self._point(at)
        drawable = [bars for bars in self._shown.bars if bars.knob in self._knobs and _bar(bars, x) is not None]
        if not drawable:
            return False
        # Of two histograms over one another the nearer one is meant.
        bars = min(drawable, key=lambda one: abs(float(one.heights[_bar(one, x) or 0]) - y))
        self._drawn = _Drawn(bars, np.array(bars.heights, dtype=np.float64), _bar(bars, x) or 0)
        return self._move(at)

    def _move(self, at: QPointF) -> bool:
        if self._pair is not None:
            self._pair = self._pair[0], at
            self._plot.viewport().update()
            return True
        if self._drawn is None:
            return False
        drawn, (x, y) = self._drawn, self._point(at)
        place = _bar(drawn.bars, float(np.clip(x, drawn.bars.edges[0], drawn.bars.edges[-1]))) or 0
        # A quick stroke leaves out bars: they get what lies between.
        first, last = sorted((drawn.last, place))
        drawn.heights[first : last + 1] = max(0.0, min(y, self._box.viewRect().bottom()))
        drawn.last = place
        self.edited.emit({drawn.bars.knob: ", ".join(f"{height:.4g}" for height in drawn.heights)})
        return True

    def _release(self, at: QPointF) -> bool:
        pair, self._pair, drawn, self._drawn = self._pair, None, self._drawn, None
        pairing = self._shown.pairing if self._shown is not None else None
        if pair is not None and pairing is not None:
            end = self._nearest(pairing.right, at)
            if end is not None and pairing.knob in self._knobs:
                text = toggled(str(self._values().get(pairing.knob, "")), f"{pair[0]}-{end}")
                self.edited.emit({pairing.knob: text})
            self._plot.viewport().update()
        return pair is not None or drawn is not None

    def _nearest(self, points: Array, at: QPointF) -> int | None:
        """The point under the pointer."""
        away = [(self._pixels(*point) - at).manhattanLength() for point in points.tolist()]
        found = int(np.argmin(away)) if away else 0
        return found if away and away[found] <= REACH * theme().scale else None


def toggled(text: str, pair: str) -> str:
    """A list of pairs such as "0-3, 2-1" with one more, or with one less that was there."""
    pairs = [part.strip() for part in text.split(",") if part.strip()]
    kept = [one for one in pairs if one != pair]
    return ", ".join(kept if len(kept) < len(pairs) else [*pairs, pair])


def _bar(bars: Bars, x: float) -> int | None:
    """The bar over x."""
    if not len(bars.heights) or not bars.edges[0] <= x <= bars.edges[-1]:
        return None
    return int(np.clip(np.searchsorted(bars.edges, x, side="right") - 1, 0, len(bars.heights) - 1))
