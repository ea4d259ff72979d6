"""Films of a frozen scene: finite, repeatable, untouched by training, exact along the exact field."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import EXACT, Ask
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.film import STEPPED, Film
from dgm_studio.core.reports import FrameReport, Picture, Refusal
from dgm_studio.core.requests import Look, Shoot, Train
from dgm_studio.core.slow import finish
from dgm_studio.lab.desk import Desk
from dgm_studio.lab.film_frames import frame_bytes
from dgm_studio.lab.film_task import FilmTask
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.train_task import TrainTask
from dgm_studio.lab.views.distance import DIRECTIONS
from dgm_studio.lab.views.fresh import fresh_data
from dgm_studio.measures.sliced_w2 import sliced_w2_slices
from tests.lab.recipes import ALL, go, points_of, small


def shoot(scene: Scene, seed: int = 0, count: int = 20, start: Array | None = None, exact: bool = False) -> Film:
    """All frames of one film."""
    task = FilmTask(scene, Shoot("film", "a", {}, count, seed, start, exact))
    reports = [report for report in task.beats() if isinstance(report, FrameReport)]
    assert {report.total for report in reports} == {len(reports)}
    return Film.of(report.frame for report in reports)


def looked_at(task: FilmTask) -> list[Picture]:
    """All that the asks show, in as many rounds as it takes: how much one round holds is a matter of seconds, and so of
    what else the machine does."""
    found: list[Picture] = []
    while (one_round := task.watch()) is not None:
        found += [one for one in one_round if isinstance(one, Picture)]
    return found


@pytest.mark.parametrize("family", ALL)
def test_a_film_is_finite_and_repeats_by_seed(family: str) -> None:
    run = Run(small(family))
    go(run, 5)
    scene = run.scene()
    first, again, other = shoot(scene), shoot(scene), shoot(scene, seed=1)
    assert np.isfinite(first.x).all()
    assert first.x.shape[1:] == (20, 2)
    assert np.array_equal(first.x, again.x)
    assert not np.array_equal(first.x, other.x)
    assert first.t[-1] == 1
    # Langevin dynamics make several frames at one time; every other way moves on with each.
    moved = np.diff(first.t)
    assert (moved >= 0).all() if family == "ncsn" else (moved > 0).all()
    assert not first.x.flags.writeable


@pytest.mark.parametrize("family", ALL)
def test_training_beside_a_film_changes_no_frame_and_no_gradient(family: str) -> None:
    run, alone = Run(small(family)), Run(small(family))
    go(run, 3)
    go(alone, 3)
    still = shoot(run.scene())
    task, frames, clock = FilmTask(run.scene(), Shoot("film", "a", {}, 20, 0)), [], run.beats()
    for report in task.beats():
        assert isinstance(report, FrameReport)
        frames.append(report.frame)
        next(clock)  # a gradient step between two frames
    assert np.array_equal(Film.of(frames).x, still.x)
    go(alone, run.fit.step - 3)
    if run.fit.beat == 0:
        assert all(torch.equal(a, b) for a, b in zip(run.model.parameters(), alone.model.parameters(), strict=True))
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("solver", ["euler", "heun", "rk4", "ddim", "euler-maruyama"])
def test_the_exact_film_follows_the_exact_field(solver: str) -> None:
    """Gaussian data N(m, S): the probability flow ends at a m + S(1)^1/2 S(0)^-1/2 x(0) (CONVENTIONS.md)."""
    run = Run(small("diffusion", DataSpec("gaussian", {}, 300), solver=solver, steps=400))
    film = shoot(run.scene(), exact=True, count=50)
    law = points_of(run).mixture
    values, vectors = np.linalg.eigh(law.covariances[0])
    root = vectors @ np.diag(np.sqrt(values)) @ vectors.T
    truth = law.means[0] + film.x[0] @ root  # straight path: S(0) = I and a(0) = 0
    error = np.abs(film.x[-1] - truth).max()
    if solver == "euler-maruyama":
        assert error > 0.3  # a stochastic solver ends elsewhere, as it should
    else:
        assert error < 0.05


def test_the_exact_film_starts_where_the_learned_one_starts() -> None:
    scene = Run(small("diffusion")).scene()
    learned, exact = shoot(scene), shoot(scene, exact=True)
    assert np.array_equal(learned.x[0], exact.x[0])
    assert not np.array_equal(learned.x[-1], exact.x[-1])
    assert np.array_equal(learned.t, exact.t)


def test_a_family_without_a_path_has_no_exact_film() -> None:
    with pytest.raises(Refused, match="no path"):
        shoot(Run(small("gan")).scene(), exact=True)


def test_a_dragged_start_point_is_where_the_film_begins() -> None:
    scene = Run(small("diffusion")).scene()
    start = np.array([[0.3, -0.7]])  # float64, as a mouse gives it
    film = shoot(scene, start=start)
    assert film.x.shape[1:] == (1, 2)
    assert np.allclose(film.x[0], start)


@pytest.mark.parametrize("shape", [(2,), (1, 3), (0, 2), (1, 1, 2)])
def test_a_start_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(Refused, match="shape"):
        FilmTask(Run(small("diffusion")).scene(), Shoot("film", "a", {}, 1, 0, np.zeros(shape)))


def test_a_start_lives_in_the_noise_space_not_in_the_data() -> None:
    scene = Run(small("gan", latent=5)).scene()
    assert shoot(scene, start=np.zeros((3, 5))).x.shape == (1, 3, 2)
    with pytest.raises(Refused, match=r"\(n, 5\)"):
        FilmTask(scene, Shoot("film", "a", {}, 1, 0, np.zeros((3, 2))))


def test_a_film_of_nobody_is_refused() -> None:
    with pytest.raises(Refused, match="at least 1"):
        FilmTask(Run(small("gan")).scene(), Shoot("film", "a", {}, 0))


def test_a_film_that_leaves_the_finite_numbers_stops_with_a_sentence() -> None:
    run = Run(small("diffusion"))
    scene = run.scene()
    with torch.no_grad():
        for weight in scene.model.parameters():
            weight.fill_(1e30)
    task = FilmTask(scene, Shoot("film", "a", {}, 5))
    kept: list[object] = []
    with pytest.raises(Refused, match=r"finite numbers at frame .*frames before it are kept"):
        kept.extend(task.beats())
    assert kept
    assert all(isinstance(one, FrameReport) and np.isfinite(one.frame.x).all() for one in kept)


def test_a_film_shows_views_of_its_own_model() -> None:
    run = Run(small("diffusion"))
    go(run, 2)
    task = FilmTask(run.scene(), Shoot("film", "a", {}, 5, asks=(Ask("velocity", resolution=5, t=0.5),)))
    go(run, 2)
    assert [one.step for one in looked_at(task)] == [2]
    assert task.watch() is None, "nothing new to show"
    task.receive(Look("film", (Ask("velocity", resolution=5, t=0.75),)))
    assert [one.ask.t for one in looked_at(task)] == [0.75]


def test_other_sampling_values_make_another_film() -> None:
    run = Run(small("diffusion"))
    scene = run.scene()
    longer = replace(scene, sampling=run.sampling_with({"steps": 11}))
    assert len(shoot(longer).t) == 12
    assert len(shoot(scene).t) == 7


def test_frames_say_which_training_step_they_show() -> None:
    run = Run(small("diffusion"))
    go(run, 4)
    reports = list(FilmTask(run.scene(), Shoot("film", "a", {}, 5)).beats())
    assert {report.step for report in reports if isinstance(report, FrameReport)} == {4}


@pytest.mark.parametrize("steps", [12, 11, 1])
def test_of_a_film_that_memory_cannot_hold_every_kth_frame_and_both_ends_are_kept(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Run(small("diffusion", solver="euler-maruyama"))
    scene = replace(run.scene(), sampling=run.sampling_with({"steps": steps}))
    whole = list(FilmTask(scene, Shoot("film", "a", {}, 20)).beats())
    monkeypatch.setattr("dgm_studio.core.film.MOST_BYTES", 5 * frame_bytes(scene, 20))
    thinned = [one for one in FilmTask(scene, Shoot("film", "a", {}, 20)).beats() if one is not None]
    wanted = [0, 3, 6, 9, steps] if steps > 1 else [0, 1]
    every = 3 if steps > 1 else 1
    assert {(one.total, one.every) for one in thinned if isinstance(one, FrameReport)} == {(len(wanted), every)}
    frames, full = ([one.frame for one in film if isinstance(one, FrameReport)] for film in (thinned, whole))
    assert [frame.t for frame in frames] == [full[k].t for k in wanted]
    for frame, k in zip(frames, wanted, strict=True):
        assert np.array_equal(frame.x, full[k].x)
    for frame, k, further in zip(frames, wanted[:-1], wanted[1:], strict=False):
        drifts = [full[j].drift for j in range(k, further)]
        assert frame.drift is not None
        assert np.allclose(frame.drift, np.sum([one for one in drifts if one is not None], axis=0), atol=1e-6)
    assert sum(frame.nbytes for frame in frames) <= 5 * frame_bytes(scene, 20)


def test_a_film_is_refused_where_not_even_its_ends_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Run(small("diffusion")).scene()
    monkeypatch.setattr("dgm_studio.core.film.MOST_BYTES", 2 * frame_bytes(scene, 100))
    FilmTask(scene, Shoot("film", "a", {}, 100))
    with pytest.raises(Refused, match="101 particles needs 0 MB for its first and last frame alone"):
        FilmTask(scene, Shoot("film", "a", {}, 101))


def test_a_frame_has_the_field_at_its_particles_and_what_of_their_step_is_not_noise() -> None:
    scene = Run(small("diffusion", solver="euler-maruyama", steps=8)).scene()
    frames = [one.frame for one in FilmTask(scene, Shoot("film", "a", {}, 400)).beats() if isinstance(one, FrameReport)]
    first, second = frames[2:4]
    assert first.velocity is not None
    assert first.drift is not None
    assert first.drift.shape == (STEPPED, 2)
    with torch.no_grad():
        there = torch.tensor(first.t, dtype=scene.points.dtype)
        field = scene.model.velocity(torch.tensor(first.x), there).numpy()  # type: ignore[operator]
    assert np.allclose(first.velocity, field, atol=1e-4)
    noise = second.x[:STEPPED] - first.x[:STEPPED] - first.drift
    h = second.t - first.t
    g2 = float(scene.model.path.diffusion_squared(torch.tensor(first.t)))  # type: ignore[operator, union-attr]
    assert np.std(noise) == pytest.approx((g2 * h) ** 0.5, rel=0.1)
    heun = Run(small("diffusion", solver="heun")).scene()
    assert all(one.frame.drift is None for one in FilmTask(heun, Shoot("film", "a", {}, 5)).beats())  # type: ignore[union-attr]


def test_the_distance_of_a_whole_film_is_that_of_its_own_last_frame() -> None:
    run = Run(small("diffusion"))
    go(run, 3)
    task = FilmTask(run.scene(), Shoot("film", "a", {}, 60, seed=9))
    frames = [one.frame for one in task.beats() if isinstance(one, FrameReport)]
    task.receive(Look("film", (Ask("distance", count=60),)))
    (picture,) = looked_at(task)
    scene = run.scene()
    generator = scene.generator(DIRECTIONS)
    own = finish(sliced_w2_slices(torch.tensor(frames[-1].x), fresh_data(scene, 60), generator))
    assert picture.numbers["sliced_w2"] == pytest.approx(own.value, rel=1e-6)


def test_a_film_lanes_frozen_model_can_be_filmed_again() -> None:
    desk = Desk("cpu")
    task, _ = desk.open(Train("train", small("diffusion")))
    assert isinstance(task, TrainTask)
    first, _ = desk.open(Shoot("film", "train", {}, 20, seed=1))
    assert isinstance(first, FilmTask)
    go(task.run, 5)
    again, _ = desk.open(Shoot("probe", "film", {"steps": 6}, 20, seed=1))
    moved, _ = desk.open(Shoot("other", "train", {}, 20, seed=1))
    films = [
        Film.of(one.frame for one in each.beats() if isinstance(one, FrameReport)).x for each in (first, again, moved)
    ]
    assert np.array_equal(films[0], films[1])
    assert not np.array_equal(films[0], films[2])
    first.close()
    with pytest.raises(Refused, match="no model to film"):
        desk.open(Shoot("probe", "film", {}, 20))


WATCHED = (
    *(Ask(view, resolution=12, t=t, count=20) for view in ("density", "velocity", "score") for t in (0.25, 0.5)),
    *(Ask(view, EXACT, resolution=12, t=0.5) for view in ("density", "velocity")),
    Ask("samples", count=20), Ask("modes", count=20), Ask("distance", count=40), Ask("grid"),
)  # fmt: skip


@pytest.mark.parametrize("solver", ["heun", "euler-maruyama"])
@pytest.mark.parametrize("brownian", [False, True])
def test_the_same_seed_is_the_same_film_however_it_is_watched(solver: str, brownian: bool) -> None:
    """Between its frames it rests, and whatever layers there are look at its model at other times."""
    run = Run(small("diffusion", DataSpec("eight-gaussians", {}, 200), solver=solver))
    request = Shoot("film", "a", {}, 20, seed=4, brownian=brownian)
    alone = Film.of(one.frame for one in FilmTask(run.scene(), request).beats() if isinstance(one, FrameReport))
    task, frames, seen = FilmTask(run.scene(), request), [], set()
    for number, report in enumerate(task.beats()):
        assert isinstance(report, FrameReport)
        frames.append(report.frame)
        task.receive(Look("film", WATCHED[number % 3 :: 3] if number % 4 else ()))
        seen |= {picture.ask.view for picture in looked_at(task)}
    assert {"density", "velocity", "samples"} <= seen
    watched = Film.of(frames)
    for name in ("x", "t", "x1_hat", "velocity", "evaluations"):
        assert np.array_equal(getattr(watched, name), getattr(alone, name), equal_nan=True), name


def test_each_sample_ends_at_the_mode_that_most_likely_made_it() -> None:
    run = Run(small("diffusion", DataSpec("eight-gaussians", {}, 200)))
    task = FilmTask(run.scene(), Shoot("film", "a", {}, 50, exact=True))
    last = [one.frame.x for one in task.beats() if isinstance(one, FrameReport)][-1]
    task.receive(Look("film", (Ask("modes", count=50),)))
    (picture,) = looked_at(task)
    law = points_of(run).mixture
    nearest = np.linalg.norm(last[:, None] - law.means, axis=2).argmin(axis=1)  # equal and round: the nearest mean
    assert np.array_equal(picture.arrays["labels"], nearest)
    assert picture.numbers["modes"] == 8


def test_of_a_forward_film_the_modes_are_those_of_its_data() -> None:
    run = Run(small("diffusion", DataSpec("eight-gaussians", {}, 200)))
    task = FilmTask(run.scene(), Shoot("film", "a", {}, 50, forward="steps"))
    first = next(one.frame.x for one in list(task.beats()) if isinstance(one, FrameReport))
    task.receive(Look("film", (Ask("modes", count=50),)))
    (picture,) = looked_at(task)
    nearest = np.linalg.norm(first[:, None] - points_of(run).mixture.means, axis=2).argmin(axis=1)
    assert np.array_equal(picture.arrays["labels"], nearest)


def test_of_shapes_without_modes_the_nearest_points_class_counts() -> None:
    run = Run(small("diffusion", DataSpec("moons", {}, 200)))
    scene = run.scene()
    task = FilmTask(scene, Shoot("film", "a", {}, 30))
    last = [one.frame.x for one in task.beats() if isinstance(one, FrameReport)][-1]
    task.receive(Look("film", (Ask("modes", count=30),)))
    (picture,) = looked_at(task)
    near = np.linalg.norm(last[:, None] - scene.points.numpy(), axis=2).argmin(axis=1)
    assert np.array_equal(picture.arrays["labels"], scene.labels.numpy()[near])
    ring = FilmTask(Run(small("diffusion", DataSpec("gaussian", {}, 200))).scene(), Shoot("film", "a", {}, 5))
    ring.receive(Look("film", (Ask("modes", count=5),)))
    one_round = ring.watch()
    assert one_round is not None
    (refused,) = [one for one in one_round if isinstance(one, Refusal)]
    assert "neither modes nor classes" in refused.reason
