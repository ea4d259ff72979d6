"""The film lane's task: a trajectory frame by frame, and views of the model that made it at any frame's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.film import Frame
from dgm_studio.core.reports import Beat, FrameReport, Report
from dgm_studio.core.requests import Look, Request, Shoot
from dgm_studio.lab.film import exact_states, frame_of, model_states
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.watcher import Watcher


class FilmTask:
    """A film of a frozen scene: training may go on beside it without changing a frame."""

    def __init__(self, scene: Scene, request: Shoot) -> None:
        self._scene = scene
        self._request = request
        self._watcher = Watcher(request.asks)
        self._generator = torch.Generator(scene.device).manual_seed(request.seed)
        if request.start is not None:
            # A model's noise may have another dimension than its data: ask the prior itself, of a generator of no use.
            like = scene.model.prior(1, torch.Generator(scene.device))
            if request.start.ndim != 2 or request.start.shape[1] != like.shape[1] or len(request.start) == 0:
                raise Refused(
                    f"The start points have shape {request.start.shape}; this model's noise has shape "
                    f"(n, {like.shape[1]}). Give points of that shape."
                )
        elif request.count < 1:
            raise Refused(f"A film of {request.count} particles shows nothing; choose at least 1.")

    def beats(self) -> Iterator[Beat | Report]:
        """One frame a beat, from noise to data; stops with a sentence at the first non-finite frame."""
        states = exact_states if self._request.exact else model_states
        start = (
            None
            if self._request.start is None
            else torch.tensor(self._request.start, dtype=self._scene.points.dtype, device=self._scene.device)
        )
        total, walk = states(self._scene, self._request.count, start, self._generator)
        for index, state in enumerate(walk):
            frame: Frame = frame_of(self._scene, state)
            if not bool(torch.isfinite(state.x).all()):
                raise Refused(
                    f"The film left the finite numbers at frame {index} of {total - 1} (t = {state.t:.3f}); "
                    "the frames before it are kept. Take more steps or another solver."
                )
            yield FrameReport(frame, total)

    def watch(self) -> Iterator[Report | None] | None:
        """Pictures of the film's model for the visible asks."""
        return self._watcher.round(0, lambda: self._scene)

    def receive(self, request: Request) -> Iterable[Report]:
        """Look."""
        if isinstance(request, Look):
            self._watcher.asks = request.asks
        return ()

    def close(self) -> None:
        """Let the scene go."""
        self._watcher.asks = ()
