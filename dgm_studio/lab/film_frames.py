"""From a walk's states to the frames of its film: finite ones, and no more of them than memory can hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.film import MOST_BYTES, film_bytes, kept_frames, thinning
from dgm_studio.core.reports import FrameReport
from dgm_studio.lab.film import frame_of
from dgm_studio.lab.scene import Scene
from dgm_studio.solvers.solver import State


def frame_bytes(scene: Scene, count: int) -> int:
    """Memory in bytes of one frame of `count` particles at most; Refused where not even first and last can be kept."""
    shows, dim = scene.model.card.shows, scene.points.shape[1]
    one = film_bytes(1, count, dim, clean="denoiser" in shows, velocity="velocity" in shows)
    if not thinning(2, one):
        raise Refused(
            f"A film of {count:,} particles needs {2 * one / 2**20:,.0f} MB for its first and last frame alone; the "
            f"limit is {MOST_BYTES / 2**20:,.0f} MB. Take fewer particles."
        )
    return one


def film_frames(scene: Scene, walk: Iterator[State], total: int, one: int) -> Iterator[FrameReport | None]:
    """A FrameReport for each of the `total` states of `walk`, of `one` byte size; where MOST_BYTES do not hold all for
    every k-th and the last, and None for those between. Refused at the first state that is not finite.

    A kept frame's drift is that of all steps to the next kept one, so that the rest of the move is still noise.
    """
    every = thinning(total, one)
    told, held = kept_frames(total, every), None
    for index, state in enumerate(walk):
        if not bool(torch.isfinite(state.x).all()):
            if held is not None:
                yield FrameReport(frame_of(scene, held), told, scene.step, every)
            raise Refused(
                f"The film left the finite numbers at frame {index} of {total - 1} (t = {state.t:.3f}); "
                "the frames before it are kept. Take more steps or another solver."
            )
        if every == 1:
            yield FrameReport(frame_of(scene, state), told, scene.step, every)
        elif index % every == 0 or index == total - 1:
            yield FrameReport(frame_of(scene, held), told, scene.step, every) if held is not None else None
            held = state
        else:
            held = _further(held, state)
            yield None
    if held is not None:
        yield FrameReport(frame_of(scene, held), told, scene.step, every)


def _further(held: State | None, skipped: State) -> State | None:
    """The state that is held back, with the drift of the step after the skipped one too."""
    if held is None or held.drift is None or skipped.drift is None:
        return held
    return replace(held, drift=held.drift + skipped.drift)
