"""A judged film: its numbers against paper, one Brownian path for all, and the same film as without them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dgm_studio.core.comparing import FilmMeasures
from dgm_studio.core.dataspec import DataSpec
from dgm_studio.lab.comparing.film_measures import PENDING, law_of
from dgm_studio.lab.run import Run
from tests.lab.comparing.watching import shot
from tests.lab.recipes import go, small

BELL = "exact:straight:gaussian-1d:mean=0.5;std=0.6"


def test_the_numbers_of_a_film_on_the_line() -> None:
    """Straight path to N(m, s^2): x_1 = m + s x_0. Ways of one axis that do not turn back are straight."""
    film, told = shot(BELL, {"solver": "euler", "steps": 10}, count=400)
    first, middle, last = told
    truth = 0.5 + 0.6 * film.x[0].astype(np.float64)
    error = math.sqrt(np.square(film.x[-1][:256] - truth[:256]).sum(1).mean())
    assert (first.error, first.no_error, middle.w2) == (None, PENDING, None)
    assert last.error is not None
    assert last.error.value == pytest.approx(error, rel=1e-6)
    assert last.error.low < error < last.error.high
    assert (last.reference, last.no_error, last.error.floor) == ("closed form", "", 0.0)
    assert (last.evaluations, first.seconds) == (10, last.seconds)
    assert last.w2 is not None
    assert last.w2.floor is not None
    assert 0.3 * last.w2.floor < last.w2.value < 4 * last.w2.floor
    assert last.length is not None
    assert last.length.value == pytest.approx(np.abs(np.diff(film.x, axis=0)).sum(0).mean(), rel=1e-5)


def test_a_film_that_ends_elsewhere_is_far_by_what_it_is_off() -> None:
    """One Euler step of the straight path goes from any x to E[x_1 | x_0] = m; two end at m + s^2 / (s^2 + 1) x_0: on
    paper W2 to N(m, s^2) is s, and s - s^2 / (s^2 + 1)."""
    for steps, truth in ((1, 0.6), (2, 0.6 - 0.36 / 1.36)):
        w2 = shot(BELL, {"solver": "euler", "steps": steps}, count=500)[1][-1].w2
        assert w2 is not None
        assert w2.value == pytest.approx(truth, abs=0.08)
        assert w2.low - 0.05 < truth < w2.high + 0.05


@pytest.mark.parametrize("solver", ["heun", "euler-maruyama"])
def test_judging_changes_no_frame(solver: str) -> None:
    asked = {"solver": solver, "steps": 5}
    judged, told = shot(BELL, asked, count=30, brownian=True)
    plain, none = shot(BELL, asked, count=30, brownian=True, judged=False)
    assert np.array_equal(judged.x, plain.x)
    assert (len(told), none) == (3, [])
    assert told[-1].w2 is None  # too few ends


def test_one_brownian_path_for_all_solvers_and_steps() -> None:
    asked = {"count": 50, "brownian": True, "judged": False}
    coarse, fine, finest = (
        shot(BELL, {"solver": "euler-maruyama", "steps": steps}, **asked)[0] for steps in (8, 64, 128)
    )
    other, _ = shot(BELL, {"solver": "lambda-sde", "lam": 1.0, "steps": 8}, **asked)
    ode, _ = shot(BELL, {"solver": "heun", "steps": 8}, **asked)
    fresh, _ = shot(BELL, {"solver": "euler-maruyama", "steps": 128}, count=50, judged=False)
    assert np.array_equal(coarse.x, other.x)
    assert np.array_equal(coarse.x[0], ode.x[0])
    assert np.array_equal(coarse.x[0], fresh.x[0])
    near, nearer = (np.sqrt(np.square(one.x[-1] - finest.x[-1]).mean()) for one in (coarse, fine))
    assert nearer < 0.4 * near < 0.4
    assert np.sqrt(np.square(fresh.x[-1] - finest.x[-1]).mean()) > 0.3  # another path ends elsewhere


def last_of(told: list[FilmMeasures]) -> FilmMeasures:
    assert len(told) == 3
    return told[-1]


def test_errors_of_films_with_noise() -> None:
    asked = {"count": 30, "brownian": True}
    coarse, fine = (last_of(shot(BELL, {"solver": "euler-maruyama", "steps": steps}, **asked)[1]) for steps in (4, 20))
    assert coarse.error is not None
    assert fine.error is not None
    assert coarse.reference == "the same Brownian path, 16 times finer"
    assert fine.error.value < 0.4 * coarse.error.value
    own = last_of(shot(BELL, {"solver": "euler-maruyama", "steps": 4}, count=30)[1])
    assert own.error is None
    assert "Brownian path" in own.no_error


def test_learned_models_with_and_without_an_equation() -> None:
    run = Run(small("diffusion", DataSpec("gaussian-1d", {}, 200), solver="rk4", steps=40))
    go(run, 3)
    scene = run.scene()
    learned = last_of(shot(scene, {}, count=20)[1])
    assert learned.error is not None
    assert learned.reference == "float64, tolerance 1e-8"
    assert learned.error.value < 1e-3
    exact = last_of(shot(scene, {}, count=20, exact=True)[1])
    assert exact.error is not None
    assert exact.reference == "closed form"
    ode = Run(small("neural-ode", DataSpec("gaussian-1d", {}, 200), solver="dormand-prince", steps=12)).scene()
    own = last_of(shot(ode, {}, count=20)[1])
    assert own.error is not None
    assert own.error.value < 1e-4
    gan = last_of(shot(Run(small("gan")).scene(), {}, count=20)[1])
    assert gan.error is None
    assert "no differential equation" in gan.no_error
    # Annealed Langevin along the exact score is a film too, and its end no reference knows.
    chain = last_of(shot(Run(small("ncsn", DataSpec("gaussian-1d", {}, 60))).scene(), {}, count=20, exact=True)[1])
    assert chain.error is None
    assert "no differential equation" in chain.no_error


def test_the_forward_process_is_measured_without_a_reference() -> None:
    _, told = shot(BELL, {"steps": 5}, count=30, forward="steps")
    last = told[-1]
    assert (last.error, last.w2) == (None, None)
    assert "exact" in last.no_error
    assert last.length is not None
    assert last.length.value > 0


def test_whose_samples_they_should_be() -> None:
    painted = Run(small("gan")).scene()
    assert law_of(painted) is not None
    bare = Run(small("diffusion", DataSpec("eight-gaussians", {}, 50))).scene()
    bare.data_set = None
    law = law_of(bare)
    assert law is not None
    assert law.mixture() is not None


def test_a_branch_is_judged_from_where_it_began() -> None:
    run = Run(
        small("diffusion", DataSpec("two-gaussians-1d", {}, 200), classes=2, guidance=2.0, solver="rk4", steps=40)
    )
    go(run, 3)
    whole, _ = shot(run.scene(), {}, count=20, judged=False)
    branch = {"start": whole.x[10], "start_time": float(whole.t[10])}
    film, told = shot(run.scene(), {}, **branch)
    error = last_of(told).error
    assert error is not None
    assert error.value < 1e-3
    assert np.abs(film.x[-1] - whole.x[-1]).max() < 1e-5
