"""The desk's shelf of token films and of the models they are by."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from dgm_studio.core.errors import Refused
from dgm_studio.core.requests import Unmask
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.rebuilding import as_it_is
from dgm_studio.lab.corpus_desk import CorpusDesk
from dgm_studio.lab.text_model import TextModel, checkpoint, of_run, opening_text
from dgm_studio.lab.train_task import TrainTask
from dgm_studio.lab.unmask_task import UnmaskTask, branched, new_film

KEPT = 4
"""Models of files that are kept open."""


class FilmDesk:
    """Films by lane, so that one can be branched; models by file, so that each is read once."""

    def __init__(self) -> None:
        self._films: dict[str, UnmaskTask] = {}
        self._models: dict[tuple[object, ...], TextModel] = {}
        self._corpus = CorpusDesk()

    def preparing(self, request: Unmask, runs: Mapping[str, TrainTask], device: str) -> Iterator[None]:
        """What `open` takes long for, in slices: another program's file is read."""
        if request.branch is None and request.source not in runs and request.source not in self.films():
            yield from self._of_file(request.source, request.choice, device)

    def open(self, request: Unmask, runs: Mapping[str, TrainTask], device: str) -> UnmaskTask:
        """The task of a new film, or of a branch of a kept one."""
        films = self.films()
        if request.branch is not None:
            before = films.get(request.source) or films.get(request.lane)
            if before is None:
                raise Refused("There is no film to branch from yet. Let one be made first.")
            kept = branched(before.kept, request.branch, request.settings)
        else:
            kept = new_film(self._model(request, runs, films, device), request)
        task = UnmaskTask(kept, self._corpus)
        self._films = {**films, request.lane: task}
        return task

    def films(self) -> dict[str, UnmaskTask]:
        """Those whose lanes have not ended."""
        return {lane: task for lane, task in self._films.items() if not task.closed}

    def move(self, device: str) -> None:
        """Take all that is open to another device."""
        self._models = {}
        for task in self.films().values():
            task.move(device)

    def _model(
        self, request: Unmask, runs: Mapping[str, TrainTask], films: Mapping[str, UnmaskTask], device: str
    ) -> TextModel:
        source = request.source
        if source in runs:
            return of_run(runs[source].run)
        if source in films:
            return films[source].kept.text
        return finish(self._of_file(source, request.choice, device))

    def _of_file(self, source: str, choice: Mapping[str, str], device: str) -> Generator[None, None, TextModel]:
        path = checkpoint(source)
        key = (as_it_is(path), tuple(sorted(choice.items())), device)
        if key not in self._models:
            kept = list(self._models.items())[-(KEPT - 1) :]
            self._models = {**dict(kept), key: (yield from opening_text(path, device, choice))}
        return self._models[key]
