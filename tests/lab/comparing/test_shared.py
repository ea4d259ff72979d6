"""One reference for the films of one field from one start; along a Brownian path for those of one solver and times."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.reports import FrameReport
from dgm_studio.core.requests import Shoot
from dgm_studio.core.slow import finish
from dgm_studio.data.mixture import Mixture
from dgm_studio.lab.comparing.reference import WORTH, Walked, reference, rows_of
from dgm_studio.lab.comparing.shared import KEPT, References
from dgm_studio.lab.film_task import FilmTask
from dgm_studio.lab.run import Run
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.solvers import solvers
from tests.lab.comparing.watching import filmed
from tests.lab.recipes import go, small


def walked(solver: str, steps: int = 4, seed: int = 0, shift: float = 0.0) -> Walked:
    """Each with a field and a start of its own making."""
    field = ExactField(Mixture.isotropic(np.array([[1.2 + shift, 0.0]]), 0.5), paths()["vp"])
    start = torch.randn(6, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return Walked(field, solvers()[solver], field.path.time_grid(steps, torch.float64), start, 6, seed)


def test_what_is_the_same_is_computed_once() -> None:
    shelf = References()
    first = finish(shelf.get(walked("heun")))
    for same in (walked("heun", 9), walked("rk4"), walked("ddim", seed=3)):
        assert finish(shelf.get(same)) is first
    assert shelf.computed == 1
    others = [walked("heun", shift=1e-6), replace(walked("heun"), start=first.ends), walked("euler-maruyama"),
              walked("euler-maruyama", 5), walked("euler-maruyama", seed=1)]  # fmt: skip
    for other in others:
        assert torch.equal(finish(shelf.get(other)).ends, finish(reference(other)).ends)
    assert shelf.computed == 1 + len(others)
    for shift in range(KEPT):
        finish(shelf.get(walked("heun", shift=1.0 + shift)))
    assert finish(shelf.get(walked("heun"))) is not first, "it keeps the newest"


def test_films_of_one_frozen_model_share_it_and_a_cancelled_one_leaves_it_growing() -> None:
    """Each film freezes a copy of the model; guidance makes another field of it."""
    run, shelf = Run(small("diffusion", classes=2)), References()
    go(run, 2)

    def film(**knobs: object) -> FilmTask:
        scene = run.scene()
        scene.sampling = run.sampling_with(knobs)  # type: ignore[arg-type]
        return FilmTask(scene, Shoot("film", "run", {}, count=20, judged=True, brownian=True), shelf)

    left = film(solver="heun").beats()
    for report in left:
        if not isinstance(report, FrameReport) and shelf.computed:
            break  # within the reference
    left.close()  # type: ignore[attr-defined]
    _, measures = filmed(film(solver="euler", steps=3))
    assert measures[-1].error is not None
    assert shelf.computed == 1
    filmed(film(solver="heun", guidance=2.0))
    go(run, 1)
    filmed(film(solver="heun"))
    assert shelf.computed == 3


def test_a_refusal_is_told_to_all() -> None:
    shelf = References()
    for _ in range(2):
        with pytest.raises(Refused, match="chain"):
            finish(shelf.get(walked("langevin")))
    assert shelf.computed == 1


def test_finite_data_are_judged_by_fewer_particles_and_thinner_walks() -> None:
    """In numbers that do not depend on the machine: what a slice looks at, and what all of it does."""
    looked: list[int] = []
    rng = np.random.default_rng(0)
    field = ExactField(Mixture.of_points(rng.normal(size=(20_000, 2))), paths()["vp"])
    rows = rows_of(field)
    assert rows == 32
    assert rows_of(ExactField(Mixture.of_points(rng.normal(size=(300, 2))), paths()["vp"])) == 128

    class Watched(ExactField):
        def velocity(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            looked.append(len(x))
            return torch.zeros_like(x)

        def score(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            return self.velocity(x, t)

    watched = Watched(field.mixture, field.path)
    start = torch.zeros(rows, 2, dtype=torch.float64)
    times = field.path.time_grid(100, torch.float64)
    truth = finish(reference(Walked(watched, solvers()["heun"], times, start, 500, 0)))
    assert truth.words == "float64, tolerance 1e-8, the first 32 particles"
    assert max(looked) * 20_000 <= 80_000
    looked.clear()
    truth = finish(reference(Walked(watched, solvers()["euler-maruyama"], times, start, 500, 0)))
    assert truth.words == "the same Brownian path, 4 times finer"
    assert sum(looked) * 20_000 < 2 * WORTH
