"""The model's samples, with the whole film from their start noise."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.ask import Ask
from dgm_studio.core.card import Card
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.lattice import plain
from dgm_studio.lab.views.once import once
from dgm_studio.lab.views.view import Shown, View

START, WALK = 1, 2
"""Salts of the scene's generators: start noise and the noise on the way are the same at every step."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """One draw: frames (F, n, d), their times (F,), evaluations so far (F,), the samples (n, d) as a tensor."""

    frames: Array
    t: Array
    evaluations: Array
    samples: Tensor


def drawn(scene: Scene, count: int) -> Generator[None, None, Drawn]:
    """`count` samples with their film, drawn once a scene for all views that ask for as many."""
    return once(scene.memo, ("drawn", count), lambda: _draw(scene, count))


def keep_film(scene: Scene, last: Tensor) -> None:
    """A film of this scene has been made: its last points (n, d) are the scene's samples for views that ask for n."""
    scene.memo["film", len(last)] = last.detach().clone()


def keep_data(scene: Scene, first: Tensor) -> None:
    """A film of this scene carries these data (n, d) to noise: no samples, but what is at its end at t = 1."""
    scene.memo["data of the film", len(first)] = first


def ends_of(scene: Scene, count: int) -> Generator[None, None, Tensor]:
    """What is at t = 1 (n, d) of the film that was made of this scene, forward or not, else `count` samples."""
    held: Tensor | None = scene.memo.get(("data of the film", count))
    return held if held is not None else (yield from samples_of(scene, count))


def samples_of(scene: Scene, count: int) -> Generator[None, None, Tensor]:
    """`count` samples (n, d): the end of the film that was made of this scene, else drawn."""
    held: Tensor | None = scene.memo.get(("film", count))
    return held if held is not None else (yield from drawn(scene, count)).samples


def _draw(scene: Scene, count: int) -> Generator[None, None, Drawn]:
    start = scene.model.prior(count, scene.generator(START))
    frames, times, evaluations, last = [], [], [], start
    for state in scene.model.walk(start, scene.sampling, scene.generator(WALK)):
        frames.append(plain(state.x))
        times.append(state.t)
        evaluations.append(state.evaluations)
        last = state.x
        yield
    return Drawn(
        frozen(np.stack(frames)),
        frozen(np.array(times, np.float32)),
        frozen(np.array(evaluations, np.float32)),
        last.detach().clone(),
    )


class SamplesView(View):
    """frames (F, n, d), t (F,) and evaluations so far (F,) of ask.count particles from fixed start noise; the last
    frame is the samples."""

    card: ClassVar[Card] = Card("samples", "Samples", "What the model generates, always from the same start noise.")

    @torch.no_grad()
    def compute(self, scene: Scene, ask: Ask) -> Generator[None, None, Shown]:
        film = yield from drawn(scene, ask.count)
        path = getattr(scene.model, "path", None)
        labels = tuple(path.lecture_clock(float(t)) for t in film.t) if path is not None else ()
        arrays = {"frames": film.frames, "t": film.t, "evaluations": film.evaluations}
        return Shown(arrays, {"evaluations": float(film.evaluations[-1])}, labels=labels)


VIEW = SamplesView()
