"""The teacher lane's task: reading a checkpoint that a family is to begin with, before anything is rebuilt for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dgm_studio.core.reports import Answer, Beat, Report, TeacherCard
from dgm_studio.core.requests import ReadTeacher, Request
from dgm_studio.lab.run import Run
from dgm_studio.lab.teacher import read_teacher


class TeacherTask:
    """One file, one answer: the TeacherCard; what is refused ends the lane with its sentence."""

    weight = 0.1

    def __init__(self, request: ReadTeacher) -> None:
        self._request = request

    def beats(self) -> Iterator[Beat | Report | None]:
        """The file read, the student built with it once (which refuses what does not fit), then the Answer."""
        recipe, teacher = read_teacher(self._request.recipe, self._request.path, own_data=False)
        yield None
        Run(recipe)
        yield None
        about = teacher.report()
        yield Answer(self._request.id, TeacherCard(recipe, about.recipe, about.parameters))

    def watch(self) -> Iterator[Report | None] | None:
        """There is nothing to see."""
        return None

    def receive(self, request: Request) -> Iterable[Report]:
        """It obeys only the engine's own commands."""
        return ()

    def close(self) -> None:
        """Nothing is held."""
