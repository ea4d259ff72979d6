"""Running the tasks of a comparison to their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dgm_studio.core.comparing import Converge, ConvergencePoint, Entrant, FilmMeasures
from dgm_studio.core.film import Film
from dgm_studio.core.reports import FrameReport
from dgm_studio.core.requests import Shoot
from dgm_studio.lab.comparing.converge_task import ConvergeTask
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.film_task import FilmTask
from dgm_studio.lab.scene import Scene


def filmed(film: FilmTask) -> tuple[Film, list[FilmMeasures]]:
    """The film, and its measures in the order they were told."""
    reports = list(film.beats())
    frames = [one.frame for one in reports if isinstance(one, FrameReport)]
    return Film.of(frames), [one for one in reports if isinstance(one, FilmMeasures)]


def shot(source: str | Scene, sampling: dict[str, Any], **asked: Any) -> tuple[Film, list[FilmMeasures]]:
    """A judged film of an exact source by name, or of a scene, in few particles."""
    request = Shoot("film", source if isinstance(source, str) else "", sampling, **{"judged": True, **asked})
    if isinstance(source, str):
        task, _ = Desk("cpu").open(request)
        assert isinstance(task, FilmTask)
        return filmed(task)
    return filmed(FilmTask(source, request))


def converged(task: ConvergeTask) -> dict[int, list[ConvergencePoint]]:
    """All points by entrant."""
    points: dict[int, list[ConvergencePoint]] = {}
    for one in task.beats():
        if isinstance(one, ConvergencePoint):
            points.setdefault(one.entrant, []).append(one)
    return points


def contest(source: str, ids: Sequence[str], **asked: Any) -> dict[int, list[ConvergencePoint]]:
    """Solvers by id on an exact source."""
    task, _ = Desk("cpu").open(Converge("errors", source, tuple(map(Entrant, ids)), **asked))
    assert isinstance(task, ConvergeTask)
    return converged(task)
