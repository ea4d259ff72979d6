"""Estimators from samples: they reach the truth, err to the side they say, and refuse what cannot be estimated."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.data.law import Law
from dgm_studio.data.laws import MixtureLaw, PointsLaw, law_from_text
from dgm_studio.measures.kde import Kde
from dgm_studio.measures.kernel_scores import fit_scores, left_out_score
from dgm_studio.measures.measure import Estimator
from dgm_studio.measures.on_densities import OnDensities
from dgm_studio.measures.ratio_estimates import left_out
from tests.measures.densities import CHI2, DENSITY_MEASURES, FISHER, HELLINGER, JSD, KL, NLL, REVERSE_KL, TV
from tests.measures.laws_for_measures import bells, normal

ALL = [(measure, one) for measure in DENSITY_MEASURES for one in measure.estimators]
NAMES = [f"{measure.card.id}-{one.id}" for measure, one in ALL]
P, Q = normal(0, 1), normal(0.7, 1.3)


def truth(measure: OnDensities, p: Law, q: Law) -> float:
    exact = measure.closed_form(p, q)
    if exact is None:
        answer = finish(measure.quadrature(p, q))
        assert answer is not None
        exact = answer[0]
    return exact


def estimate(one: Estimator, p: Law, q: Law, n: int, seed: int = 0) -> float:
    rng = np.random.default_rng([seed, n])
    return finish(one.function(p.draw(n, rng), q.draw(n, rng), p, q, rng))


def of(measure: OnDensities, name: str) -> Estimator:
    (found,) = (one for one in measure.estimators if one.id == name)
    return found


@pytest.mark.parametrize(("measure", "one"), ALL, ids=NAMES)
def test_each_comes_near_the_truth(measure: OnDensities, one: Estimator) -> None:
    n = min(one.most, 3_000 if one.id in ("kde", "discriminator") else 40_000)
    room = {"kde": 0.1, "discriminator": 0.02}.get(one.id, 0.03)
    exact = truth(measure, P, Q)
    assert abs(estimate(one, P, Q, n) - exact) < room, exact


@pytest.mark.parametrize(
    ("measure", "name"),
    [(measure, one.id) for measure, one in ALL if one.id in ("knn", "histogram")],
    ids=[name for name in NAMES if "knn" in name or "histogram" in name],
)
def test_in_the_plane_the_error_falls_with_n(measure: OnDensities, name: str) -> None:
    p = law_from_text("gaussian")
    q = law_from_text("gaussian:shift=0.8,0.2")
    exact, one = truth(measure, p, q), of(measure, name)
    few = np.mean([abs(estimate(one, p, q, 300, seed) - exact) for seed in range(8)])
    many = np.mean([abs(estimate(one, p, q, 10_000, seed) - exact) for seed in range(3)])
    assert many < 0.6 * few


@pytest.mark.parametrize(
    "measure", [one for one in DENSITY_MEASURES if one is not NLL], ids=lambda measure: measure.card.id
)
def test_monte_carlo_is_unbiased(measure: OnDensities) -> None:
    one, exact = of(measure, "monte-carlo"), truth(measure, P, Q)
    assert not one.bias
    values = np.array([estimate(one, P, Q, 100, seed) for seed in range(400)])
    assert abs(values.mean() - exact) < 4 * values.std() / math.sqrt(len(values))
    assert estimate(one, P, P, 100) == pytest.approx(0, abs=1e-12)


def test_the_mean_log_likelihood_is_unbiased() -> None:
    values = np.array([estimate(of(NLL, "mean"), P, Q, 100, seed) for seed in range(400)])
    assert abs(values.mean() - truth(NLL, P, Q)) < 4 * values.std() / math.sqrt(len(values))


@pytest.mark.parametrize(("measure", "one"), ALL, ids=NAMES)
def test_what_is_biased_says_so(measure: OnDensities, one: Estimator) -> None:
    assert bool(one.bias) == (one.id not in ("monte-carlo", "mean"))
    assert not one.bias or one.bias.endswith(".")
    assert one.interval == "jackknife"


@pytest.mark.parametrize(("measure", "name"), [(JSD, "kde"), (TV, "kde"), (TV, "knn")])
def test_lower_bounds_stay_below_on_average(measure: OnDensities, name: str) -> None:
    p, q = law_from_text("eight-gaussians"), law_from_text("gaussian")
    exact, one = truth(measure, p, q), of(measure, name)
    values = np.array([estimate(one, p, q, 400, seed) for seed in range(20)])
    assert values.mean() < exact + values.std() / math.sqrt(20)


def test_the_discriminator_bounds_from_below_and_sees_what_is_apart() -> None:
    one = of(JSD, "discriminator")
    p, q = law_from_text("gaussian"), law_from_text("gaussian:shift=1.5,0.5")
    exact = truth(JSD, p, q)
    values = np.array([estimate(one, p, q, 1_500, seed) for seed in range(3)])
    assert exact - 0.05 < values.mean() < exact + 0.02
    line, other = law_from_text("line"), law_from_text("line:x=1")
    assert estimate(one, line, other, 400) == pytest.approx(math.log(2), abs=1e-3)
    assert estimate(one, line, line, 400) < 0.01


def test_its_own_draws_come_from_the_generator_alone() -> None:
    one, state = of(JSD, "discriminator"), torch.get_rng_state()
    first = estimate(one, P, Q, 200)
    torch.rand(3)
    assert estimate(one, P, Q, 200) == first
    torch.set_rng_state(state)
    estimate(one, P, Q, 200)
    assert torch.equal(torch.get_rng_state(), state)


def test_a_histogram_sees_lines_apart_though_one_axis_has_no_width() -> None:
    line, other = law_from_text("line"), law_from_text("line:x=-0.4")
    assert estimate(of(JSD, "histogram"), line, other, 1_000) == pytest.approx(math.log(2))
    assert estimate(of(TV, "histogram"), line, other, 1_000) == pytest.approx(1)
    assert estimate(of(HELLINGER, "histogram"), line, other, 1_000) == pytest.approx(1)
    # From samples infinity cannot be known: the estimate grows with n instead.
    few, many = (estimate(of(KL, "histogram"), line, other, n) for n in (200, 20_000))
    assert 1 < few < many < math.inf


def test_kernel_estimates_leave_each_point_out() -> None:
    points = torch.randn((60, 2), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    bandwidth = torch.tensor([0.4, 0.6], dtype=torch.float64)
    found = finish(left_out(Kde(points, bandwidth), points))
    for row in (0, 17, 59):
        others = torch.cat((points[:row], points[row + 1 :]))
        assert float(found[row]) == pytest.approx(float(Kde(others, bandwidth).log_density(points[row : row + 1])))
    fresh = points[:5] + 0.1
    own = Kde(points, bandwidth)
    assert torch.allclose(finish(left_out(own, fresh)), own.log_density(fresh))


def test_kernel_scores_are_gradients_and_fade_where_no_kernel_reaches() -> None:
    points = 0.3 * torch.randn((200, 2), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    own = Kde(points, torch.tensor([0.3, 0.2], dtype=torch.float64))
    at = torch.tensor([[0.1, -0.2], [0.0, 0.3]], dtype=torch.float64, requires_grad=True)
    (exact,) = torch.autograd.grad(own.log_density(at).sum(), at)
    assert torch.allclose(finish(left_out_score(own, at.detach())), exact)
    far = torch.tensor([[9.0, 9.0]], dtype=torch.float64)
    assert float(finish(left_out_score(own, far)).abs().max()) < 1e-6


def test_the_kernel_score_of_a_gaussian_is_a_line() -> None:
    points = torch.randn((3_000, 1), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    at = torch.linspace(-1.5, 1.5, 13, dtype=torch.float64)[:, None]
    found = finish(left_out_score(finish(fit_scores(points)), at))
    assert float((found + at).abs().max()) < 0.35
    assert float((found + at).square().mean()) < 0.03


@pytest.mark.parametrize(("measure", "one"), ALL, ids=NAMES)
def test_bad_points_are_refused(measure: OnDensities, one: Estimator) -> None:
    rng = np.random.default_rng(0)
    good = rng.normal(size=(50, 1))
    bad = {
        "finite": np.where(np.arange(50)[:, None] == 3, np.nan, good),
        "points or more": good[:1],
        "one dimension": rng.normal(size=(50, 2)),
    }
    if one.bias:
        bad["equal"] = np.full((50, 1), 2.0)
    for words, cloud in bad.items():
        for x, y in ((good, cloud), (cloud, good)):
            with pytest.raises(Refused, match=words):
                finish(one.function(x, y, P, Q, rng))
    with pytest.raises(Refused, match="points or more"):
        finish(one.function(good[:0], good, P, Q, rng))


def test_without_densities_monte_carlo_is_refused() -> None:
    rng = np.random.default_rng(0)
    cloud = PointsLaw(rng.normal(size=(100, 1)), "A file")
    for measure in DENSITY_MEASURES:
        with pytest.raises(Refused, match="take"):
            estimate(measure.estimators[-1] if measure is not NLL else of(NLL, "mean"), P, cloud, 50)


def test_points_that_coincide_have_no_neighbour_distances() -> None:
    rng = np.random.default_rng(0)
    twins = np.repeat(rng.normal(size=(20, 1)), 10, axis=0)
    for measure in (KL, REVERSE_KL, JSD, HELLINGER, CHI2):
        with pytest.raises(Refused, match="coincide"):
            finish(of(measure, "knn").function(twins, twins, P, Q, rng))
    assert -1 <= finish(of(TV, "knn").function(twins, twins, P, Q, rng)) <= 1


def test_slices_are_many() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(5_000, 2)), rng.normal(size=(5_000, 2))
    law: MixtureLaw = MixtureLaw(bells((1, 0, 1)).mixture())
    for measure, name, least in ((KL, "knn", 4), (NLL, "kde", 50), (FISHER, "kde", 60), (JSD, "discriminator", 30)):
        assert sum(1 for _ in of(measure, name).function(x, y, law, law, rng)) >= least
