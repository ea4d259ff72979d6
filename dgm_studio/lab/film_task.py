"""The film lane's task: a trajectory frame by frame, and views of the model that made it at any frame's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.film import MOST_BYTES, Frame, film_bytes
from dgm_studio.core.knobs import Value, fill
from dgm_studio.core.reports import Beat, FrameReport, Report
from dgm_studio.core.requests import Look, Request, Shoot
from dgm_studio.lab.film import exact_states, frame_of, model_states
from dgm_studio.lab.run import noise_axes
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.samples import keep_film
from dgm_studio.lab.watcher import Watcher


class FilmTask:
    """A film of a frozen scene: training may go on beside it without changing a frame."""

    weight = 1.0

    def __init__(self, scene: Scene, request: Shoot) -> None:
        self._scene = scene
        self._request = request
        self._watcher = Watcher(request.asks)
        self.closed = False
        self._generator = torch.Generator(scene.device).manual_seed(request.seed)
        if request.start is not None:
            axes = noise_axes(scene.model)  # may be another dimension than the data's
            if request.start.ndim != 2 or request.start.shape[1] != axes or len(request.start) == 0:
                raise Refused(
                    f"The start points have shape {request.start.shape}; this model's noise has shape "
                    f"(n, {axes}). Give points of that shape."
                )
        elif request.count < 1:
            raise Refused(f"A film of {request.count} particles shows nothing; choose at least 1.")
        self._refuse_too_much()

    def _refuse_too_much(self) -> None:
        model, frames = self._scene.model, self._scene.model.frames(self._scene.sampling)
        count = self._request.count if self._request.start is None else len(self._request.start)
        needs = film_bytes(frames, count, self._scene.points.shape[1], clean="denoiser" in model.card.shows)
        if needs > MOST_BYTES:
            raise Refused(
                f"A film of {count:,} particles in {frames:,} frames needs {needs / 2**20:,.0f} MB; the limit is "
                f"{MOST_BYTES / 2**20:,.0f} MB. Take fewer particles or fewer steps."
            )

    def scene_with(self, sampling: Mapping[str, Value]) -> Scene:
        """The same frozen model and data, sampled otherwise; nothing drawn from it is shared."""
        own = self._scene.sampling
        return replace(self._scene, sampling=fill(type(own), {**vars(own), **sampling}), memo={})

    def beats(self) -> Iterator[Beat | Report | None]:
        """One frame a beat, from noise to data; stops with a sentence at the first non-finite frame."""
        states = exact_states if self._request.exact else model_states
        start = (
            None
            if self._request.start is None
            else torch.tensor(self._request.start, dtype=self._scene.points.dtype, device=self._scene.device)
        )
        total, walk = states(self._scene, self._request.count, start, self._generator)
        last = None
        for index, state in enumerate(walk):
            frame: Frame = frame_of(self._scene, state)
            if not bool(torch.isfinite(state.x).all()):
                raise Refused(
                    f"The film left the finite numbers at frame {index} of {total - 1} (t = {state.t:.3f}); "
                    "the frames before it are kept. Take more steps or another solver."
                )
            yield FrameReport(frame, total, self._scene.step)
            last = state.x
        if last is not None:
            keep_film(self._scene, last)  # from here on, what measures samples measures this film's

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
        self.closed = True
