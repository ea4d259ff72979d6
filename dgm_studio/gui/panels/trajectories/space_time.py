"""Space and time of a film of points on a line: the second picture of the Film mode."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import EXACT, LEARNED, Ask
from dgm_studio.core.film import Frame
from dgm_studio.core.reports import Picture, Refusal
from dgm_studio.gui.layers.over_time import KINDS, MapOverTime, MarginalOverTime, heights
from dgm_studio.gui.panels.trajectories.shooting import Shooting
from dgm_studio.gui.panels.trajectories.time_probe import TimeProbe
from dgm_studio.gui.panels.trajectories.time_stage import TimeStage
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.widgets.chip import ChipRow

NOT_HERE = "Not part of the picture of space and time: switch that off under Picture to see it."
VIEW = "space_time"
OUTER = 0.002
"""Share of the points at either end that may lie outside the picture."""
MARGIN = 0.06
LEAST_ROOM = 0.1
"""Beyond the outermost of them at either end: all of them may be one point."""


class SpaceTime(QObject):
    """A stage in the place of the plane's or the line's own, with the same chips. `on` says which one is seen."""

    def __init__(self, plain: Stage, chips: ChipRow, shooting: Shooting, resolution: int, parent: QObject) -> None:
        super().__init__(parent)
        self.stage = TimeStage()
        self.on = False
        self._plain, self._chips, self._shooting, self._resolution = plain, chips, shooting, resolution
        self._times: list[float] = []
        self._places: list[Array] = []
        self._span = (-4.0, 4.0)
        self._known, self._paths = False, True
        self._data: Array = np.zeros(0)
        self.probe = TimeProbe(self.stage, shooting.line_lane, shooting.shoot_line, self)
        self.of_plane = shooting.probe_lane
        self.stage.hide()
        plain.layers_changed.connect(self._heed)
        lane = shooting.lane
        lane.started.connect(self._begin)
        lane.frame.connect(self._add)
        lane.finished.connect(self._frame)
        lane.picture.connect(self._take)
        lane.refusal.connect(self._take)

    def show(self, on: bool) -> None:
        """This picture, or the other."""
        if on != self.on:
            self.on = on
            self._plain.setVisible(not on)
            self.stage.setVisible(on)
            for name, chip in self._chips.chips.items():  # the others would be a crowd of grey ones
                chip.setVisible(not on or name in KINDS)
            # The classical figure has the ways on it; the plane's own picture is as it was left.
            paths = self._chips.chips["paths"]
            self._paths, wanted = paths.isChecked(), self._paths
            paths.setChecked(wanted)
            self._plain.show_layer("paths", wanted and paths.isEnabled())
            self._heed()
            if on and self._times:
                self._send_probe()

    def reasons(self) -> dict[str, str]:
        """Why chips are grey while this picture is seen: all that is no part of it; on a plain line there would be no
        room for paths, here there is."""
        elsewhere = {name: NOT_HERE for name in self._chips.chips if name not in KINDS}
        subject, probe = self._shooting.subject(), ""
        if subject is not None and subject.noise != 1:
            probe = f"The noise of {subject.title} has {subject.noise} axes, so no place on the line can be its start."
        return {**elsewhere, "paths": "", "probe": probe}

    def asks(self) -> tuple[Ask, ...]:
        """What is wanted of the film's model."""
        seen = {name for name in ("density", "exact") if self._plain.layer(name).isVisible()}  # as the chips stand
        box = (*self._span, 0.0, 1.0)
        variants = [self._variant if "density" in seen else "", EXACT if "exact" in seen else ""]
        wanted = [Ask(VIEW, variant, box, self._resolution) for variant in dict.fromkeys(variants) if variant]
        return (Ask("data"), *wanted) if self._places else (Ask("data"),)

    @property
    def _variant(self) -> str:
        return EXACT if self._known else LEARNED

    # The film.

    def _begin(self, _: int) -> None:
        """Another film: of what is known, or of what was learned."""
        self._known = self._shooting.shot is not None and self._shooting.shot.known
        self._times, self._places = [], []
        for layer in self.stage.parts:
            layer.set_film(self._times, self._places, 0)
            if isinstance(layer, MapOverTime):
                layer.forget()
                layer.set_exact(self._known or layer.id == EXACT)
            if layer.token == "sample":
                layer.set_tint("exact" if self._known else layer.token)
        self.stage.show_time(None)

    def _add(self, frame: Frame) -> None:
        if frame.x.shape[1] == 1:
            self._times.append(frame.t)
            self._places.append(frame.x[:, 0])
            if len(self._places) == 1:
                self._frame()
                if self.on:
                    self._send_probe()

    def show_frame(self, index: int) -> None:
        """Stand there."""
        if self._times:
            for layer in self.stage.parts:
                layer.set_frame(index)
            self.stage.show_time(self._times[min(index, len(self._times) - 1)])

    def _send_probe(self) -> None:
        """The chosen point's way, as the film's."""
        shot = self._shooting.shot
        if shot is not None and self.stage.layer("probe").isVisible():
            self.probe.begin(forward=bool(shot.forward))

    # What comes.

    def _take(self, one: Picture | Refusal) -> None:
        if isinstance(one, Picture) and one.ask.view == "data" and one.arrays["points"].shape[1] == 1:
            self.stage.layer("data").accept(one)
            self._data = one.arrays["points"][:, 0]
            self._frame()
        if one.ask.view != VIEW:
            return
        of_map = self.stage.layer("density"), self._variant
        of_lines = self.stage.layer("exact"), EXACT
        for layer, variant in (of_map, of_lines):
            assert isinstance(layer, MapOverTime)
            if one.ask.variant == variant and isinstance(one, Picture):
                layer.accept(one)
                self.stage.layer(MarginalOverTime.id).changed()
            elif one.ask.variant == variant and isinstance(one, Refusal):
                layer.forget()
                self._chips.chips[layer.id].setToolTip(one.reason)

    def _heed(self) -> None:
        """The chips stand for the layers of either picture."""
        for layer in self.stage.layers:
            if layer.id in self._chips.chips:
                self.stage.show_layer(layer.id, self._plain.layer(layer.id).isVisible())
        self.stage.layer(MarginalOverTime.id).changed()  # it shows what the maps say

    def _frame(self) -> None:
        """See all of x where particles are or were at either end, and the data."""
        seen = [part for part in (self._data, *self._places[:1], *self._places[-1:]) if len(part)]
        ends = np.array([np.quantile(part[np.isfinite(part)], [OUTER, 1 - OUTER]) for part in seen if len(part)])
        if not len(ends):
            return
        low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
        room = max(MARGIN * (high - low), LEAST_ROOM)
        self._span = _round(low - room), _round(high + room)
        most = 1.15 * max(float(heights(part, self._span)[1].max(initial=0.0)) for part in seen)
        for layer in self.stage.parts:
            layer.set_scale(self._span, most)
        self.stage.set_span(self._span)


def _round(place: float) -> float:
    """To a tenth, so that a film and the next one mostly ask for the same map."""
    return round(place * 10) / 10
