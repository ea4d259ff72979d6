"""The window's side of a training lane: what is known of the run, and the commands that can be sent to it."""

from __future__ import annotations

import time
from itertools import zip_longest

from PySide6.QtCore import QObject, Signal

from dgm_studio.core.ask import Ask
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.knobs import Value
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.reports import Answer, Failure, History, Motion, Picture, Refusal, RunReport
from dgm_studio.core.requests import (
    Change,
    Continue,
    GoBack,
    Look,
    NewData,
    Open,
    Pause,
    Play,
    PlayBeats,
    Revisit,
    Save,
    SlowMotion,
    SwitchBranch,
    Train,
)
from dgm_studio.core.snapshot import PAUSED, PLAYING, Snapshot
from dgm_studio.gui.link import Link

LANE = "train"
STEP_SECONDS = 0.2


class RunLane(QObject):
    """One training lane by name. Everything it tells was read back from the worker, never assumed."""

    opened = Signal(object)
    """A RunReport: another run stands in this lane."""

    reported = Signal(object)
    """A RunReport: the same run, with a changed recipe or file."""

    state_changed = Signal(str)
    stepped = Signal(int)
    """The step, at most five times a second while it trains."""

    history = Signal(object)
    """A core.reports.History: what the run's time machine holds."""

    motion = Signal(object)
    """A core.reports.Motion: a beat in slow motion."""

    values = Signal(object)
    """{name: (steps, values)} since the last."""

    picture = Signal(object)
    refusal = Signal(object)
    failed = Signal(object)
    saved = Signal(str)
    not_saved = Signal()
    """A save to the run's own file failed; the Failure says why."""

    def __init__(self, link: Link, name: str = LANE, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.report: RunReport | None = None
        self.state = PAUSED
        self.step = 0
        self.next_beat = ""
        self.watching = False
        self.path = ""
        self.coming: Recipe | None = None
        """What was sent to be built and is not here yet."""
        self._told = -1
        self._told_at = 0.0
        self._link = link
        self._opened = 0
        self.opening = 0
        self.asks: tuple[Ask, ...] = ()
        self._saving: set[int] = set()
        self._kept: Recipe | None = None
        self._saved_now = ""
        link.snapshot.connect(self._take)
        link.failed.connect(self._refused)

    @property
    def recipe(self) -> Recipe | None:
        """How the run came to be, as last reported."""
        return self.report.recipe if self.report else None

    @property
    def playing(self) -> bool:
        """Whether the clock runs."""
        return self.state == PLAYING

    @property
    def opened_by(self) -> int:
        """The id of the request that opened the present run."""
        return self._opened

    def disown(self, path: str) -> None:
        """The file the run was opened from was a safety copy: its own file is `path`, and its steps are unsaved."""
        self.path = path
        self._kept = None

    @property
    def unsaved(self) -> int:
        """How many steps would be lost: those since the file, or since an edit it does not have."""
        kept, recipe = self._kept, self.recipe
        if kept is None or recipe is None:
            return self.step
        shared = kept.step
        for ours, theirs in zip_longest(recipe.edits, kept.edits):
            if ours != theirs:
                shared = min(shared, *(edit.step for edit in (ours, theirs) if edit is not None))
                break
        return max(0, self.step - shared)

    @property
    def edited(self) -> bool:
        """Whether data or a training knob were changed since the file was written, though no step was made."""
        kept, recipe = self._kept, self.recipe
        return kept is not None and recipe is not None and recipe.edits != kept.edits

    # Commands.

    def train(self, recipe: Recipe, *, steps: int | None = 0) -> None:
        """Build a fresh run of `recipe`, and run so many steps at once (None: without end)."""
        self.opening = self._link.send(Train(self.name, recipe, self.asks, steps=steps))
        self.coming = recipe

    def open(self, path: str) -> None:
        """Open a checkpoint, paused."""
        self.opening = self._link.send(Open(self.name, path, self.asks))
        self.coming = None

    def play(self, steps: int | None = None) -> None:
        """Run."""
        self._link.send(Play(self.name, steps))

    def play_beat(self) -> None:
        """One beat: a half step of a GAN."""
        self._link.send(PlayBeats(self.name, 1))

    def slow_motion(self) -> None:
        """The next beat, told from the inside; the clock stops for it."""
        if self.playing:
            self.pause()
        self._link.send(SlowMotion(self.name))

    def pause(self) -> None:
        """Stop after the beat that runs."""
        self._link.send(Pause(self.name))

    def change(self, group: str, knob: str, value: Value) -> None:
        """A live knob of Training or Sampling."""
        self._link.send(Change(self.name, group, knob, value))

    def change_data(self, data: DataSpec) -> None:
        """Go on on other data."""
        self._link.send(NewData(self.name, data))

    def go_back(self, rate_factor: float) -> None:
        """To the last good keyframe."""
        self._link.send(GoBack(self.name, rate_factor))

    def revisit(self, step: int | None) -> None:
        """Look at an earlier step; None for the present."""
        self._link.send(Revisit(self.name, step))

    def continue_from_here(self) -> None:
        """Branch off from the step that is looked at."""
        self._link.send(Continue(self.name))

    def switch_branch(self, branch: int) -> None:
        """Go on with another branch."""
        self._link.send(SwitchBranch(self.name, branch))

    def look(self, asks: tuple[Ask, ...]) -> None:
        """What the visible layers and read-outs want to see; sent only when it changed."""
        if asks != self.asks:
            self.asks = asks
            self._link.send(Look(self.name, asks))

    def save(self, path: str, *, keep: bool = True) -> int:
        """Write a checkpoint; with `keep` it becomes the run's file once it is on disk. The request's id."""
        request = self._link.send(Save(self.name, path, keep))
        if keep:
            self._saving.add(request)
        return request

    # Reports.

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.lane != self.name or snapshot.opened < self._opened:
            return
        fresh = snapshot.opened > self._opened
        if fresh and not any(isinstance(report, RunReport) for report in snapshot.reports):
            return
        self._opened = snapshot.opened
        if self._opened >= self.opening:
            self.coming = None
        self.step = snapshot.step
        self._tell_step(fresh or snapshot.state != PLAYING)
        self.watching = snapshot.watching
        if snapshot.next_beat:  # before the first beat only the run's report knows it
            self.next_beat = snapshot.next_beat
        for report in snapshot.reports:
            if isinstance(report, RunReport):
                self._take_report(report, fresh)
                fresh = False
            elif isinstance(report, History):
                self.history.emit(report)
            elif isinstance(report, Motion):
                self.motion.emit(report)
            elif isinstance(report, Answer) and report.request in self._saving:
                self._saving.remove(report.request)
                self._saved_now = str(report.value)
            elif isinstance(report, Failure):
                if report.request in self._saving:
                    self._saving.remove(report.request)
                    self.not_saved.emit()
                self.failed.emit(report)
        if snapshot.values:
            self.values.emit(snapshot.values)
        for picture in snapshot.pictures.values():
            if isinstance(picture, Picture):
                self.picture.emit(picture)
            elif isinstance(picture, Refusal):
                self.refusal.emit(picture)
        if snapshot.state != self.state:
            self.state = snapshot.state
            self.state_changed.emit(self.state)

    def _refused(self, lane: str, failure: Failure) -> None:
        if failure.request == self.opening:
            self.coming = None

    def _tell_step(self, at_once: bool) -> None:
        """While it trains, only as often as a person can read; where it stands still, the very step."""
        now = time.perf_counter()
        if at_once or now - self._told_at >= STEP_SECONDS:
            self._told_at = now
            if self.step != self._told:
                self._told = self.step
                self.stepped.emit(self.step)

    def _take_report(self, report: RunReport, fresh: bool) -> None:
        self.report = report
        if self._saved_now:  # the report that follows the answer tells the step that was written
            self.path, self._kept, self._saved_now = self._saved_now, report.recipe, ""
            self.saved.emit(self.path)
        if fresh:
            self.path = report.path
            self._kept = report.recipe if report.path else None
            self.next_beat = report.beats[0]
            self.opened.emit(report)
        else:
            self.reported.emit(report)
