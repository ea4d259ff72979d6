"""The film lane's task: a trajectory frame by frame, and views of the model that made it at any frame's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import Value, fill
from dgm_studio.core.reports import Beat, Report
from dgm_studio.core.requests import Look, Request, Shoot
from dgm_studio.lab.comparing.film_measures import film_measures
from dgm_studio.lab.comparing.shared import References
from dgm_studio.lab.comparing.ways import Ways
from dgm_studio.lab.film import Walk, exact_states, model_states
from dgm_studio.lab.film_frames import film_frames, frame_bytes
from dgm_studio.lab.forward import forward_film
from dgm_studio.lab.onward import onward_states
from dgm_studio.lab.run import noise_axes
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.samples import keep_data, keep_film
from dgm_studio.lab.watcher import Watcher
from dgm_studio.solvers.noise import BrownianPath
from dgm_studio.solvers.solver import State


class FilmTask:
    """A film of a frozen scene: training may go on beside it without changing a frame."""

    weight = 1.0

    def __init__(self, scene: Scene, request: Shoot, references: References | None = None) -> None:
        """`references` are shared with the films beside it."""
        self._scene = scene
        self._references = references or References()
        self._request = request
        self._watcher = Watcher(request.asks)
        self.closed = False
        self._generator = (
            BrownianPath(request.seed, scene.device)
            if request.brownian
            else torch.Generator(scene.device).manual_seed(request.seed)
        )
        if request.start is not None:
            # The noise's may be another dimension than the data's, with which a forward film or a branch begins.
            of_data = bool(request.forward) or request.start_time > 0
            axes = scene.points.shape[1] if of_data else noise_axes(scene.model)
            if request.start.ndim != 2 or request.start.shape[1] != axes or len(request.start) == 0:
                raise Refused(
                    f"The start points have shape {request.start.shape}; this model's "
                    f"{'data have' if of_data else 'noise has'} shape "
                    f"(n, {axes}). Give points of that shape."
                )
        elif request.count < 1:
            raise Refused(f"A film of {request.count} particles shows nothing; choose at least 1.")
        self._frame_bytes = frame_bytes(scene, request.count if request.start is None else len(request.start))

    def scene_with(self, sampling: Mapping[str, Value]) -> Scene:
        """The same frozen model and data, sampled otherwise; nothing drawn from it is shared."""
        own = self._scene.sampling
        return replace(self._scene, sampling=fill(type(own), {**vars(own), **sampling}), memo={})

    def beats(self) -> Iterator[Beat | Report | None]:
        """One frame a beat, from noise to data, of a thinned film a frame every so many beats; stops with a sentence at
        the first non-finite frame."""
        start = None if self._request.start is None else self._tensor(self._request.start)
        if self._request.forward:
            yield from self._forward(start)
            return
        total, walk = self._reverse(start)
        last = None
        judged, walk = self._judged(walk)
        for report in film_frames(self._scene, walk, total, self._frame_bytes):
            last = report.frame if report is not None else last
            yield report
        if last is not None:
            # From here on, what measures samples measures this film's.
            keep_film(self._scene, self._tensor(last.x))
        yield from judged

    def _tensor(self, points: Array) -> Tensor:
        return torch.tensor(points, dtype=self._scene.points.dtype, device=self._scene.device)

    def _reverse(self, start: Tensor | None) -> Walk:
        """From noise, or, of a branch, from the middle of another film."""
        request = self._request
        if start is not None and request.start_time > 0:
            how = {"exact": request.exact, "brownian": request.brownian}
            return onward_states(self._scene, start, request.start_time, request.seed, **how)
        states = exact_states if request.exact else model_states
        return states(self._scene, request.count, start, self._generator)

    def _forward(self, start: Tensor | None) -> Iterator[Beat | Report | None]:
        """From data to noise; no sample of the model is made on the way."""
        film = forward_film(self._scene, self._request.forward, self._request.count, start, self._request.seed)
        yield film.report
        judged, walk = self._judged(film.walk)
        data = None
        for report in film_frames(self._scene, walk, film.frames, self._frame_bytes):
            if data is None and report is not None:
                data = self._tensor(report.frame.x)
                keep_data(self._scene, data)
            yield report
        yield from judged

    def _judged(self, walk: Iterator[State]) -> tuple[Iterator[Report | None], Iterator[State]]:
        """What the request wants to be told of the walk when it is over, and the walk."""
        if not self._request.judged:
            return iter(()), walk
        ways = Ways(walk)
        state = self._generator.get_state()
        return film_measures(self._scene, self._request, ways, state, self._references), iter(ways)

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
