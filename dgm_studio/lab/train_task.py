"""The training lane's task: a run's beats, its views, and the commands between two beats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import Ask
from dgm_studio.core.errors import Refused
from dgm_studio.core.reports import Answer, Beat, History, Report
from dgm_studio.core.requests import (
    Change,
    Continue,
    GoBack,
    Look,
    NewData,
    Request,
    Revisit,
    Save,
    SlowMotion,
    SwitchBranch,
)
from dgm_studio.families.family import Family
from dgm_studio.lab.native import save
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Left, Scene
from dgm_studio.lab.slow_motion import slow_motion
from dgm_studio.lab.time_machine import LIMIT, Keyframe, TimeMachine
from dgm_studio.lab.watcher import Watcher


class TrainTask:
    """Owns a run for one lane."""

    weight = 1.0

    def __init__(self, run: Run, asks: tuple[Ask, ...], path: str = "", megabytes: float = LIMIT) -> None:
        self.run = run
        self.path = path
        self.closed = False
        self.time = TimeMachine(megabytes)
        self._viewing: Keyframe | None = None
        self._told: History | None = None
        self._watcher = Watcher(asks)
        self._shadow: Family | None = None

    def beats(self) -> Iterator[Beat | Report | None]:
        """The run's training, without end, with keyframes as it goes; it goes on from the present."""
        self._keep()
        for beat in self.run.beats():
            self._view(None)
            if beat.ends_step:
                self._keep()
            yield beat

    def watch(self) -> Iterator[Report | None] | None:
        """Pictures of the newest step, or of the keyframe that is looked at, for the visible asks."""
        viewing = self._viewing
        moment = (self.run.fit.step, self.run.fit.beat) if viewing is None else (viewing.step, id(viewing))
        return self._watcher.round(moment, self._scene)

    def receive(self, request: Request) -> Iterable[Beat | Report]:
        """Change, NewData, Look, Save, GoBack, SlowMotion, Revisit, Continue, SwitchBranch."""
        match request:
            case Look(asks=asks):
                self._watcher.asks = asks
                return self._history()
            case Revisit(step=step):
                at_end = step is None or step >= self.run.fit.step
                self._view(None if at_end or step is None else self.time.nearest(step))
                return self._history()
            case SlowMotion():
                return (*slow_motion(self.run, self.beats()), *self._history())
            case Continue():
                return self._branch()
            case SwitchBranch(branch=branch):
                return self._switch(branch)
            case Change(group="training", knob=knob, value=value):
                self.run.change_training(knob, value)
                self._watcher.forget()  # the best possible loss is that of the objective there is now
            case Change(knob=knob, value=value):
                self.run.change_sampling(knob, value)
                self._watcher.forget()
            case NewData(data=data):
                self.run.change_data(data)
                self._watcher.forget()
            case Save(path=path, keep=keep):
                return self._save(path, keep, request.id)
            case GoBack(rate_factor=factor):
                self.run.go_back(factor)
                self.time.forget_after(self.run.fit.step)
                self._view(None)
                self._watcher.forget()
        return (self.run.report(self.path, whole=isinstance(request, GoBack)),)

    # Through time.

    def _keep(self) -> None:
        if self.run.fit.beat == 0 and self.time.due(self.run.fit.step):
            self.time.keep(self.run.keyframe())

    def _view(self, moment: Keyframe | None) -> None:
        if moment is not self._viewing:
            self._viewing = moment
            self._watcher.forget()

    def _branch(self) -> Iterable[Report]:
        moment = self._viewing
        if moment is None:
            raise Refused("The run stands at its present end; drag the training track back to branch off from there.")
        self.time.fork(moment, self.run.keyframe(), self.run.loss_arrays())
        return self._go_on_from(moment, None)

    def _switch(self, index: int) -> Iterable[Report]:
        if index == self.time.here:
            self._view(None)
            return self._history()
        if not 0 <= index < len(self.time.branches):
            raise Refused(f"There is no branch {index + 1}; there are {len(self.time.branches)}.")
        branch = self.time.switch(index, self.run.keyframe(), self.run.loss_arrays())
        assert branch.end is not None  # every branch that was left has one
        return self._go_on_from(branch.end, branch.losses)

    def _go_on_from(self, moment: Keyframe, losses: Mapping[str, tuple[Array, Array]] | None) -> Iterable[Report]:
        self.run.return_to(moment, losses)
        self._view(None)
        self._watcher.forget()
        self._told = self.time.history(None, self.run.fit.step, ghosts=self.time.ghosts())
        return (self.run.report(self.path, whole=True), self._told)

    def _history(self) -> Iterable[Report]:
        """What the time machine holds, where that changed."""
        viewing = self._viewing.step if self._viewing is not None else None
        now = self.time.history(viewing, self.run.fit.step)
        if now == self._told:
            return ()
        self._told = now
        return (now,)

    def _save(self, path: str, keep: bool, request: int) -> Iterable[Report]:
        """What diverged never replaces a good file: the last good keyframe is saved, and the run returns to it."""
        went_back = self.run.diverged
        if went_back:
            self.run.go_back()
            self.time.forget_after(self.run.fit.step)
            self._view(None)
            self._watcher.forget()
        saved = str(save(self.run, path))
        if keep:
            self.path = saved
        report = (self.run.report(self.path, whole=went_back),) if keep or went_back else ()
        return (Answer(request, saved), *report)

    def move(self, device: str) -> None:
        """Go on on another device."""
        self.run.move(device)
        self._shadow = None
        self._watcher.forget()

    def close(self) -> None:
        """Let the run go: the desk forgets a closed task."""
        self.closed = True
        self._watcher.asks = ()

    def _scene(self) -> Scene:
        # Where no picture of the scene before this one is unfinished, its copy of the weights can be refilled.
        scene = self.run.scene(None if self._watcher.busy else self._shadow, self._viewing)
        self._shadow = scene.model
        scene.left = tuple(
            Left(f"Branch {index + 1}, step {end.step:,}", end.step, end, partial(self.run.scene, None, end))
            for index, end in self.time.left()
        )
        return scene
