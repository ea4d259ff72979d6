"""The window's side of a race: what is known of its runs, and the commands that can be sent to it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.ask import Ask
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Answer, Picture, RaceReport, Refusal
from dgm_studio.core.requests import Cancel, Look, Pace, Pause, Play, Race, SaveRunner
from dgm_studio.core.snapshot import DONE, PAUSED, PLAYING, Snapshot
from dgm_studio.gui.link import Link


class RaceLane(QObject):
    """One race by lane name. Steps and seconds are those of each run, read back from the worker."""

    reported = Signal(object)
    """A RaceReport: a new race, or a run that is out."""

    advanced = Signal()
    """Steps or seconds have moved on."""

    values = Signal(object)
    """{"runner/name": (steps, values)} since the last."""

    picture = Signal(object)
    refusal = Signal(object)
    failed = Signal(object)
    state_changed = Signal(str)
    saved = Signal(str)

    def __init__(self, link: Link, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.report: RaceReport | None = None
        self.state = PAUSED
        self.steps: list[int] = []
        self.seconds: list[float] = []
        self._asks: tuple[Ask, ...] = ()
        self._link = link
        self._sent = 0
        self._saving = 0
        link.snapshot.connect(self._take)
        link.failed.connect(self._fail)

    @property
    def playing(self) -> bool:
        """Whether it runs."""
        return self.state == PLAYING

    def start(self, recipes: tuple[Recipe, ...], pace: str) -> None:
        """Line up at step 0, paused."""
        self.report = None
        self._sent = self._link.send(Race(self.name, recipes, pace, self._asks))

    def end(self) -> None:
        """Forget the race."""
        self.report, self.steps, self.seconds = None, [], []
        self._link.send(Cancel(self.name))

    def play(self, steps: int | None = None) -> None:
        """So many beats of all together, or without end."""
        self._link.send(Play(self.name, steps))

    def pause(self) -> None:
        """Stop after the beat that runs."""
        self._link.send(Pause(self.name))

    def set_pace(self, pace: str) -> None:
        """Keep another clock equal."""
        self._link.send(Pace(self.name, pace))

    def save(self, runner: int, path: str) -> None:
        """One run as a checkpoint; `saved` tells when it is on disk."""
        self._saving = self._link.send(SaveRunner(self.name, runner, path))

    def look(self, asks: tuple[Ask, ...]) -> None:
        """What is visible; sent only when it changed."""
        if asks != self._asks:
            self._asks = asks
            if self.report is not None:
                self._link.send(Look(self.name, asks))

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.lane != self.name or snapshot.opened < self._sent or snapshot.state == DONE:
            return
        for report in snapshot.reports:
            if isinstance(report, RaceReport):
                fresh = self.report is None
                self.report = report
                if fresh:
                    self.steps, self.seconds = [0] * len(report.runs), [0.0] * len(report.runs)
                    self._link.send(Look(self.name, self._asks))
                self.reported.emit(report)
            elif isinstance(report, Answer) and report.request == self._saving:
                self.saved.emit(str(report.value))
        if self.report is None:
            return
        for name, (steps, values) in snapshot.values.items():
            runner, _, what = name.partition("/")
            if what == "seconds":
                self.steps[int(runner)], self.seconds[int(runner)] = int(steps[-1]), float(values[-1])
        if snapshot.values:
            self.values.emit(snapshot.values)
            self.advanced.emit()
        for picture in snapshot.pictures.values():
            if isinstance(picture, Picture):
                self.picture.emit(picture)
            elif isinstance(picture, Refusal):
                self.refusal.emit(picture)
        if snapshot.state != self.state:
            self.state = snapshot.state
            self.state_changed.emit(self.state)

    def _fail(self, lane: str, failure: object) -> None:
        if lane == self.name or getattr(failure, "request", 0) == self._sent:
            self.failed.emit(failure)
