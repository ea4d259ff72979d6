"""The desk's shelf of open models of pictures."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from dgm_studio.core.errors import Refused
from dgm_studio.core.gallery import ShowGallery
from dgm_studio.core.picture_requests import Denoise, OpenPictures
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.gallery_task import GalleryTask
from dgm_studio.lab.checkpoints.rebuilding import as_it_is
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
        self._models: dict[tuple[Any, ...], PictureModel] = {}

    def preparing(self, request: OpenPictures, runs: Mapping[str, TrainTask], device: str) -> Iterator[None]:
        """What `open` takes long for, in slices: the file is read, its training pictures are unpacked."""
        if request.source not in runs:
            yield from self.model(request.source, device, request.choice)

    def open(self, request: OpenPictures, runs: Mapping[str, TrainTask], device: str) -> PictureTask:
        """The task of a model: a training lane's as it is now, or a file's."""
        source = request.source
        own = source in runs
        opened = of_run(runs[source].run, source) if own else finish(self.model(source, device, request.choice))
        task = PictureTask(opened)
        self._tasks = {**self._open(), request.lane: task}
        return task

    def film(self, request: Denoise) -> PictureFilmTask:
        """A film by the model that a lane has open."""
        task = self._open().get(request.source)
        if task is None:
            raise Refused("There is no model of pictures to film yet. Open one, or train one.")
        return PictureFilmTask(task.opened, request)

    def gallery(self, request: ShowGallery, device: str) -> GalleryTask:
        """Pictures of models of files, which it opens one after the other."""
        return GalleryTask(request, lambda source, choice: self.model(source, device, choice))

    def move(self, device: str) -> None:
        """Take all that is open to another device."""
        self._models = {}
        for task in self._open().values():
            task.move(device)

    def _open(self) -> dict[str, PictureTask]:
        """Those whose lanes have not ended."""
        return {lane: task for lane, task in self._tasks.items() if not task.closed}

    def model(self, source: str, device: str, choice: Mapping[str, str]) -> Generator[None, None, PictureModel]:
        """The model of a file, in slices where it must be read, with what a person chose of it."""
        path = checkpoint(source)
        key = (*as_it_is(path), device, tuple(sorted(choice.items())))
        if key not in self._models:
            opened = yield from opening(path, device, source, choice)
            kept = list(self._models.items())[-(KEPT - 1) :]
            self._models = {**dict(kept), key: opened}
        return self._models[key]
