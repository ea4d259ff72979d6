"""W1 and W2: POT's and scipy's answers on random clouds, closed forms, and what every distance obeys."""

from __future__ import annotations

import math

import numpy as np
import ot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import norm, wasserstein_distance

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.data.laws import DiscreteLaw, law_from_text
from dgm_studio.measures.line import mean_cost
from dgm_studio.measures.w1 import MEASURE as W1
from dgm_studio.measures.w2 import MEASURE as W2
from dgm_studio.measures.wasserstein import Wasserstein
from tests.measures.laws import FLAT, ROUND, TILTED, estimate, gaussian, mixture

BOTH = pytest.mark.parametrize("measure", [W1, W2], ids=["w1", "w2"])


@BOTH
@pytest.mark.parametrize(("n", "m"), [(60, 60), (60, 35), (1, 7)])
def test_the_plan_s_cost_is_pot_s(measure: Wasserstein, n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    x, y = rng.normal(size=(n, 2)), 2 * rng.normal(size=(m, 2)) + 1
    truth = ot.emd2([], [], cdist(x, y) ** measure.power) ** (1 / measure.power)
    assert estimate(measure, "exact-plan", x, y) == pytest.approx(truth, rel=1e-9)


@BOTH
def test_of_equal_clouds_it_is_the_cheapest_assignment(measure: Wasserstein) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(80, 3)), rng.random((80, 3)) ** 2
    cost = cdist(x, y) ** measure.power
    truth = cost[linear_sum_assignment(cost)].mean() ** (1 / measure.power)
    assert estimate(measure, "exact-plan", x, y) == pytest.approx(truth, rel=1e-9)


@pytest.mark.parametrize(("n", "m"), [(200, 200), (200, 77)])
def test_on_the_line_it_is_scipy_s_and_the_plan_s(n: int, m: int) -> None:
    rng = np.random.default_rng(m)
    x, y = rng.normal(size=(n, 1)), rng.gamma(2.0, size=(m, 1))
    assert estimate(W1, "exact-line", x, y) == pytest.approx(wasserstein_distance(x[:, 0], y[:, 0]), rel=1e-9)
    truth = math.sqrt(ot.emd2([], [], cdist(x, y) ** 2))
    assert estimate(W2, "exact-line", x, y) == pytest.approx(truth, rel=1e-9)


def test_it_takes_the_points_of_a_plane_to_the_optimum() -> None:
    """POT's own limit on pivots ends short of it: 1,500 points need more."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1_500, 2))
    assert estimate(W2, "exact-plan", x, x + np.array([3.0, 4.0])) == pytest.approx(5.0, rel=1e-9)


@BOTH
@pytest.mark.parametrize("text", ["line:x=0", "moons", "uniform-1d", "gaussian:mean=1,0;std=2"])
def test_a_shift_costs_its_length(measure: Wasserstein, text: str) -> None:
    p = law_from_text(text)
    move = (3.0, -4.0)[: p.dim]
    q = law_from_text(f"{text}{';' if ':' in text else ':'}shift={','.join(map(str, move))}")
    assert measure.closed_form(p, q) == pytest.approx(math.hypot(*move), rel=1e-12)
    assert measure.closed_form(p, p) == 0


def test_parallel_lines_are_theta_apart() -> None:
    p = law_from_text("line:x=0")
    for theta in (-1.5, 0.0, 0.25):
        q = law_from_text(f"line:x={theta}")
        assert W1.closed_form(p, q) == pytest.approx(abs(theta), abs=1e-15)


@pytest.mark.parametrize(("m", "s"), [(1.0, 2.0), (0.0, 3.0), (-2.0, 0.5), (0.7, 1.0)])
def test_gaussians_on_the_line(m: float, s: float) -> None:
    """|difference of quantiles| integrated by scipy; W2^2 = m^2 + (s - 1)^2."""
    p, q = gaussian((0.0,)), gaussian((m,), s**2)
    truth = norm.expect(lambda z: abs(m + (s - 1) * z))
    assert W1.closed_form(p, q) == pytest.approx(truth, rel=1e-6)
    assert W2.closed_form(p, q) == pytest.approx(math.hypot(m, s - 1), rel=1e-12)


def test_gaussians_in_the_plane() -> None:
    p, q = gaussian((0.0, 0.0), TILTED), gaussian((1.0, 0.0), FLAT)
    truth = ot.gaussian.bures_wasserstein_distance(np.zeros(2), np.array([1.0, 0.0]), TILTED, FLAT)
    assert W2.closed_form(p, q) == pytest.approx(float(truth), rel=1e-9)
    assert W1.closed_form(p, q) is None
    assert W1.closed_form(p, gaussian((1.0, 2.0), TILTED)) == pytest.approx(math.sqrt(5))


@BOTH
@pytest.mark.parametrize("q", [gaussian((1.0,), 4.0), gaussian((2.0,)), gaussian((0.0,), 1e-4)])
def test_quadrature_agrees_within_its_error(measure: Wasserstein, q: object) -> None:
    p = gaussian((0.0,))
    found = finish(measure.quadrature(p, q))  # type: ignore[arg-type]
    truth = measure.closed_form(p, q)  # type: ignore[arg-type]
    assert found is not None
    assert truth is not None
    assert found[1] < 1e-5
    assert abs(found[0] - truth) <= 2 * found[1] + 1e-9


@BOTH
def test_quadrature_of_mixtures_and_bounded_laws(measure: Wasserstein) -> None:
    """Against fifty thousand levels."""
    one = mixture([0.3, 0.7], np.array([[-2.0], [1.0]]), np.array([[[0.3]], [[0.5]]]))
    levels = (np.arange(50_000) + 0.5) / 50_000
    for p, q in ((one, gaussian((0.0,))), (one, law_from_text("uniform-1d"))):
        a, b = p.quantile(levels), q.quantile(levels)
        assert a is not None
        assert b is not None
        truth = np.mean(np.abs(a - b) ** measure.power) ** (1 / measure.power)
        found = finish(measure.quadrature(p, q))
        assert found is not None
        assert found[0] == pytest.approx(truth, abs=2 * found[1] + 1e-3)


@BOTH
def test_discrete_laws_are_exact(measure: Wasserstein) -> None:
    """The slide's piles: on the line by a sum, in the plane by the plan."""
    rng = np.random.default_rng(0)
    a, b = rng.random(6), rng.random(9)
    x, y = rng.normal(size=(6, 1)), rng.normal(size=(9, 1))
    truth = ot.emd2(a / a.sum(), b / b.sum(), cdist(x, y) ** measure.power) ** (1 / measure.power)
    assert measure.closed_form(DiscreteLaw(x, a), DiscreteLaw(y, b)) == pytest.approx(truth, rel=1e-9)
    x, y = rng.normal(size=(6, 2)), rng.normal(size=(9, 2))
    truth = ot.emd2(a / a.sum(), b / b.sum(), cdist(x, y) ** measure.power) ** (1 / measure.power)
    found = finish(measure.quadrature(DiscreteLaw(x, a), DiscreteLaw(y, b)))
    assert found is not None
    assert found == pytest.approx((truth, 0.0), rel=1e-9)


@BOTH
def test_what_is_not_known_is_none(measure: Wasserstein) -> None:
    p, q = gaussian((0.0, 0.0), ROUND), law_from_text("moons")
    assert measure.closed_form(p, q) is None
    assert finish(measure.quadrature(p, q)) is None


@BOTH
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), sizes=st.tuples(*[st.integers(1, 30)] * 3), line=st.booleans())
def test_it_is_a_metric(measure: Wasserstein, seed: int, sizes: tuple[int, int, int], line: bool) -> None:
    rng = np.random.default_rng(seed)
    dim, way = (1, "exact-line") if line else (2, "exact-plan")
    x, y, z = (rng.normal(rng.normal(), rng.random() + 0.1, (n, dim)) for n in sizes)
    xy, yz, xz = (estimate(measure, way, *pair) for pair in ((x, y), (y, z), (x, z)))
    assert xy >= 0
    assert xy <= xz + yz + 1e-9
    assert xy == pytest.approx(estimate(measure, way, y, x), rel=1e-9)
    assert estimate(measure, way, x, rng.permutation(x)) == pytest.approx(0, abs=1e-7)
    assert estimate(measure, way, x + 7, y + 7) == pytest.approx(xy, rel=1e-6)
    assert estimate(measure, way, 3 * x, 3 * y) == pytest.approx(3 * xy, rel=1e-9)
    assert estimate(W1, way, x, y) <= estimate(W2, way, x, y) + 1e-9


def test_float32_and_many_rows_at_once() -> None:
    rng = np.random.default_rng(0)
    px, py = rng.normal(size=(5, 40)), rng.normal(size=(5, 25))
    rows = [mean_cost(px[i : i + 1], py[i : i + 1], 2.0) for i in range(5)]
    assert mean_cost(px, py, 2.0) == pytest.approx(np.mean(rows), rel=1e-12)
    assert mean_cost(px.astype(np.float32), py.astype(np.float32), 2.0) == pytest.approx(np.mean(rows), rel=1e-4)


@BOTH
@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (np.zeros((3, 2)), np.zeros((3, 3)), "one dimension"),
        (np.zeros((0, 2)), np.zeros((3, 2)), "points or more"),
        (np.full((3, 2), np.nan), np.zeros((3, 2)), "not finite"),
    ],
)
def test_bad_clouds_are_refused(measure: Wasserstein, x: np.ndarray, y: np.ndarray, words: str) -> None:
    for way in ("exact-line", "exact-plan"):
        with pytest.raises(Refused, match=words):
            estimate(measure, way, x, y)
