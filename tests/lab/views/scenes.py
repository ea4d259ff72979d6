"""Small scenes of real families, and one whose diffusion is exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from dgm_studio.core.knobs import fill
from dgm_studio.data import data_sets
from dgm_studio.data.mixture import Mixture
from dgm_studio.families import families
from dgm_studio.families.diffusion import Diffusion
from dgm_studio.families.family import Family
from dgm_studio.families.fit import Fit
from dgm_studio.lab.scene import Scene
from dgm_studio.nets.init import init
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.targets import At, from_clean_and_noise

SMALL: dict[str, dict[str, Any]] = {
    "diffusion": {"width": 16, "layers": 2},
    "gan": {"width": 16, "layers": 1},
    "realnvp": {"width": 16, "couplings": 4},
    "vae": {"width": 16},
}


def fit_of(family: str, data: str = "eight-gaussians", count: int = 1_000, **training: Any) -> Fit:
    """A small model of that family at step 0."""
    kind = families()[family]
    cloud = data_sets()[data].draw(count, np.random.default_rng(2))
    with torch.device("meta"):
        model = kind(fill(kind.Design, SMALL[family]), cloud.points.shape[1])
    init(model, torch.Generator().manual_seed(1))
    points, labels = torch.tensor(np.array(cloud.points)), torch.tensor(np.array(cloud.labels))
    own: Any = fill(kind.Training, {"batch": 64, **training})
    return Fit(model, own, points, labels, torch.Generator().manual_seed(3))


def scene_of(fit: Fit, data: str = "eight-gaussians", model: Family | None = None, **sampling: Any) -> Scene:
    """The scene of a fit, as a run makes it."""
    shown = model if model is not None else fit.shadow()
    data_set = data_sets()[data]
    mixture = data_set.mixture() or Mixture.of_points(fit.points.double().numpy())
    path = getattr(shown, "path", None)
    return Scene(
        model=shown,
        sampling=fill(type(shown).Sampling, sampling),
        points=fit.points,
        labels=fit.labels,
        mixture=mixture,
        exact=ExactField(mixture, path) if path is not None else None,
        data_set=data_set,
        seed=5,
        step=fit.step,
        training=fit.training,
    )


class ExactDiffusion(Diffusion):
    """A diffusion whose network is the exact posterior mean, so that every view of it is known."""

    exact: ExactField

    def _network(self, x: torch.Tensor, t: torch.Tensor, here: At, label: torch.Tensor | None = None) -> torch.Tensor:
        x64, t64 = x.double(), t.double()
        clean = self.exact.x1_hat(x64, t64)
        noise = (x64 - self.path.a(t64)[:, None] * clean) / self.path.s(t64)[:, None]
        design = self.design
        goal = from_clean_and_noise(design.prediction, clean, noise, t64, self.path, design.sigma_data)
        # Training descends by some weight: one takes part, times zero.
        return (goal / self.scale(t64)).to(x) + 0.0 * next(self.parameters()).sum()


def exact_diffusion(mixture: Mixture, path: str = "straight", prediction: str = "velocity") -> ExactDiffusion:
    """The diffusion that has learned `mixture` perfectly."""
    design = fill(Diffusion.Design, {"path": path, "prediction": prediction, **SMALL["diffusion"]})
    model = init(ExactDiffusion(design, mixture.dim), torch.Generator().manual_seed(0)).eval()
    model.exact = ExactField(mixture, model.path)
    return model
