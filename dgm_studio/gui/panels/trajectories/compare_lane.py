"""One lane of a comparison: a film, the small stage that shows it, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.comparing import FilmMeasures
from dgm_studio.core.film import Frame
from dgm_studio.core.knobs import Knob, Value
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import Failure
from dgm_studio.gui.film_lane import FilmLane
from dgm_studio.gui.layers.cloud import CloudLayer
from dgm_studio.gui.layers.colouring import by_origin, by_time
from dgm_studio.gui.layers.paths import PathsLayer
from dgm_studio.gui.layers.samples import SamplesLayer
from dgm_studio.gui.link import Link
from dgm_studio.gui.panels.trajectories.compare_clock import clock_of, frame_at
from dgm_studio.gui.panels.trajectories.compare_lanes import RUN, Contender
from dgm_studio.gui.panels.trajectories.pictures import Pictures
from dgm_studio.gui.panels.trajectories.settings import ORIGIN, PLAIN, TIME
from dgm_studio.gui.panels.trajectories.subject import AXES
from dgm_studio.gui.stage import Stage
from dgm_studio.gui.widgets.chip import ChipRow

LANE = "compare-{}"
DOT, DATA_DOT, WAYS = 3.0, 2.0, 60
"""Diameters of particles and data, and how many whole ways are drawn: a stage of a quarter the size holds less."""
RESOLUTION = 48
"""Of what is drawn of the model: a lane's stage is small, and there are four."""


class CompareLane(QObject):
    """Films what it is told to, with its end judged; shows the frame of any moment of the common clock."""

    advanced = Signal()
    """More frames are here."""

    changed = Signal()
    """It began, ended, failed, was opened or judged."""

    def __init__(
        self, place: int, stage: Stage, chips: ChipRow, link: Link, moving: Callable[[], bool], parent: QObject
    ) -> None:
        """`moving()` says whether the common clock moves."""
        super().__init__(parent)
        self._moving = moving
        self.place = place
        self.stage = stage
        self.film = FilmLane(link, LANE.format(place + 1), self)
        self.contender = Contender()
        self.report: PointModelReport | None = None
        """Of what is no lane of this studio, once it is open."""
        self.measures: FilmMeasures | None = None
        self.failure: Failure | None = None
        self.told_failure = False
        """Whether a person has been told of it."""
        self.clock: Array = np.zeros(0)
        self._index, self._colour = -1, PLAIN
        self._tinted = "sample"
        self.particles, self.ways = stage.layer("samples"), stage.layer("paths")
        assert isinstance(self.particles, SamplesLayer)
        assert isinstance(self.ways, PathsLayer)
        self.ways.set_tail(self.ways.length, WAYS)
        for name, size in (("samples", DOT), ("data", DATA_DOT)):
            layer = stage.layer(name)
            assert isinstance(layer, CloudLayer)
            layer.diameter = size
        sizes = (RESOLUTION, 2 * RESOLUTION)
        self.pictures = Pictures(stage, chips, None, self.film, self.asks, sizes, self)
        self.film.told.connect(self._told)
        self.film.started.connect(lambda _: self._begin())
        self.film.frame.connect(self._add)
        self.film.advanced.connect(self._advance)
        self.film.finished.connect(self._finish)
        self.film.failed.connect(self._fail)
        self.film.measured.connect(self._judge)

    # What it films.

    def shoot(
        self, contender: Contender, run: str, sampling: Mapping[str, Value], count: int, seed: int, *, again: bool
    ) -> None:
        """Film it with these Sampling values. `run` is the lane of the studio's run; `again` films the model that was
        frozen here last time, which is the same one, rather than the run as it is now."""
        frozen_here = again and contender.source == self.contender.source and bool(self.film.frames)
        if contender.source != self.contender.source:
            self.report = None
        self.contender, self.measures, self.failure, self.told_failure = contender, None, None, False
        self.clock = np.zeros(0)
        self.pictures.forget()
        source = self.film.name if frozen_here else run if contender.source == RUN else contender.source
        self.pictures.exact = contender.exact
        how = {"count": count, "seed": seed, "exact": contender.exact}
        self.film.shoot(source, sampling, **how, brownian=True, judged=True)  # type: ignore[arg-type]
        self._tinted = "exact" if contender.exact or self._known else "sample"
        self.changed.emit()

    def forget(self) -> None:
        """It is not in use: show nothing, ask for nothing, and let its frames go."""
        self.pictures.sleep()
        self.pictures.forget()
        self.pictures.clear()
        self.film.forget()
        self.contender, self.report, self.measures, self.failure = Contender(), None, None, None
        self.clock = np.zeros(0)

    @property
    def complete(self) -> bool:
        """Whether no frame is to come, though it may still be judged."""
        return not self.film.making or (bool(self.film.frames) and len(self.film.frames) >= self.film.total)

    @property
    def judged(self) -> bool:
        """Whether its error is known, or will never be."""
        return not self.film.making or (self.measures is not None and self.measures.error is not None)

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The Sampling of what is no lane of this studio, once it is open."""
        return self.report.knobs if self.report is not None else ()

    @property
    def _known(self) -> bool:
        return self.report is not None and bool(self.report.exact) and not self.report.parameters

    def _told(self, report: PointModelReport) -> None:
        self.report = report
        self.stage.set_line(report.columns == 1)
        self._tinted = "exact" if self._known else "sample"
        self.changed.emit()

    def _begin(self) -> None:
        self.pictures.clear()
        self.clock, self._index = np.zeros(0), -1
        for layer in (self.particles, self.ways):
            layer.set_tint(self._tinted)
        self.stage.set_message("")
        self.changed.emit()

    def _add(self, frame: Frame) -> None:
        for layer in (self.particles, self.ways):
            layer.append(frame.x[:, :AXES], frame.t)
        if len(self.film.frames) == 1:
            self._dye()

    def _advance(self) -> None:
        self.clock = clock_of([frame.t for frame in self.film.frames])
        self.advanced.emit()

    def _finish(self) -> None:
        frames = self.film.frames
        if self.report is not None and not self.report.exact and frames:
            self.pictures.frame_film(frames[0].x[:, :AXES], frames[-1].x[:, :AXES])
        self.changed.emit()

    def _fail(self, failure: Failure) -> None:
        if self.film.making:
            return  # of one of its pictures
        self.failure = failure
        if not self.film.frames:
            self.pictures.clear()
            self.clock = np.zeros(0)
            self.stage.set_message("This film could not be made.")
        self.changed.emit()

    def _judge(self, measures: FilmMeasures) -> None:
        self.measures = measures
        self.changed.emit()

    # What it shows.

    @property
    def frame(self) -> Frame | None:
        """The one that is shown."""
        return self.film.frames[self._index] if 0 <= self._index < len(self.film.frames) else None

    def show_moment(self, time: float) -> None:
        """The newest frame that has begun by then."""
        self._index = frame_at(self.clock, time)
        frame = self.frame
        if frame is None:
            return
        self.stage.set_frame(self._index)
        self.pictures.moving = self._moving()
        self.pictures.show()

    def set_colour(self, name: str) -> None:
        """What the colour of a particle says: of films from the same noise the same origin has the same one."""
        if name != self._colour:
            self._colour = name
            self._dye()

    def _dye(self) -> None:
        name, frames = self._colour, self.film.frames
        told = by_time() if name == TIME else by_origin(frames[0].x[:, :AXES]) if name == ORIGIN and frames else None
        for layer in (self.particles, self.ways):
            layer.set_colouring(told)

    @property
    def painted(self) -> bool:
        """Whether all that is visible has been drawn for the frame shown."""
        return self.frame is None or self.pictures.complete()

    def set_tails(self, steps: int, of: int) -> None:
        """How many frames back particles leave a trace in a film of so many; here as long a time."""
        own = max(1, round(steps * self.film.total / of)) if steps and of else 0
        if own != self.particles.tails:
            self.particles.set_tails(own)

    def asks(self) -> tuple[Ask, ...]:
        """The visible layers' at the time of the frame shown."""
        frame = self.frame
        resolution = RESOLUTION if self._moving() or self.film.making else 2 * RESOLUTION
        layered = self.stage.asks(resolution, frame.t if frame is not None else 1.0)
        return tuple(ask for ask in layered if ask.view != "samples")  # those come with the film
