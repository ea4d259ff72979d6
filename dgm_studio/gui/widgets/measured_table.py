"""The numbers of measures: grouped by measure, every way to one number below the other, what was pinned beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dgm_studio.core.measured import Measured, exact_of, side_missed, warning
from dgm_studio.gui.theme.theme import font, theme
from dgm_studio.gui.widgets.boxes import Stack
from dgm_studio.gui.widgets.measured_text import explained, floor_text, unit_text, value_text
from dgm_studio.gui.widgets.painted import RIGHT, rounded, smooth, width_of, words

HEAD, WAY, BAR = 28, 19, 11
FLOOR, NAME = 52, 24
"""Design pixels: heights of a group's parts, width of the last column; how far down a measure's name reaches: below it
is its bar alone, which is all that changes while a hand drags."""
LONGEST = "biased, too high"
"""The room of an estimator that declares a bias, whatever its interval says now: its row must not jump."""

Key = tuple[str, str]
"""Measure and method."""


def keyed(found: Sequence[Measured]) -> dict[Key, Measured]:
    """By measure and method; a method that comes again is told from the first by its n."""
    out: dict[Key, Measured] = {}
    for one in found:
        key = (one.measure, one.method)
        if key in out:
            key = (one.measure, f"{one.method}, n = {one.n:,}")
        out[key] = one
    return out


USUAL, EXACT = "0.000 ± 0.000", "0.0000"
"""The room a value needs: a method too long to stand beside it has a line of its own."""


class WayRow(QWidget):
    """One way to a measure's number: method, value with its interval, floor; below it what was pinned."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: Measured | None = None
        self.pinned: Measured | None = None
        self.exact: Measured | None = None
        self._title, self._bits = "", False
        self._drawn: tuple[object, ...] = ()
        self._long = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def show_way(
        self, one: Measured, title: str, pinned: Measured | None, bits: bool, exact: Measured | None = None
    ) -> None:
        """This number; `exact` is the one that it should meet."""
        taller = (pinned is None) != (self.pinned is None)
        self.shown, self.pinned, self._title, self._bits = one, pinned, title, bits
        self.exact = exact
        text, alarm = self.text(), self.warning()
        if taller or self._drawn[1:4] != (one.method, one.bias, alarm):
            self._rescale()
        drawn = (title, one.method, one.bias, alarm, text, floor_text(one, bits), self.tone(), pinned, bits)
        if drawn != self._drawn:
            if drawn[:2] != self._drawn[:2]:
                self.setAccessibleName(f"{title}, {one.method}")
            self._drawn = drawn
            self.setAccessibleDescription(", ".join(part for part in (text, alarm) if part))
            self.update()

    def event(self, event: QEvent, /) -> bool:
        # Written only when it is asked for: numbers change thirty times a second.
        if event.type() == QEvent.Type.ToolTip and self.shown is not None:
            self.setToolTip(explained(self.shown, self._title, self._bits, self.exact))
        return super().event(event)

    def text(self) -> str:
        """The value as shown."""
        return "" if self.shown is None else value_text(self.shown, self._bits)

    def warning(self) -> str:
        """The word of alarm beside the method."""
        return "" if self.shown is None else warning(self.shown, self.exact)

    def tone(self) -> str:
        """The value's colour: known exactly, estimated, beside the exact value, or no more than noise."""
        if self.shown is not None and side_missed(self.shown, self.exact):
            return "error"
        if self.shown is None or self.shown.within_noise:
            return "faint"
        return "text" if self.shown.n else "exact"

    def resizeEvent(self, event: QResizeEvent, /) -> None:
        super().resizeEvent(event)
        self._rescale()

    def _rescale(self) -> None:
        px, method = theme().px, "" if self.shown is None else self.shown.method
        exact = self.shown is not None and not self.shown.n
        value = width_of(EXACT if exact else USUAL, font(12, 600, tabular=True))
        alarm = LONGEST if self.shown is not None and self.shown.bias else self.warning()
        beside = width_of(alarm, font(11.5)) + px(6) if alarm else 0
        self._long = width_of(method, font(11.5)) + beside + px(10) + value > self.width() - px(FLOOR)
        high = px(WAY * (1 + self._long + (self.pinned is not None)))
        if high != self.height() or self.minimumHeight() != high:
            self.setFixedHeight(high)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), self.height())

    def paintEvent(self, event: QPaintEvent, /) -> None:
        if self.shown is None:
            return
        px, method = theme().px, self.shown.method
        painter = smooth(self)
        alarm = self.warning()
        room = width_of(alarm, font(11.5)) + px(2) if alarm else 0
        end = min(width_of(method, font(11.5)), self.width() - room - px(10))
        words(painter, QRect(0, 0, end, px(WAY)), method, font(11.5), theme().colour("dim"))
        if alarm:
            # A declared bias is a fact about every such row; red is kept for the rows that it has misled.
            tone = theme().colour("error" if side_missed(self.shown, self.exact) else "text")
            words(painter, QRect(end + px(6), 0, room, px(WAY)), alarm, font(11.5), tone)
        top = px(WAY) if self._long else 0
        self._numbers(painter, top, self.text(), floor_text(self.shown, self._bits), self.tone())
        if self.pinned is not None:
            top += px(WAY)
            words(painter, QRect(px(14), top, px(80), px(WAY)), "pinned", font(11.5), theme().colour("dim"))
            text, floor = value_text(self.pinned, self._bits), floor_text(self.pinned, self._bits)
            self._numbers(painter, top, text, floor, "dim", weight=500)
        painter.end()

    def _numbers(self, painter: QPainter, top: int, text: str, floor: str, tone: str, weight: int = 600) -> None:
        """The value, and in a column of its own its floor."""
        look, px, high = theme(), theme().px, theme().px(WAY)
        end = self.width() - px(FLOOR)
        words(painter, QRect(0, top, end, high), text, font(12, weight, tabular=True), look.colour(tone), RIGHT)
        if floor:
            words(painter, QRect(end, top, px(FLOOR), high), floor, font(11, tabular=True), look.colour("faint"), RIGHT)


class MeasureHead(QWidget):
    """A measure's name and unit; below them a bar: noise floor grey, interval of the first estimate, exact tick."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title, self._unit = title, ""
        self._ways: Sequence[Measured] = ()
        self._bar: tuple[object, ...] = ()
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._rescale)
        self._rescale()

    def show_ways(self, ways: Sequence[Measured], bits: bool, help_text: str) -> None:
        """The numbers of this measure."""
        bar = tuple((one.n, one.value, one.low, one.high, one.floor) for one in ways)
        unit = unit_text(ways[0], bits)
        if unit != self._unit or self.toolTip() != help_text:
            self.setToolTip(help_text)
            self.update()
        elif bar != self._bar:
            self.update(0, theme().px(NAME), self.width(), self.height() - theme().px(NAME))
        self._ways, self._unit, self._bar = ways, unit, bar

    def _rescale(self) -> None:
        self.setFixedHeight(theme().px(HEAD + BAR))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(200), self.height())

    def paintEvent(self, event: QPaintEvent, /) -> None:
        look, px = theme(), theme().px
        painter = smooth(self)
        if event.rect().top() < px(NAME):
            face = font(11)
            room = width_of(self._unit, face) if self._unit else 0
            words(painter, QRect(0, 0, self.width() - room - px(8), px(HEAD)), self._title, font(12.5, 600),
                  look.colour("text"))  # fmt: skip
            words(painter, QRect(self.width() - room, 0, room, px(HEAD)), self._unit, face, look.colour("faint"), RIGHT)
        self._paint_bar(painter)
        painter.end()

    def _paint_bar(self, painter: QPainter) -> None:
        look, px = theme(), theme().px
        track = QRectF(0, px(HEAD), self.width(), px(5))
        radius = track.height() / 2
        rounded(painter, track, radius, look.colour("line"))
        top = _end_of_scale(self._ways)
        estimate = next((one for one in self._ways if one.n), None)
        exact = exact_of(self._ways)
        if estimate is not None and estimate.floor is not None and estimate.floor > 0:
            rounded(painter, _part(track, 0.0, estimate.floor / top), radius, look.colour("band"))
        if estimate is not None and not math.isnan(estimate.value):
            tone = "error" if side_missed(estimate, exact) else "accent"
            rounded(painter, _part(track, estimate.low / top, estimate.high / top), radius, look.colour(tone, 0.6))
            at = _part(track, estimate.value / top, estimate.value / top).center().x()
            rounded(painter, QRectF(at - px(1.5), track.top() - px(2), px(3), track.height() + px(4)), px(1),
                    look.colour(tone))  # fmt: skip
        if exact is not None:
            at = _part(track, exact.value / top, exact.value / top).center().x()
            rounded(painter, QRectF(at - px(1), track.top() - px(3), px(2), track.height() + px(6)), px(1),
                    look.colour("exact"))  # fmt: skip


def _part(track: QRectF, low: float, high: float) -> QRectF:
    """A stretch of the bar, never shorter than it is thick; infinity is its end."""
    ends = [min(1.0, max(0.0, end)) if not math.isnan(end) else 0.0 for end in (low, high)]
    left, right = (track.left() + end * track.width() for end in ends)
    thick = track.height()
    middle = min(max((left + right) / 2, track.left() + thick / 2), track.right() - thick / 2)
    half = max((right - left) / 2, thick / 2)
    left, right = max(track.left(), middle - half), min(track.right(), middle + half)
    return QRectF(left, track.top(), right - left, thick)


def _end_of_scale(ways: Sequence[Measured]) -> float:
    """1, 2 or 5 times a power of ten, not below any finite number: the scale stays while numbers move a little."""
    numbers = [number for one in ways for number in (one.value, one.high, one.floor or 0.0)]
    most = max((number for number in numbers if math.isfinite(number)), default=0.0)
    if most <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(most))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= most * 0.999)


class MeasuredTable(QWidget):
    """Rows are made anew only when the ways do; else only their numbers change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stack = Stack(self, gap=0)
        self.heads: dict[str, MeasureHead] = {}
        self.rows: dict[Key, WayRow] = {}

    def show_measured(
        self, found: Sequence[Measured], titles: Mapping[str, str], helps: Mapping[str, str],
        pinned: Mapping[Key, Measured], bits: bool,
    ) -> None:  # fmt: skip
        """These numbers, in the order in which their measures first come."""
        groups: dict[str, dict[Key, Measured]] = {}
        for key, one in keyed(found).items():
            groups.setdefault(one.measure, {})[key] = one
        if [key for ways in groups.values() for key in ways] != list(self.rows):
            self._rebuild(groups, titles)
        for name, ways in groups.items():
            title = titles.get(name, name)
            exact = exact_of(ways.values())
            self.heads[name].show_ways(list(ways.values()), bits, helps.get(name, title))
            for key, one in ways.items():
                self.rows[key].show_way(one, title, pinned.get(key), bits, exact)

    def _rebuild(self, groups: Mapping[str, Mapping[Key, Measured]], titles: Mapping[str, str]) -> None:
        for part in (*self.heads.values(), *self.rows.values()):
            self._stack.removeWidget(part)
            part.hide()
            part.deleteLater()
        self.heads, self.rows = {}, {}
        for name, ways in groups.items():
            self.heads[name] = MeasureHead(titles.get(name, name))
            self._stack.addWidget(self.heads[name])
            for key in ways:
                self.rows[key] = WayRow()
                self._stack.addWidget(self.rows[key])
