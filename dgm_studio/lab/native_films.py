"""The desk's shelf of the studio's own checkpoints that are filmed beside a run, without becoming runs themselves."""

from __future__ import annotations

from pathlib import Path

from dgm_studio.core.checkpoint_head import family_of
from dgm_studio.core.knobs import knobs_of
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.requests import Shoot
from dgm_studio.lab.checkpoints.rebuilding import as_it_is
from dgm_studio.lab.native import load
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Scene

KEPT = 3
"""Checkpoints that stay open, so that another film of one need not read it again."""


class NativeFilms:
    """Scenes of files that the studio wrote. One that was written anew is read anew."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], tuple[object, Run]] = {}

    def has(self, source: str) -> bool:
        """Whether this names a checkpoint of the studio's own."""
        return bool(source) and bool(family_of(source))

    def scene(self, request: Shoot, device: str) -> tuple[Scene, PointModelReport]:
        """A scene with the request's Sampling values, and what to tell of it; Refused where the file is damaged, or its
        model makes no points."""
        run = self._run(request.source, device)
        _ = run.points_data  # refuses texts and pictures
        scene = run.scene()
        scene.sampling = run.sampling_with(request.sampling)
        told = run.report(request.source, whole=False)
        return scene, PointModelReport(
            title=run.model.card.title,
            columns=told.columns,
            noise=told.noise,
            parameters=told.parameters,
            shows=told.shows,
            knobs=knobs_of(type(scene.sampling)),
            sampling=dict(vars(scene.sampling)),
            remark=f"{run.model.card.title} as of step {told.recipe.step:,}.",
            idle=told.idle,
            exact=told.exact,
            unfit=told.unfit,
            no_branch=told.no_branch,
        )

    def _run(self, source: str, device: str) -> Run:
        path = Path(source).expanduser()
        key, stamp = (str(path), device), as_it_is(path)
        held = self._open.pop(key, None)
        run = held[1] if held is not None and held[0] == stamp else load(path, device)
        self._open[key] = stamp, run
        for oldest in list(self._open)[:-KEPT]:
            del self._open[oldest]
        return run
