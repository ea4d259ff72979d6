"""The desk's shelf of denoisers of points from other programs: the last one stays open, so that it is read once."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from dgm_studio.core.knobs import fill, knobs_of
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.requests import Shoot
from dgm_studio.core.slow import finish
from dgm_studio.lab.checkpoints.foreign_points import ForeignPoints, is_foreign, opening_points, scene_of
from dgm_studio.lab.checkpoints.rebuilding import as_it_is
from dgm_studio.lab.onward import no_branch
from dgm_studio.lab.run import noise_axes
from dgm_studio.lab.scene import Scene


@dataclass(frozen=True)
class _Key:
    source: str
    choice: tuple[tuple[str, str], ...]
    device: str


class PointsDesk:
    """Scenes of files. A model that is open is looked at as it was read, also where its file has gone since; one that
    was written anew is read anew."""

    def __init__(self) -> None:
        self._open: tuple[_Key, object, ForeignPoints] | None = None

    def has(self, source: str) -> bool:
        """Whether this names a file of another program, or one that is open."""
        return is_foreign(source) or (self._open is not None and self._open[0].source == source)

    def preparing(self, request: Shoot, device: str) -> Iterator[None]:
        """What `scene` takes long for, in slices."""
        yield from self._model(request, device)

    def scene(self, request: Shoot, device: str) -> Scene:
        """A scene of its own, with the request's Sampling values; Refused where the file makes no points."""
        scene = scene_of(finish(self._model(request, device)))
        scene.sampling = fill(type(scene.sampling), {**vars(scene.sampling), **request.sampling})
        return scene

    def _model(self, request: Shoot, device: str) -> Generator[None, None, ForeignPoints]:
        key = _Key(request.source, tuple(sorted(request.choice.items())), device)
        path = Path(request.source).expanduser()
        stamp = as_it_is(path) if path.exists() else None
        if self._open is None or self._open[0] != key or (stamp is not None and stamp != self._open[1]):
            scene = yield from opening_points(path, request.choice, device)
            assert isinstance(scene.model, ForeignPoints)
            self._open = (key, stamp, scene.model)
        return self._open[2]


def report_of(scene: Scene) -> PointModelReport | None:
    """What to tell of the scene's model where another program trained it; None of the studio's own."""
    model = scene.model
    if not isinstance(model, ForeignPoints):
        return None
    rebuilt = model.rebuilt
    return PointModelReport(
        title=rebuilt.title,
        columns=model.dim,
        noise=noise_axes(model),
        parameters=sum(weight.numel() for weight in rebuilt.net.parameters()),
        shows=model.card.shows,
        knobs=knobs_of(type(scene.sampling)),
        sampling=dict(vars(scene.sampling)),
        settings=rebuilt.settings,
        remark=rebuilt.remark,
        idle=model.inner.idle(None),
        no_branch=no_branch(model),
    )
