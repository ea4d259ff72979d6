"""The import lane's task: reading points, a text or pictures aside: training goes on, and Cancel acts at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dgm_studio.core.aside import aside
from dgm_studio.core.picture_requests import ReadPictures
from dgm_studio.core.reports import Answer, Beat, Report
from dgm_studio.core.requests import Import, Inspect, ReadText, Request
from dgm_studio.data.pictures.folder import read_pictures
from dgm_studio.data.source import load_chosen
from dgm_studio.lab.imports import inspected, text_set


class ImportTask:
    """One file, one answer."""

    weight = 0.01
    """It only waits: the thread belongs to the lanes that compute."""

    def __init__(self, request: Inspect | Import | ReadText | ReadPictures) -> None:
        self._request = request

    def beats(self) -> Iterator[Beat | Report | None]:
        """Nothing until the file is read, then the Answer."""
        match self._request:
            case Inspect(path=path):
                answer = yield from aside(inspected, path)
            case Import(path=path, choice=choice):
                answer = yield from aside(load_chosen, path, choice)
            case ReadText(path=path):
                answer = yield from aside(text_set, path)
            case ReadPictures(path=path, size=size, channels=channels):
                answer = yield from aside(read_pictures, path, size, channels)
        yield Answer(self._request.id, answer)

    def watch(self) -> Iterator[Report | None] | None:
        """There is nothing to see."""
        return None

    def receive(self, request: Request) -> Iterable[Report]:
        """It obeys only the engine's own commands."""
        return ()

    def close(self) -> None:
        """The beats' iterator, closed before, has killed the process."""
