"""Views of data on a line, against closed forms in one dimension."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from dgm_studio.core.arrays import Array
from dgm_studio.core.ask import ERROR, EXACT, Ask, Box
from dgm_studio.core.slow import finish
from dgm_studio.data import data_sets
from dgm_studio.lab.scene import Scene
from dgm_studio.lab.views import views
from dgm_studio.lab.views.fresh import fresh_data
from dgm_studio.lab.views.lattice import FINER
from dgm_studio.lab.views.view import Shown
from tests.lab.views.scenes import exact_diffusion, fit_of, scene_of

BOX: Box = (-5.0, 5.0, -0.1, 0.7)
R = 32
X = -5.0 + (np.arange(FINER * R) + 0.5) * 10 / (FINER * R)


def show(scene: Scene, ask: Ask) -> Shown:
    view = views()[ask.view]
    assert view.refuses(scene, ask) == ""
    return finish(view.compute(scene, ask))


def bells(x: Array, t: float) -> Array:
    """p_t of mixture-1d along x_t = t x_1 + (1 - t) x_0, by scipy."""
    law = data_sets()["mixture-1d"].mixture()
    assert law is not None
    spread = np.sqrt(t**2 * law.covariances[:, 0, 0] + (1 - t) ** 2)
    return np.asarray(stats.norm.pdf(x[:, None], t * law.means[:, 0], spread) @ law.weights)


@pytest.fixture(scope="module")
def perfect() -> Scene:
    mixture = data_sets()["mixture-1d"].mixture()
    assert mixture is not None
    fit = fit_of("diffusion", "mixture-1d")
    return scene_of(fit, "mixture-1d", exact_diffusion(mixture), solver="heun", steps=40, density_steps=60)


@pytest.mark.parametrize("t", [0.5, 1.0])
def test_exact_density_is_the_mixture_s_along_x(perfect: Scene, t: float) -> None:
    shown = show(perfect, Ask("density", EXACT, BOX, R, t))
    np.testing.assert_allclose(shown.arrays["values"], bells(X, t), rtol=1e-5, atol=1e-8)
    assert shown.numbers["integral"] == pytest.approx(1.0, abs=1e-3)


def test_density_of_a_perfect_flow_is_the_exact_one(perfect: Scene) -> None:
    ask = Ask("density", box=BOX, resolution=R)
    learned, exact, error = (show(perfect, replace(ask, variant=v)) for v in ("learned", EXACT, ERROR))
    assert learned.note == "by the ODE", "a curve is not thinned"
    assert learned.numbers["integral"] == pytest.approx(1.0, abs=0.01)
    assert error.numbers["relative_l2"] < 0.03
    np.testing.assert_allclose(error.arrays["exact"], exact.arrays["values"])
    gap = learned.arrays["values"] - exact.arrays["values"]
    np.testing.assert_allclose(error.arrays["values"], gap, atol=1e-5)


def test_fields_are_arrows_along_the_line(perfect: Scene) -> None:
    for field in ("velocity", "score"):
        ask = Ask(field, box=BOX, resolution=R, t=0.5)
        learned, exact, error = (show(perfect, replace(ask, variant=v)) for v in ("learned", EXACT, ERROR))
        assert learned.arrays["x"].shape == learned.arrays["v"].shape == (21, 1)
        np.testing.assert_allclose(learned.arrays["v"], exact.arrays["v"], atol=1e-5)
        assert error.arrays["values"].shape == (FINER * R,)
        assert error.numbers["relative_l2"] < 1e-5
    x = exact.arrays["x"].astype(float)[:, 0]
    slope = (np.log(bells(x + 1e-5, 0.5)) - np.log(bells(x - 1e-5, 0.5))) / 2e-5
    np.testing.assert_allclose(exact.arrays["v"][:, 0], slope, atol=1e-4)


def test_a_perfect_model_s_samples_are_as_far_as_chance(perfect: Scene) -> None:
    film = show(perfect, Ask("samples", count=2_000))
    assert film.arrays["frames"].shape[1:] == (2_000, 1)
    distance = show(perfect, Ask("distance", count=2_000)).numbers
    assert distance["sliced_w2"] < 2 * distance["floor_high"]
    assert show(perfect, Ask("coverage", count=2_000)).numbers == {"covered": 4.0, "modes": 4.0}


def test_sliced_w2_of_a_line_is_w2() -> None:
    """All directions of a line are +-1, so that the distance is that of the sorted samples."""
    scene = scene_of(fit_of("vae", "uniform-1d"), "uniform-1d")
    last = np.sort(show(scene, Ask("samples", count=500)).arrays["frames"][-1][:, 0])
    data = np.sort(fresh_data(scene, 500).numpy()[:, 0])
    found = show(scene, Ask("distance", count=500)).numbers["sliced_w2"]
    assert found == pytest.approx(float(np.sqrt(np.mean((last - data) ** 2))), rel=1e-4)


def test_best_critic_where_generator_and_data_are_known() -> None:
    """With G = identity the generator's q is N(0, 1), so D* = p / (p + q) is known."""
    fit = fit_of("gan", "gaussian-1d")
    model = fit.shadow()
    model.generator = torch.nn.Identity()
    model.prior = lambda n, generator: torch.randn(n, 1, generator=generator)  # type: ignore[method-assign]
    scene = scene_of(fit, "gaussian-1d", model)
    ask = Ask("critic", EXACT, (-3, 3, 0, 1), R)
    shown = show(scene, ask)
    x = -3 + (np.arange(FINER * R) + 0.5) * 6 / (FINER * R)
    p, q = stats.norm.pdf(x, scale=1.2), stats.norm.pdf(x)
    off = np.abs(shown.arrays["values"] - p / (p + q))
    assert 0 < shown.numbers["floor"] < 0.1
    # What kernels make of 4,000 samples; on a line one draw's floor is too small a yardstick.
    assert float((off * (p + q)).sum() / (p + q).sum()) < 0.03
    error, learned = (show(scene, replace(ask, variant=v)).arrays for v in (ERROR, "learned"))
    np.testing.assert_allclose(error["values"], learned["values"] - shown.arrays["values"], atol=1e-5)
    np.testing.assert_allclose(error["exact"], shown.arrays["values"])


def test_a_line_has_no_grid(perfect: Scene) -> None:
    assert "A line has no grid" in views()["grid"].refuses(perfect, Ask("grid"))
