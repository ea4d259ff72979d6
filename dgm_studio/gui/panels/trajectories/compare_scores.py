"""What the films of a comparison are worth: their table, and their errors against evaluations in a plot."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from dgm_studio.gui.link import Link
from dgm_studio.gui.panels.trajectories.compare_errors import ErrorLanes, error_plot, slope_of
from dgm_studio.gui.panels.trajectories.compare_lineup import Lineup
from dgm_studio.gui.panels.trajectories.compare_readouts import CompareReadouts
from dgm_studio.gui.theme.theme import theme
from dgm_studio.gui.widgets.plot_card import PlotCard


class Scores(QObject):
    """Errors are measured once all films are there and judged, and only while their plot is wanted."""

    failed = Signal(object)

    def __init__(self, lineup: Lineup, link: Link, parent: QObject) -> None:
        super().__init__(parent)
        self.table = CompareReadouts()
        self.plot = PlotCard(wide=True)
        self.errors = ErrorLanes(link, self)
        self.wanted = True
        self._lineup = lineup
        self._heads: list[str] = []
        self._measured = False
        self.errors.changed.connect(lambda: self.show(self._heads))
        self.errors.failed.connect(self.failed)
        theme().changed.connect(self._recolour)
        self._recolour()

    @property
    def busy(self) -> bool:
        """Whether points of the plot are still to come."""
        return self.errors.busy

    def begin(self) -> None:
        """Other films: what was measured is forgotten."""
        self._measured = False
        self.errors.forget()

    def follow(self, count: int, seed: int) -> None:
        """Measure, if it is time to."""
        if self.wanted and not self._measured and self._lineup.judged:
            self._measured = True
            self.errors.measure(self._lineup.entries(), count, seed)

    def set_wanted(self, on: bool) -> None:
        """Show or hide the plot; what is hidden is not measured."""
        self.wanted = on
        self.plot.setVisible(on)

    def show(self, heads: Sequence[str]) -> None:
        """The numbers of the films that bear these heads."""
        self._heads = list(heads)
        lanes = self._lineup.lanes
        if len(lanes) != len(heads) or not lanes:
            return
        tones = [theme().class_colour(place).name() for place in range(len(lanes))]
        self.table.show_lanes(heads, [lane.measures for lane in lanes], self._lineup.making)
        names = self._lineup.curves()
        curves, seen = [], set()
        for place in range(len(lanes)):
            points = self.errors.of(place)
            self.table.show_order(place, slope_of(points), points, busy=self.errors.busy)
            curve = self.errors.curve_of.get(place)
            if points and curve not in seen:
                seen.add(curve)
                curves.append((names[place], tones[place], points))
        films = [(tone, lane.measures) for tone, lane in zip(tones, lanes, strict=True) if lane.measures is not None]
        self.plot.set_plot(error_plot(curves, films))

    def _recolour(self) -> None:
        self.show(self._heads)  # colours of classes are the theme's
