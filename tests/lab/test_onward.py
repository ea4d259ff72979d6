"""Branches: an unedited one is the film's own future, an edited one is a film from there, for every family that can."""

from __future__ import annotations

import numpy as np
import pytest

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.errors import Refused
from dgm_studio.core.film import Film, Frame
from dgm_studio.core.knobs import Value
from dgm_studio.core.reports import FrameReport
from dgm_studio.core.requests import Shoot
from dgm_studio.lab.film_task import FilmTask
from dgm_studio.lab.onward import no_branch, onward_times
from dgm_studio.lab.run import Run
from dgm_studio.lab.scene import Scene
from dgm_studio.paths import paths
from tests.lab.recipes import ALL, small

CAN = ["diffusion", "linear-flow", "maf", "neural-ode", "pair-flow-matching", "realnvp", "reflow"]


def scene_of(family: str, data: DataSpec | None = None, **sampling: Value) -> Scene:
    """Untrained: what is asked is where its walk goes, not how well."""
    return Run(small(family, data, 3, **sampling)).scene()


def shoot(scene: Scene, *, start: Array | None = None, t: float = 0.0, exact: bool = False, seed: int = 2) -> Film:
    return Film.of(frames_of(scene, Shoot("film", "a", {}, 12, seed, start, exact, start_time=t)))


def frames_of(scene: Scene, request: Shoot) -> list[Frame]:
    """As many as were announced."""
    reports = [report for report in FilmTask(scene, request).beats() if isinstance(report, FrameReport)]
    assert {report.total for report in reports} == {len(reports)}
    return [report.frame for report in reports]


@pytest.mark.parametrize("family", CAN)
def test_an_unedited_branch_is_the_films_own_future(family: str) -> None:
    scene = scene_of(family, solver="heun", frames_per_factor=1)
    assert no_branch(scene.model) == ""
    whole = shoot(scene)
    at = len(whole.t) // 2
    rest = shoot(scene, start=whole.x[at], t=float(whole.t[at]))
    np.testing.assert_allclose(rest.t, whole.t[at:], atol=1e-6)
    np.testing.assert_array_equal(rest.x[0], whole.x[at])
    np.testing.assert_allclose(rest.x, whole.x[at:], atol=2e-6)


def test_labels_that_are_drawn_are_those_of_the_film() -> None:
    scene = scene_of("diffusion", DataSpec("eight-gaussians", {}, 200), classes=8, guidance=3.0, solver="euler")
    whole = shoot(scene)
    rest = shoot(scene, start=whole.x[3], t=float(whole.t[3]))
    np.testing.assert_allclose(rest.x, whole.x[3:], atol=2e-6)


def test_only_what_was_moved_goes_another_way() -> None:
    scene = scene_of("diffusion", DataSpec("eight-gaussians", {}, 200), solver="rk4")
    whole = shoot(scene, exact=True)
    edited = whole.x[2].copy()
    edited[4] = (1.0, -1.0)
    rest = shoot(scene, start=edited, t=float(whole.t[2]), exact=True)
    apart = np.abs(rest.x[-1] - whole.x[-1]).max(axis=1)
    assert np.flatnonzero(apart > 1e-4).tolist() == [4]


@pytest.mark.parametrize("solver", ["euler-maruyama", "langevin"])
def test_fresh_noise_after_a_branch_is_not_that_which_made_its_points(solver: str) -> None:
    """A step's noise before and after: with the film's own generator they would be one and the same."""
    scene = scene_of("diffusion", DataSpec("eight-gaussians", {}, 200), solver=solver, steps=8)
    film = frames_of(scene, Shoot("film", "a", {}, 200, 5))
    branch = frames_of(scene, Shoot("film", "a", {}, 200, 5, film[4].x, start_time=film[4].t))
    second = frames_of(scene, Shoot("film", "a", {}, 200, 5, branch[1].x, start_time=branch[1].t))
    noises = [
        (one[1].x - one[0].x - one[0].drift).ravel() for one in (film, branch, second) if one[0].drift is not None
    ]
    alike = np.corrcoef(np.stack(noises))
    assert np.abs(alike[np.triu_indices(3, 1)]).max() < 0.15


def test_a_chain_at_one_level_goes_on_for_as_many_steps_again() -> None:
    scene = scene_of("diffusion", DataSpec("eight-gaussians", {}, 200), solver="langevin", steps=5)
    whole = shoot(scene)
    rest = shoot(scene, start=whole.x[-1], t=float(whole.t[-1]))
    assert len(rest.t) == len(whole.t) == 6
    assert not np.array_equal(rest.x[-1], whole.x[-1])


def test_another_number_of_steps_goes_on_by_its_own_times() -> None:
    times = onward_times(paths()["vp"], 4, 0.6)
    np.testing.assert_allclose(times[[0, -1]], (0.6, 1.0), atol=1e-6)
    assert (times.diff() > 0).all()


@pytest.mark.parametrize("family", [name for name in ALL if name not in CAN])
def test_a_model_without_a_middle_says_so(family: str) -> None:
    run = Run(small(family))
    if run.model.takes == "points":
        scene = run.scene()
        if why := no_branch(scene.model):
            with pytest.raises(Refused, match=scene.model.card.title):
                shoot(scene, start=np.zeros((3, 2)), t=0.5)
            assert "no middle" in why


def test_what_cannot_be_a_branch_is_refused_with_a_sentence() -> None:
    scene = scene_of("diffusion")
    for t in (1.0, 1.5):
        with pytest.raises(Refused, match="cannot go on from t"):
            shoot(scene, start=np.zeros((3, 2)), t=t)
    with pytest.raises(Refused, match="data have shape"):
        shoot(scene, start=np.zeros((3, 5)), t=0.5)
    moving = scene_of("linear-flow", frames_per_factor=4)
    with pytest.raises(Refused, match="end of a factor"):
        shoot(moving, start=np.zeros((3, 2)), t=0.1)
