"""The training lane's task: a run's beats, its views, and the commands between two beats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dgm_studio.core.ask import Ask
from dgm_studio.core.reports import Answer, Beat, Report
from dgm_studio.core.requests import Change, GoBack, Look, NewData, Request, Save
from dgm_studio.families.family import Family
from dgm_studio.lab.native import save
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.watcher import Watcher


class TrainTask:
    """Owns a run for one lane."""

    weight = 1.0

    def __init__(self, run: Run, asks: tuple[Ask, ...], path: str = "") -> None:
        self.run = run
        self.path = path
        self.closed = False
        self._watcher = Watcher(asks)
        self._shadow: Family | None = None

    def beats(self) -> Iterator[Beat | Report | None]:
        """The run's training, without end."""
        yield from self.run.beats()

    def watch(self) -> Iterator[Report | None] | None:
        """Pictures of the newest step for the visible asks."""
        return self._watcher.round((self.run.fit.step, self.run.fit.beat), self._scene)

    def receive(self, request: Request) -> Iterable[Report]:
        """Change, NewData, Look, Save, GoBack."""
        match request:
            case Look(asks=asks):
                self._watcher.asks = asks
                return ()
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
                self._watcher.forget()
        return (self.run.report(self.path, whole=isinstance(request, GoBack)),)

    def _save(self, path: str, keep: bool, request: int) -> Iterable[Report]:
        """What diverged never replaces a good file: the last good keyframe is saved, and the run returns to it."""
        went_back = self.run.diverged
        if went_back:
            self.run.go_back()
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
        scene = self.run.scene(None if self._watcher.busy else self._shadow)
        self._shadow = scene.model
        return scene
