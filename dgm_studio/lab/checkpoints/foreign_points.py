"""A denoiser of points that others trained, as a scene: films, and the verbs sample and trace, run it as it is."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dgm_studio.checkpoints.rebuild.rebuilt import Denoiser, Masked, Rebuilt
from dgm_studio.core.card import Card
from dgm_studio.core.checkpoint_head import family_of
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import CONSENT, NOTHING
from dgm_studio.core.knobs import fill, find_knob, knobs_of
from dgm_studio.core.slow import finish
from dgm_studio.data.mixture import Mixture
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.families.parts.solver_knobs import solver_of
from dgm_studio.lab.checkpoints.foreign_denoisers import DDIM, DDPM, DPMPP, denoiser_of
from dgm_studio.lab.checkpoints.foreign_pictures import NoKnobs
from dgm_studio.lab.checkpoints.rebuilding import CANDIDATE, made_by, rebuilding
from dgm_studio.lab.checkpoints.samplers.guided import Guided
from dgm_studio.lab.scene import Scene
from dgm_studio.solvers.solver import State


class ForeignPoints(Family):
    """Points (n, d) through the samplers that run rebuilt models of pictures: a point is a picture of d channels and
    one pixel."""

    card = Card(
        id="foreign-points",
        title="Denoiser of points from another program",
        summary="A network that others trained, frozen: its film runs by what its file says and what was chosen.",
        lecture="7-9, 12",
        shows=("denoiser",),
    )
    Design = Training = NoKnobs
    presets = ()

    def __init__(self, rebuilt: Denoiser) -> None:
        super().__init__(NoKnobs(), rebuilt.shape.channels)
        self.rebuilt = rebuilt
        self.inner = denoiser_of(rebuilt)
        self.Sampling = type(self.inner).Sampling  # type: ignore[misc]  # each schedule has its own samplers

    @property
    def own_sampling(self) -> Any:
        """Its Sampling with what the file speaks for."""
        return fill(type(self.inner).Sampling, self.inner.own_sampling)

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """Start noise (n, d)."""
        return self.inner.prior(n, generator)

    def walk(self, start: Tensor, sampling: Any, generator: torch.Generator) -> Iterator[State]:
        """From noise to points by the chosen sampler."""
        return self.inner.walk(start, sampling, generator)

    def onward(self, start: Tensor, t: float, sampling: Any) -> tuple[int, Iterator[State]]:
        """See families.capabilities.GoesOn: by what is left of the probability flow's times; Refused for samplers that
        begin with noise."""
        if sampling.solver in (DDPM, DDIM, DPMPP):
            raise Refused("This sampler begins with noise. Choose an ODE solver, e.g. Heun, to go on from the middle.")
        labels = torch.full((len(start),), sampling.label, dtype=torch.int64, device=start.device)
        route = self.inner.route(Guided(self.rebuilt, labels, sampling.guidance), sampling).after(t)
        return len(route.times), route.walk(solver_of(sampling), start)

    def frames(self, sampling: Any) -> int:
        """States of a walk."""
        return self.inner.frames(sampling)

    def beat(self, name: str, fit: Fit) -> Mapping[str, Tensor | float]:
        """Refused: it is looked at, not trained."""
        raise Refused("A model from another program is not trained here. Choose one of the studio's families.")


def is_foreign(source: str | Path) -> bool:
    """Whether this names an existing file or folder that the studio did not write."""
    path = Path(source).expanduser()
    return bool(str(source)) and (path.is_dir() or (path.is_file() and not family_of(path)))


def of_others(source: str | Path) -> bool:
    """Whether it is a file of another program whose model runs; `opened_with` says what it makes, if no points."""
    return is_foreign(source) and made_by(Path(source).expanduser()) != NOTHING


def points_of(rebuilt: Rebuilt) -> ForeignPoints:
    """The family; Refused where the model makes no points, with the panel that shows it."""
    if isinstance(rebuilt, Denoiser) and rebuilt.shape.height == rebuilt.shape.width == 1:
        return ForeignPoints(rebuilt).eval()
    what = (
        "writes text. Open it in the Text" if isinstance(rebuilt, Masked) else "draws pictures. Open it in the Latents"
    )
    raise Refused(f"{rebuilt.title} has no points: it {what} panel.")


def opening_points(
    source: str | Path, choice: Mapping[str, str], device: str, seed: int = 0
) -> Generator[None, None, Scene]:
    """The scene of a file, in slices, with what the person chose instead of what was concluded. It has no training
    data: they are not in the file, and nothing stands in for them."""
    model = points_of((yield from rebuilding(Path(source).expanduser(), choice, device)))
    return scene_of(model, seed)


def opened_with(source: str | Path, values: Mapping[str, str], device: str) -> Scene:
    """The scene with knobs of its Sampling and settings of its file (prediction, activation) by name, as a command
    line gives them; Refused for a name that is neither."""
    first = {name: values[name] for name in (CONSENT, CANDIDATE) if name in values}
    scene = finish(opening_points(source, first, device))
    assert isinstance(scene.model, ForeignPoints)
    settings = {*first, *(one.name for one in scene.model.rebuilt.settings)}
    choice = {name: text for name, text in values.items() if name in settings}
    if choice.keys() - first.keys():
        scene = finish(opening_points(source, choice, device))
    knobs = knobs_of(type(scene.sampling))
    own = {name: find_knob(knobs, name).parse(text) for name, text in values.items() if name not in choice}
    scene.sampling = fill(type(scene.sampling), {**vars(scene.sampling), **own})
    return scene


def scene_of(model: ForeignPoints, seed: int = 0) -> Scene:
    """The model with its Sampling, without data."""
    return Scene(
        model=model,
        sampling=model.own_sampling,
        points=torch.zeros((0, model.dim), device=model.device),
        labels=torch.zeros(0, dtype=torch.int64, device=model.device),
        mixture=Mixture(np.zeros(0), np.zeros((0, model.dim)), np.zeros((0, model.dim, model.dim))),
        exact=None,
        data_set=None,
        seed=seed,
        step=0,
    )
