"""Sliced W2 against closed forms and against POT; its interval and floor against repeated draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.data.laws import law_from_text
from dgm_studio.measures.sliced_w2 import MEASURE as SLICED
from dgm_studio.measures.sliced_w2 import (
    directions,
    noise_floor,
    noise_floor_slices,
    sliced_w2,
    sliced_w2_slices,
    sliced_w2_with_interval,
)
from dgm_studio.measures.w2 import MEASURE as W2
from tests.measures.laws import FLAT, TILTED, estimate, gaussian


def gen(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(n: int, g: torch.Generator) -> Tensor:
    return torch.randn(n, 2, generator=g)


def test_a_shift_costs_its_length_over_root_d() -> None:
    """Same cloud moved by c: W2 of each slice is |theta . c|, the mean square is |c|^2 / 2."""
    x = torch.randn(500, 2, generator=gen(), dtype=torch.float64)
    moved = x + torch.tensor([3.0, -4.0], dtype=torch.float64)
    assert sliced_w2(x, moved, gen(1)) == pytest.approx(5 / math.sqrt(2), rel=1e-9)
    x3 = torch.randn(500, 3, generator=gen(), dtype=torch.float64)
    assert sliced_w2(x3, x3 + 1.0, gen(1), 20_000) == pytest.approx(1.0, rel=0.02)


def test_gaussians_of_two_widths_differ_by_the_widths() -> None:
    """N(0, 1) and N(0, 9): each slice has W2 = 2."""
    found = sliced_w2(normal(100_000, gen(0)), 3 * normal(100_000, gen(1)), gen(2))
    assert found == pytest.approx(2.0, abs=0.02)


@pytest.mark.parametrize(("n", "m"), [(300, 300), (300, 170), (7, 1000)])
@pytest.mark.parametrize("dim", [2, 5])
def test_pot_agrees_on_the_same_directions(dim: int, n: int, m: int) -> None:
    import ot

    x, y = (torch.randn(k, dim, generator=gen(k), dtype=torch.float64) for k in (n, m))
    theta = directions(dim, 64, gen(5))
    theirs = ot.sliced_wasserstein_distance(x.numpy(), (2 * y + 1).numpy(), projections=theta.T)
    assert sliced_w2(x, 2 * y + 1, gen(5), 64) == pytest.approx(float(theirs), rel=1e-9)


def test_repeating_every_point_changes_nothing() -> None:
    x, y = (torch.randn(50, 2, generator=gen(k), dtype=torch.float64) for k in (1, 2))
    assert sliced_w2(x.repeat(3, 1), y, gen()) == pytest.approx(sliced_w2(x, y, gen()), rel=1e-12)


@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_the_interval_covers_fresh_estimates(shift: float) -> None:
    """Far from the floor and on it: 95 % intervals hold the estimator's mean in at least 85 of 100 runs."""
    g = gen(11)
    runs = [sliced_w2_with_interval(normal(200, g), normal(200, g) + shift, g, 32) for _ in range(100)]
    mean = float(np.mean([run.value for run in runs]))
    hits = sum(run.low <= mean <= run.high for run in runs)
    assert hits >= 85
    width = float(np.mean([run.high - run.low for run in runs]))
    assert width < 8 * float(np.std([run.value for run in runs]))


def test_slices_are_many_and_give_the_same_estimate() -> None:
    x, y = normal(300, gen(1)), normal(400, gen(2))
    assert len(list(sliced_w2_slices(x, y, gen(3)))) >= 20
    assert sliced_w2_with_interval(x, y, gen(3)).value == sliced_w2(x, y, gen(3))


def test_the_floor_is_two_fresh_samples() -> None:
    floor = noise_floor(normal, 500, gen(), 40)
    singles = [sliced_w2(normal(500, gen(2 * k)), normal(500, gen(2 * k + 1)), gen(k)) for k in range(100, 160)]
    assert floor.value == pytest.approx(float(np.mean(singles)), rel=0.15)
    assert floor.low <= floor.value <= floor.high
    assert floor.label == ""
    assert len(list(noise_floor_slices(normal, 50, gen(), 20))) == 20


def test_the_floor_of_a_small_pool_is_scaled_and_says_so() -> None:
    pool = normal(1_000, gen(4))
    scaled, fresh = noise_floor(pool, 2_000, gen(), 40), noise_floor(normal, 2_000, gen(), 40)
    assert "500 points" in scaled.label
    assert "2,000" in scaled.label
    assert scaled.value == pytest.approx(fresh.value, rel=0.3)
    assert noise_floor(normal(4_000, gen(4)), 2_000, gen()).label == ""


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (torch.zeros(0, 2), torch.zeros(3, 2)),
        (torch.zeros(3, 2), torch.zeros(3, 3)),
        (torch.zeros(3), torch.zeros(3)),
        (torch.full((3, 2), math.nan), torch.zeros(3, 2)),
    ],
)
def test_bad_clouds_are_refused(x: Tensor, y: Tensor) -> None:
    with pytest.raises(Refused):
        sliced_w2(x, y, gen())


def test_an_interval_of_too_few_points_is_refused() -> None:
    with pytest.raises(Refused, match="40 points"):
        sliced_w2_with_interval(normal(10, gen()), normal(100, gen()), gen())


def test_as_a_measure_it_knows_shifts_and_gaussians() -> None:
    p, q = law_from_text("moons"), law_from_text("moons:shift=3,4")
    assert SLICED.closed_form(p, q) == pytest.approx(5 / math.sqrt(2))
    p, q = gaussian((0.0, 0.0)), gaussian((1.0, 1.0), 9.0)
    assert SLICED.closed_form(p, q) == pytest.approx(math.sqrt(1 + 4))
    assert finish(SLICED.quadrature(p, q)) == pytest.approx((math.sqrt(5), 0), abs=1e-12)
    line = gaussian((0.0,)), gaussian((1.0,), 4.0)
    assert SLICED.closed_form(*line) == W2.closed_form(*line)


def test_tilted_gaussians_are_integrated_over_directions() -> None:
    """Each shadow is a Gaussian: the mean of |m.t|^2 + (s_p(t) - s_q(t))^2, by a hundred thousand random directions."""
    p, q = gaussian((0.0, 0.0), TILTED), gaussian((1.0, 0.0), FLAT)
    theta = np.random.default_rng(0).normal(size=(100_000, 2))
    theta /= np.linalg.norm(theta, axis=1, keepdims=True)
    std = [np.sqrt(((theta @ one) * theta).sum(1)) for one in (TILTED, FLAT)]
    truth = math.sqrt(np.mean(theta[:, 0] ** 2 + (std[0] - std[1]) ** 2))
    found = finish(SLICED.quadrature(p, q))
    assert found is not None
    assert found[0] == pytest.approx(truth, rel=0.01)
    assert SLICED.closed_form(p, q) is None
    rng = np.random.default_rng(0)
    assert estimate(SLICED, "directions", p.draw(20_000, rng), q.draw(20_000, rng)) == pytest.approx(found[0], rel=0.03)


def test_its_estimator_is_the_function_in_slices() -> None:
    import ot

    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 2)), rng.normal(size=(200, 2)) + 1
    theta = np.stack([(np.cos(a), np.sin(a)) for a in np.linspace(0, math.pi, 3_000, endpoint=False)])
    truth = float(ot.sliced_wasserstein_distance(x, y, projections=theta.T))
    assert estimate(SLICED, "directions", x, y) == pytest.approx(truth, rel=1e-3)
