"""The forward process: its law given the datum, its transitions, and its refusals."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.film import FORWARD_WAYS, JUMP, STEPS, Film
from dgm_studio.core.forward import ForwardReport
from dgm_studio.core.reports import FrameReport
from dgm_studio.core.requests import Shoot
from dgm_studio.core.slow import finish
from dgm_studio.lab.film_task import FilmTask
from dgm_studio.lab.forward import fresh_clean, steps, transition
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views.samples import samples_of
from dgm_studio.paths import paths
from tests.lab.recipes import painted, small

COUNT = 4_000
DATUM = (0.8, -0.5)


def scene_of(path: str = "straight", family: str = "diffusion", data: DataSpec | None = None) -> Scene:
    return Run(small(family, data, steps=8, path=path)).scene()


def shoot(
    scene: Scene, way: str, start: Array | None = None, count: int = 50, seed: int = 0
) -> tuple[Film, ForwardReport]:
    task = FilmTask(scene, Shoot("film", "a", {}, count, seed, start, forward=way))
    reports = list(task.beats())
    told = reports[0]
    assert isinstance(told, ForwardReport)
    return Film.of(one.frame for one in reports if isinstance(one, FrameReport)), told


@pytest.mark.parametrize("path", sorted(paths()))
@pytest.mark.parametrize("way", FORWARD_WAYS)
def test_given_the_datum_every_frame_has_the_law_of_the_path(path: str, way: str) -> None:
    """x_t of one datum is N(a x_1, s^2 I), whatever came before: mean within five, variance within six sigmas."""
    start = np.repeat([DATUM], COUNT, axis=0)
    film, told = shoot(scene_of(path), way, start)
    assert film.t[0] == 1
    assert film.t[-1] == 0
    assert (np.diff(film.t) < 0).all()
    np.testing.assert_allclose(told.t, film.t, atol=1e-7)
    known = paths()[path]
    t = torch.tensor(film.t)
    np.testing.assert_allclose(told.a, known.a(t), atol=1e-12)
    np.testing.assert_allclose(told.s, known.s(t), atol=1e-12)
    for x, a, s in zip(film.x.astype(np.float64), told.a, told.s, strict=True):
        np.testing.assert_allclose(x.mean(0), a * np.array(DATUM), atol=5 * s / COUNT**0.5 + 1e-5)
        np.testing.assert_allclose(x.var(0), s**2, atol=6 * s**2 * (2 / COUNT) ** 0.5 + 1e-9)


def test_steps_add_fresh_noise_and_a_jump_the_same() -> None:
    start = np.repeat([DATUM], COUNT, axis=0)
    noise = {}
    for way in FORWARD_WAYS:
        film, told = shoot(scene_of(), way, start)
        early, late = 3, 6
        noise[way] = [(film.x[k] - told.a[k] * np.array(DATUM)) / told.s[k] for k in (early, late)]
        kept = told.a[late] / told.a[early] * told.s[early] / told.s[late]
    together = np.corrcoef(noise[JUMP][0][:, 0], noise[JUMP][1][:, 0])[0, 1]
    apart = np.corrcoef(noise[STEPS][0][:, 0], noise[STEPS][1][:, 0])[0, 1]
    assert together == pytest.approx(1.0, abs=1e-4)
    assert apart == pytest.approx(kept, abs=0.05), "a Markov chain forgets: a_r s_t / (a_t s_r)"
    assert kept < 0.4


@given(st.floats(0.05, 0.95), st.floats(0.01, 0.9), st.sampled_from(sorted(paths())))
@settings(max_examples=25, deadline=None)
def test_two_steps_are_one(late: float, share: float, path: str) -> None:
    """Chapman and Kolmogorov: the transition over t > u > r is that from t to r."""
    times = torch.tensor([1.0, late, share * late], dtype=torch.float64)
    a, s = paths()[path].a(times).tolist(), paths()[path].s(times).tolist()
    (k1, s1), (k2, s2) = (transition((a[i], s[i]), (a[i + 1], s[i + 1])) for i in (0, 1))
    k, whole = transition((a[0], s[0]), (a[2], s[2]))
    assert k1 * k2 == pytest.approx(k, rel=1e-9)
    assert (k2**2 * s1**2 + s2**2) ** 0.5 == pytest.approx(whole, rel=1e-6)


def test_a_ddpm_step_is_the_lecture_s() -> None:
    """q(x_t | x_(t-1)) = N(sqrt(1 - beta) x, beta I) for a^2 = prod (1 - beta) (Ho et al., 2020, equation 2)."""
    beta = torch.tensor([0.1, 0.3, 0.2], dtype=torch.float64)
    square = torch.cumprod(1 - beta, 0)
    for k in (1, 2):
        now, then = ((float(square[j].sqrt()), float((1 - square[j]).sqrt())) for j in (k - 1, k))
        keep, spread = transition(now, then)
        assert keep == pytest.approx(float((1 - beta[k]).sqrt()))
        assert spread**2 == pytest.approx(float(beta[k]))


def test_the_rest_of_a_move_after_its_drift_is_noise() -> None:
    x1 = torch.full((COUNT, 1), 1.5, dtype=torch.float64)
    times, a, s = (
        torch.tensor(row, dtype=torch.float64) for row in ([1.0, 0.6, 0.0], [1.0, 0.6, 0.0], [0.0, 0.4, 1.0])
    )
    first, second, last = steps(x1, times, a, s, torch.Generator().manual_seed(0))
    assert second.drift is not None
    rest = (last.x - second.x - second.drift)[:, 0]
    assert float(rest.mean()) == pytest.approx(0.0, abs=0.05)
    assert abs(float(torch.corrcoef(torch.stack([rest, second.x[:, 0]]))[0, 1])) < 0.05
    assert first.drift is not None
    assert last.drift is None


def test_a_film_of_the_data_begins_with_them_and_repeats_by_seed() -> None:
    scene = scene_of(data=DataSpec("eight-gaussians", {}, 300))
    film, _ = shoot(scene, STEPS)
    again, _ = shoot(scene, STEPS)
    other, _ = shoot(scene, STEPS, seed=1)
    assert np.array_equal(film.x, again.x)
    assert not np.array_equal(film.x[0], other.x[0])
    np.testing.assert_allclose(film.x[0], fresh_clean(scene, 50, 0), atol=1e-6)
    assert int(film.evaluations[-1]) == 0, "nothing is learned on this way"


def test_noise_is_not_taken_for_the_model_s_samples() -> None:
    scene = scene_of()
    film, _ = shoot(scene, JUMP, count=40)
    drawn = finish(samples_of(scene, 40)).numpy()
    assert not any(np.array_equal(drawn, x) for x in film.x)


def test_imported_points_are_noised_themselves() -> None:
    scene = scene_of(data=painted())
    found = fresh_clean(scene, 100, 0)
    assert len(found) == 100
    known = {tuple(row) for row in scene.points.tolist()}
    assert {tuple(row) for row in found.tolist()} <= known
    assert len({tuple(row) for row in found[:60].tolist()}) == len(known), "each once before any comes twice"


@pytest.mark.parametrize(
    ("family", "why"), [("gan", "no path"), ("pair-flow-matching", "own source"), ("score-matching", "one noise")]
)
def test_a_model_without_a_forward_process_says_why(family: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        shoot(scene_of(family=family), STEPS)


def test_an_unknown_way_and_points_of_another_dimension_are_refused() -> None:
    with pytest.raises(Refused, match="forward way"):
        shoot(scene_of(), "leap")
    with pytest.raises(Refused, match="data have"):
        shoot(scene_of(), STEPS, np.zeros((4, 3)))
