"""The desk's shelf of open models of pictures."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from dgm_studio.core.errors import Refused
from dgm_studio.core.picture_requests import Denoise, OpenPictures
from dgm_studio.core.slow import finish
from dgm_studio.lab.pictures.picture_film_task import PictureFilmTask
from dgm_studio.lab.pictures.picture_model import PictureModel, of_run, opening
from dgm_studio.lab.pictures.picture_task import PictureTask
from dgm_studio.lab.text_model import checkpoint
from dgm_studio.lab.train_task import TrainTask

KEPT = 3
"""Models of files that are kept open."""


class PictureDesk:
    """Open models by lane, so that one can be filmed; models by file, so that each is read once."""

    def __init__(self) -> None:
        self._tasks: dict[str, PictureTask] = {}
        self._models: dict[tuple[str, int, int, str], PictureModel] = {}

    def preparing(self, request: OpenPictures, runs: Mapping[str, TrainTask], device: str) -> Iterator[None]:
        """What `open` takes long for, in slices: the file is read, its training pictures are unpacked."""
        if request.source not in runs:
            yield from self._model(request.source, device)

    def open(self, request: OpenPictures, runs: Mapping[str, TrainTask], device: str) -> PictureTask:
        """The task of a model: a training lane's as it is now, or a file's."""
        source = request.source
        opened = of_run(runs[source].run, source) if source in runs else finish(self._model(source, device))
        task = PictureTask(opened)
        self._tasks = {**self._open(), request.lane: task}
        return task

    def film(self, request: Denoise) -> PictureFilmTask:
        """A film by the model that a lane has open."""
        task = self._open().get(request.source)
        if task is None:
            raise Refused("There is no model of pictures to film yet. Open one, or train one.")
        return PictureFilmTask(task.opened, request)

    def move(self, device: str) -> None:
        """Take all that is open to another device."""
        self._models = {}
        for task in self._open().values():
            task.move(device)

    def _open(self) -> dict[str, PictureTask]:
        """Those whose lanes have not ended."""
        return {lane: task for lane, task in self._tasks.items() if not task.closed}

    def _model(self, source: str, device: str) -> Generator[None, None, PictureModel]:
        path = checkpoint(source)
        facts = path.stat()
        key = (str(path.resolve()), facts.st_mtime_ns, facts.st_size, device)
        if key not in self._models:
            opened = yield from opening(path, device, source)
            kept = list(self._models.items())[-(KEPT - 1) :]
            self._models = {**dict(kept), key: opened}
        return self._models[key]
