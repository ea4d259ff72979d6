"""The density over time of data on a line: the exact one by scipy, the learned one of a perfect flow, and mass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dgm_studio.core.ask import EXACT, Ask, Box
from dgm_studio.core.slow import finish
from dgm_studio.data import data_sets
from dgm_studio.lab.views import views
from dgm_studio.lab.views.lattice import FINER
from dgm_studio.lab.views.space_time import EXACT_TIMES, OTHER_TIMES, density_of
from tests.lab.views.scenes import exact_diffusion, fit_of, scene_of
from tests.lab.views.test_line import bells

BOX: Box = (-5.0, 5.0, 0.0, 1.0)
R = 32
X = -5.0 + (np.arange(FINER * R) + 0.5) * 10 / (FINER * R)
ASK = Ask("space_time", box=BOX, resolution=R)


def test_exact_and_learned_columns_are_the_noised_law() -> None:
    mixture = data_sets()["mixture-1d"].mixture()
    assert mixture is not None
    scene = scene_of(fit_of("diffusion", "mixture-1d"), "mixture-1d", exact_diffusion(mixture), solver="heun", steps=24)
    view = views()["space_time"]
    for variant, count, near in ((EXACT, EXACT_TIMES, 1e-6), ("learned", OTHER_TIMES, 0.008)):
        ask = replace(ASK, variant=variant)
        assert view.refuses(scene, ask) == ""
        values = finish(view.compute(scene, ask)).arrays["values"]
        assert values.shape == (FINER * R, count)
        for column in (0, count // 2, count - 1):
            np.testing.assert_allclose(values[:, column], bells(X, (column + 0.5) / count), atol=near)
        assert values.sum(0) * 10 / (FINER * R) == pytest.approx(1.0, abs=2e-3)


def test_it_is_refused_in_the_plane_and_where_no_density_is_known_on_the_way() -> None:
    view = views()["space_time"]
    assert "on a line" in view.refuses(scene_of(fit_of("diffusion", "moons"), "moons"), ASK)
    gan = scene_of(fit_of("gan", "mixture-1d"), "mixture-1d")
    assert "no path" in view.refuses(gan, replace(ASK, variant=EXACT))
    assert view.refuses(gan, ASK)


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=12), st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_mass_is_kept_also_where_ways_cross(ends: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    mass = rng.uniform(0.1, 1.0, len(ends) - 1)
    edges = np.linspace(-4, 4, 33)
    density = density_of(np.array(ends), mass, edges)
    assert density.min() > -1e-6 * mass.sum()
    assert float((density * np.diff(edges)).sum()) == pytest.approx(mass.sum(), rel=1e-6)


def test_a_folded_map_adds_its_branches() -> None:
    """x = |z| of a uniform z on [-1, 1]: density 1 on [0, 1]."""
    z = np.linspace(-1, 1, 401)
    density = density_of(np.abs(z), np.full(400, 1 / 400), np.linspace(0, 2, 9))
    np.testing.assert_allclose(density, [1, 1, 1, 1, 0, 0, 0, 0], atol=1e-9)


def test_data_without_a_closed_form_are_noised_by_their_samples() -> None:
    """Uniform data on [-2, 2] along the straight path: p_t(x) = [Phi((x + 2 t) / s) - Phi((x - 2 t) / s)] / (4 t)."""
    scene = scene_of(fit_of("diffusion", "uniform-1d"), "uniform-1d")
    shown = finish(views()["space_time"].compute(scene, replace(ASK, variant=EXACT)))
    assert "20,000 fresh samples" in shown.note
    for column in (0, 10, 25):
        t = (column + 0.5) / OTHER_TIMES
        law = (stats.norm.cdf((X + 2 * t) / (1 - t)) - stats.norm.cdf((X - 2 * t) / (1 - t))) / (4 * t)
        np.testing.assert_allclose(shown.arrays["values"][:, column], law, atol=0.02)
