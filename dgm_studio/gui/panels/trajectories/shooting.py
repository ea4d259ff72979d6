"""What is filmed, what its film was made with, and what the next one would be made with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject

from dgm_studio.core.arrays import Array
from dgm_studio.core.exact_source import OF_LANE, exact_source
from dgm_studio.core.knobs import Value
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.gui.film_lane import FilmLane, Past
from dgm_studio.gui.film_source import FilmSource, film_in_data_units
from dgm_studio.gui.panels.trajectories.guests import Guests
from dgm_studio.gui.panels.trajectories.probe import Place
from dgm_studio.gui.panels.trajectories.settings import EXACT, LEARNED, Settings
from dgm_studio.gui.panels.trajectories.shot import Shot
from dgm_studio.gui.panels.trajectories.subject import Subject, of_run
from dgm_studio.gui.studio import Studio

COPIES = 500
"""Of a datum that is carried to noise: their mean and spread can be told from the exact ones to some five per cent."""
FILM_LANE, PROBE_LANE, LINE_LANE = "film", "probe", "probe-line"


class Shooting(QObject):
    """The current run's model, frozen as it was when the film began, or a guest's: a denoiser of points in another
    program's file."""

    def __init__(self, studio: Studio, guests: Guests, parent: QObject) -> None:
        super().__init__(parent)
        self.lane = FilmLane(studio.link, FILM_LANE, self)
        self.probe_lane = FilmLane(studio.link, PROBE_LANE, self)
        self.line_lane = FilmLane(studio.link, LINE_LANE, self)
        self.settings = Settings()
        self.shot: Shot | None = None
        """What the present film was made with."""
        self._studio, self._guests = studio, guests
        self._own: dict[int | str, dict[str, Value]] = {}
        """Sampling values that were set here, by whose they are."""

    def subject(self) -> Subject | None:
        """The guest, else the run."""
        guest = self._guests.now
        return guest.subject() if guest is not None else of_run(self._studio)

    @property
    def on_line(self) -> bool:
        """Whether the subject's points lie on a line: the stage may still show an earlier film's in the plane."""
        subject = self.subject()
        return subject is not None and subject.columns == 1

    def can(self, capability: str) -> bool:
        """Whether the subject's model shows that."""
        subject = self.subject()
        return subject is not None and capability in subject.shows

    def set_sampling(self, name: str, value: Value) -> None:
        """A Sampling value of the subject; the run's own stays as it is."""
        if (subject := self.subject()) is not None:
            self._own.setdefault(subject.id, {})[name] = value

    def wanted(self) -> Shot | None:
        """What a film made now would be made with."""
        subject = self.subject()
        if subject is None or self._studio.catalogue is None:
            return None
        return subject.shot(self.settings, self._own.get(subject.id, {}))

    def shoot(self) -> None:
        """Make a film of the model as it is now."""
        shot, subject = self.wanted(), self.subject()
        if shot is not None and subject is not None:
            self.shot = shot
            how = {"count": shot.count, "seed": shot.seed, "exact": shot.exact, "forward": shot.forward}
            source = exact_source(shot.path, f"{OF_LANE}{subject.source}") if shot.path else subject.source
            self.lane.shoot(source, _of_film(shot), choice=subject.choice, **how)  # type: ignore[arg-type]

    def shoot_branch(self, shot: Shot, start: Array, past: Past) -> None:
        """Go on with the whole film's frozen model from points (n, d) at the time that the shot says."""
        self.shot = shot
        how = {"count": shot.count, "seed": shot.seed, "exact": shot.exact, "start_time": shot.branch}
        self.lane.shoot(FILM_LANE, shot.sampling, start=start, past=past, **how)  # type: ignore[arg-type]

    def take_up(self, shot: Shot) -> None:
        """A film that was made so is in front again: what is set is what it was made with."""
        self.shot = shot
        self.settings = replace(self.settings, field=EXACT if shot.exact else LEARNED)
        for name, value in shot.sampling.items():
            self.set_sampling(name, value)

    def shoot_probe(self, place: Place) -> None:
        """One particle from that place, as the present film's; of the forward process COPIES of that datum."""
        self._shoot_from(self.probe_lane, place)

    def shoot_line(self, x: float) -> None:
        """The same of a place on a line."""
        self._shoot_from(self.line_lane, (x,))

    def _shoot_from(self, lane: FilmLane, place: tuple[float, ...]) -> None:
        shot, subject = self.shot, self.subject()
        if shot is None or subject is None or shot.run != subject.id:
            return
        # A place that waited for its turn may be one of the run's before, in another space.
        if len(place) == (subject.columns if shot.forward else subject.noise):
            start = np.repeat([place], COPIES if shot.forward else 1, axis=0)
            how = {"count": len(start), "seed": shot.seed, "exact": shot.exact, "forward": shot.forward}
            lane.shoot(FILM_LANE, _of_film(shot), start=start, **how)  # type: ignore[arg-type]

    def begin(self) -> Shot:
        """The first frame is here: the worker has said which training step it has filmed."""
        assert self.shot is not None
        if not self.shot.path:  # else the run's model takes no part in it
            self.shot = self.shot.as_of(self.lane.step)
        return self.shot

    def take(self, report: PointModelReport) -> None:
        """A guest is open, and what it is sampled with is known."""
        assert self.shot is not None
        self.shot = replace(self.shot, sampling=dict(report.sampling))

    def source(self, index: int, show: Callable[[int], None], ready: Callable[[], bool]) -> FilmSource:
        """The film as far as it is there, in the data's own units, and how it is shown."""
        assert self.shot is not None
        film = partial(film_in_data_units, self.lane.film(), self.shot.data)
        return FilmSource(film, len(self.lane.frames), index, show, ready)


def _of_film(shot: Shot) -> Mapping[str, Value]:
    """The Sampling values of what is filmed: along another path than the model's own only how many steps there are."""
    steps = {name: value for name, value in shot.sampling.items() if name == "steps"}
    return steps if shot.path else shot.sampling
