"""Walking a scene from noise to data: by the model's own sampler, or along the exact field with the same solver."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.film import STEPPED, Frame
from dgm_studio.lab.scene import Scene
from dgm_studio.solvers.solver import State
from dgm_studio.solvers.steps import clean_of_velocity

Walk = tuple[int, Iterator[State]]


def model_states(scene: Scene, count: int, start: Tensor | None, generator: torch.Generator) -> Walk:
    """How many frames there will be, and the model's walk of `count` particles (or from `start` (n, k)); Refused for a
    model of text or of pictures, which is filmed otherwise."""
    if scene.model.takes == "text":
        raise Refused(f"{scene.model.card.title} writes text, it has no points. Use dgm-studio unmask.")
    if scene.model.takes == "pictures":
        raise Refused(f"{scene.model.card.title} draws pictures here, it has no points. Open it in the Latents panel.")
    noise = scene.model.prior(count, generator) if start is None else start
    return scene.model.frames(scene.sampling), without_grad(lambda: scene.model.walk(noise, scene.sampling, generator))


def exact_states(scene: Scene, count: int, start: Tensor | None, generator: torch.Generator) -> Walk:
    """The same along the exact field of the data, where the model has a path."""
    exact = scene.exact
    along = getattr(scene.model, "along", None)
    if exact is None or along is None:
        raise Refused(f"{scene.model.card.title} has no path, so there is no exact trajectory to show beside it.")
    noise = scene.model.prior(count, generator) if start is None else start
    return scene.model.frames(scene.sampling), without_grad(lambda: along(exact, noise, scene.sampling, generator))


def without_grad(walk: Callable[[], Iterator[State]]) -> Iterator[State]:
    """Enter no_grad around each state only: a generator that held it across a yield would switch gradients off for
    the training lane that runs on the same thread in between."""
    states = walk()
    while True:
        with torch.no_grad():
            state = next(states, None)
        if state is None:
            return
        yield state


def frame_of(scene: Scene, state: State) -> Frame:
    """A state as a frame of read-only arrays, with the lecture's clock where the model has a path; the clean points
    that its velocity speaks for where the solver itself predicts none."""
    path = getattr(scene.model, "path", None)
    clean = state.x1_hat
    if clean is None and state.velocity is not None and path is not None:
        t = torch.tensor(float(state.t), dtype=state.x.dtype, device=state.x.device)
        clean = clean_of_velocity(state.velocity, state.x, t, path)
    return Frame(
        t=float(state.t),
        x=as_array(state.x),
        x1_hat=None if clean is None else as_array(clean),
        evaluations=state.evaluations,
        label=path.lecture_clock(float(state.t)) if path is not None else "",
        velocity=None if state.velocity is None else as_array(state.velocity),
        drift=None if state.drift is None else as_array(state.drift[:STEPPED]),
    )


def as_array(tensor: Tensor) -> Array:
    """A read-only copy in numpy; a plain .cpu() would alias live weights on a CPU."""
    return frozen(tensor.detach().to("cpu", copy=True).numpy())
