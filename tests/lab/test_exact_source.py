"""Known data without a model: exact fields by name, filmed by every solver, in the numbers that were asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.film import Film
from dgm_studio.core.point_model import PointModelReport
from dgm_studio.core.reports import LAW, TRAINING_POINTS, FrameReport
from dgm_studio.core.requests import NewData, Shoot, Train
from dgm_studio.core.slow import finish
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.exact_model import ExactModel
from dgm_studio.lab.exact_source import ATOMS, KEPT, POINTS, ExactDesk, exact_scene, known_data
from dgm_studio.lab.film_task import FilmTask
from dgm_studio.lab.train_task import TrainTask
from dgm_studio.paths import paths
from dgm_studio.solvers import solvers
from tests.lab.recipes import painted, small


def nobody(lane: str) -> object:
    raise Refused(f"no lane {lane}")


def shot(desk: Desk, source: str, count: int = 10, **sampling: object) -> tuple[Film, PointModelReport]:
    """A film, and what the lane told of its model first of all."""
    task, told = desk.open(Shoot("film", source, dict(sampling), count))  # type: ignore[arg-type]
    assert isinstance(task, FilmTask)
    (report,) = told
    assert isinstance(report, PointModelReport)
    return Film.of(one.frame for one in task.beats() if isinstance(one, FrameReport)), report


@pytest.mark.parametrize("path", ["straight", "vp", "ve"])
def test_gaussian_data_follow_the_exact_map(path: str) -> None:
    """x(1) = a(1) m + S(1)^1/2 S(0)^-1/2 (x(0) - a(0) m), S = a^2 Sigma + s^2 (CONVENTIONS.md), to solver tolerance."""
    known = known_data("gaussian:mean=1,-0.5;std=0.4")
    scene = exact_scene(known, path, torch.float64, "cpu")
    scene.sampling = scene.model.Sampling(solver="dopri5", rtol=1e-9, atol=1e-9, steps=3)
    film = FilmTask(scene, Shoot("film", "", {}, 20))
    x = Film.of(one.frame for one in film.beats() if isinstance(one, FrameReport)).x
    assert x.dtype == np.float64
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    (a0, a1), (s0, s1) = paths()[path].a(ends).tolist(), paths()[path].s(ends).tolist()
    mean, stretch = np.array([1.0, -0.5]), np.sqrt((0.16 * a1**2 + s1**2) / (0.16 * a0**2 + s0**2))
    assert np.abs(x[-1] - (a1 * mean + stretch * (x[0] - a0 * mean))).max() < 3e-6


@pytest.mark.parametrize("solver", sorted(solvers()))
def test_every_solver_walks_it(solver: str) -> None:
    film, told = shot(Desk("cpu"), "exact:vp:two-gaussians-1d", solver=solver, steps=4)
    assert np.isfinite(film.x).all()
    assert film.x.shape[1:] == (10, 1)
    assert film.x.dtype == np.float32
    assert told.sampling["solver"] == solver
    assert dict(told.unfit) == {}


def test_what_is_told_of_it() -> None:
    _, law = shot(Desk("cpu"), "exact:straight:eight-gaussians", steps=2)
    assert (law.title, law.exact, law.remark) == ("Exact field of eight-gaussians, straight line", LAW, "")
    assert (law.columns, law.noise, law.parameters) == (2, 2, 0)
    assert {"solver", "steps", "eta", "rtol"} <= {one.name for one in law.knobs}
    film, points = shot(Desk("cpu"), "exact:ve:moons", steps=2)
    assert points.exact == TRAINING_POINTS
    assert f"{ATOMS} of its points" in points.remark
    assert film.x1_hat is not None


def test_its_density_is_one() -> None:
    scene = exact_scene(known_data("two-gaussians-1d"), "vp", torch.float64, "cpu")
    assert isinstance(scene.model, ExactModel)
    x = torch.linspace(-12, 12, 4001, dtype=torch.float64)[:, None]
    for t in (0.3, 1.0):
        nats = finish(scene.model.log_prob(x, scene.sampling, torch.Generator(), t))
        assert float(torch.trapezoid(nats.exp(), x[:, 0])) == pytest.approx(1, abs=1e-9)
        at = x[2200:2203].clone().requires_grad_()
        (slope,) = torch.autograd.grad(scene.model.log_density(at, torch.tensor(t)).sum(), at)
        assert torch.allclose(slope, scene.model.score(at.detach(), torch.tensor(t)))


def test_its_map_is_that_of_the_ode() -> None:
    scene = exact_scene(known_data("gaussian-1d:mean=2;std=0.5"), "straight", torch.float64, "cpu")
    start = torch.tensor([[-1.0], [0.5]], dtype=torch.float64)
    for solver in ("rk4", "euler-maruyama", "ddim"):
        sampling = scene.model.Sampling(solver=solver, steps=60, eta=1.0)
        assert isinstance(scene.model, ExactModel)
        *_, last = scene.model.transport(start, sampling)
        assert torch.allclose(last.x, 2 + 0.5 * start, atol=0.05)


def test_a_films_own_model_is_filmed_again() -> None:
    desk = Desk("cpu")
    first, _ = shot(desk, "exact:ve:eight-gaussians", steps=3)
    again, told = shot(desk, "film", steps=6)
    assert len(again.x) == 7
    assert np.array_equal(again.x[0], first.x[0])
    assert told.sampling["steps"] == 6


def test_the_data_of_a_run_whatever_they_are() -> None:
    desk = Desk("cpu")
    task, _ = desk.open(Train("train", small("diffusion", painted())))
    assert isinstance(task, TrainTask)
    film, told = shot(desk, "exact:straight:@train", steps=60)
    assert told.exact == TRAINING_POINTS
    points = task.run.points_data.points
    gaps = np.abs(film.x[-1][:, None] - points[None]).max(2).min(1)
    assert gaps.max() < 1e-3  # where the noise ends there are only these points
    list(task.receive(NewData("train", painted(seed=1))))
    moved, _ = shot(desk, "exact:straight:@train", steps=60)
    assert np.abs(moved.x[-1] - film.x[-1]).max() > 0.1
    with pytest.raises(Refused, match="no run"):
        shot(desk, "exact:straight:@other")


def test_a_file_is_brought_to_model_units(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    np.save(tmp_path / "far.npy", 1000 + 50 * rng.normal(size=(800, 2)))
    known = known_data(str(tmp_path / "far.npy"))
    assert len(known.resolved.mixture.weights) == ATOMS
    assert len(known.resolved.points) == 800
    assert np.abs(known.resolved.mixture.means).max() < 10
    units = known.resolved.normalisation
    assert units.to_data(known.resolved.points.astype(np.float64)).mean() == pytest.approx(1000, abs=10)


def test_moved_data_are_known_where_the_data_are() -> None:
    moved = known_data("eight-gaussians:shift=3,0;scale=0.5").resolved
    still = known_data("eight-gaussians").resolved
    assert np.allclose(moved.mixture.means, 0.5 * still.mixture.means + [3, 0])
    assert moved.points.shape == (POINTS, 2)


def test_the_shelf_keeps_points_and_floors_of_a_few() -> None:
    shelf = ExactDesk()

    def scene(data: str) -> object:
        return shelf.scene(f"exact:vp:{data}", {}, "cpu", nobody).data_memo  # type: ignore[arg-type]

    first = scene("moons")
    assert scene("moons") is first
    for number in range(KEPT):
        scene(f"gaussian:mean={number},0")
    assert scene("moons") is not first


@pytest.mark.parametrize(
    ("source", "sampling", "told"),
    [
        ("exact:vp:moonz", {}, "Did you mean moons"), ("exact:vq:moons", {}, "Did you mean vp"),
        ("exact:vp:moons", {"solver": "huen"}, "heun"), ("exact:vp:moons", {"guidance": 1.0}, "no knob named"),
        ("exact:vp:gaussian", {"steps": 0}, "between 1 and 1000"), ("exact:vp:", {}, "data set"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused(source: str, sampling: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused, match=told):
        shot(Desk("cpu"), source, **sampling)
