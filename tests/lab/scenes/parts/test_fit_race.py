"""Descents step by step, minima on paper, maps cell by cell."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from dgm_studio.core.slow import finish
from dgm_studio.lab.scenes.parts.fit_ground import Ground, Target, ground
from dgm_studio.lab.scenes.parts.fit_objectives import DESCENDED
from dgm_studio.lab.scenes.parts.fit_race import ADAM, KEPT, MOMENTUM, PLAIN, Race
from dgm_studio.lab.scenes.parts.fit_surface import LINE_BOX, surface
from dgm_studio.lab.scenes.parts.mixture_tensor import gaussian, moments

TARGET = Target(5.0, 0.7, 0.5, 0.6, 1)


def sought(target: Target, bandwidth: float = 1.0) -> Ground:
    made = Ground(target, bandwidth)
    for name in DESCENDED:
        finish(made.seek(name))
    return made


def mean_and_sd(made: Ground, name: str) -> tuple[float, float]:
    thetas, values = made.minima[name]
    best = thetas[int(values.argmin()), 0]
    return float(best[1]), math.exp(float(best[2]))


def one(mean: float, log_sigma: float) -> torch.Tensor:
    return torch.tensor([[0.0, mean, log_sigma]], dtype=torch.float64)


@pytest.mark.parametrize("target", [TARGET, Target(8.0, 0.2, 2.0, 0.01, 1), Target(1.0, 0.5, 1.5, 0.9, 1)])
def test_forward_kl_matches_moments(target: Target) -> None:
    w, half = target.weight, target.separation / 2
    mean = half * (1 - 2 * w)
    variance = w * target.left**2 + (1 - w) * target.right**2 + w * (1 - w) * target.separation**2
    found = Ground(target, 1.0)
    finish(found.seek("kl"))
    assert mean_and_sd(found, "kl") == pytest.approx((mean, math.sqrt(variance)), abs=1e-7)


def test_forward_kl_in_the_plane_matches_moments_too() -> None:
    made = Ground(TARGET._replace(dim=2), 1.0)
    finish(made.seek("kl"))
    thetas, values = made.minima["kl"]
    assert torch.allclose(thetas[int(values.argmin())][:, 1:], gaussian(*moments(made.p))[:, 1:], atol=1e-6)


def test_w2_keeps_the_mean_and_correlates_the_quantiles() -> None:
    """The best Gaussian in W2 has sigma = the integral of F^-1(u) Phi^-1(u) du = E_p[x Phi^-1(F(x))]."""
    x = np.linspace(-7, 6.5, 200_001)
    cdf = 0.6 * stats.norm.cdf(x, -2.5, 0.7) + 0.4 * stats.norm.cdf(x, 2.5, 0.5)
    density = 0.6 * stats.norm.pdf(x, -2.5, 0.7) + 0.4 * stats.norm.pdf(x, 2.5, 0.5)
    sd = float(np.trapezoid(x * stats.norm.ppf(cdf) * density, x))
    made = Ground(TARGET, 1.0)
    finish(made.seek("w2"))
    assert mean_and_sd(made, "w2") == pytest.approx((-0.5, sd), abs=1e-3)


def test_reverse_kl_has_a_minimum_at_each_of_two_far_modes() -> None:
    target = Target(8.0, 0.5, 0.9, 0.7, 1)
    made = Ground(target, 1.0)
    finish(made.seek("reverse-kl"))
    thetas, values = made.minima["reverse-kl"]
    assert thetas[0, 0, 1:].tolist() == pytest.approx([-4.0, math.log(0.5)], abs=1e-3)
    assert thetas[1, 0, 1:].tolist() == pytest.approx([4.0, math.log(0.9)], abs=2e-2)
    assert values[:2].tolist() == pytest.approx([-math.log(0.7), -math.log(0.3)], abs=1e-2)  # nats: the missed share


def test_what_newton_found_is_a_minimum_of_each() -> None:
    made = sought(TARGET)
    rng = torch.Generator().manual_seed(0)
    for name, objective in DESCENDED.items():
        thetas, values = made.minima[name]
        for theta, value in zip(thetas, values, strict=True):
            nudges = 0.01 * torch.randn(40, 1, 3, dtype=torch.float64, generator=rng)
            assert float(objective(made.exact, theta + nudges).min()) >= float(value) - 1e-7, name


@pytest.mark.parametrize(("optimiser", "friction"), [(MOMENTUM, 0.9), (PLAIN, 0.0)])
def test_the_steps_are_the_optimisers_own(optimiser: str, friction: float) -> None:
    exact = ground(TARGET, 1.0).exact
    race = Race(one(1.0, 0.3), exact, optimiser, 0.05, 10.0)
    list(race.run(4, None))
    for place, objective in enumerate(DESCENDED.values()):
        theta, velocity = one(1.0, 0.3), torch.zeros(1, 3, dtype=torch.float64)
        for step in range(4):
            leaf = theta.clone().requires_grad_()
            (slope,) = torch.autograd.grad(objective(exact, leaf[None]).sum(), leaf)
            velocity = friction * velocity + slope / max(float(slope.norm()), 1.0)
            theta = theta - 0.05 * 0.5 ** (step / 10) * velocity
        assert torch.allclose(race.theta[place].detach(), theta, atol=1e-12)


def test_adams_first_step_is_the_rate_whatever_the_slope() -> None:
    race = Race(one(1.0, 0.3), ground(TARGET, 1.0).exact, ADAM, 0.05, 100.0)
    list(race.run(1, None))
    moved = (race.theta.detach() - one(1.0, 0.3))[:, 0, 1:].abs()
    assert torch.allclose(moved, torch.full_like(moved, 0.05), atol=1e-5)


@pytest.mark.parametrize("dim", [1, 2])
@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_reverse_kl_takes_the_mode_it_starts_at_and_forward_kl_covers_both(side: float, dim: int) -> None:
    target = Target(6.0, 0.7, 0.7, 0.6, dim)
    made = ground(target, 1.0)
    start = gaussian(torch.tensor([2.0 * side, 0.5 * side][:dim]).double(), torch.eye(dim, dtype=torch.float64))
    race = Race(start, made.exact, ADAM, 0.1, 100.0)
    list(race.run(180, None))
    (forward, _), (reverse, _) = (moments(race.theta.detach()[place]) for place in (0, 1))
    axis = torch.tensor(target.axis[:dim], dtype=torch.float64)
    assert float(forward @ axis) == pytest.approx(-0.6, abs=1e-3)
    assert float(reverse @ axis) == pytest.approx(3 * side, abs=0.02)


@pytest.mark.parametrize("dim", [1, 2])
def test_two_components_recover_the_target_under_all_five(dim: int) -> None:
    made = ground(Target(4.0, 0.7, 0.5, 0.6, dim), 1.0)
    start = made.p.clone()
    start[:, 0] = 0.0
    start[0, 1] -= 0.5
    start[:, 1 + dim : 1 + 2 * dim] = 0.2
    race = Race(start, made.exact, ADAM, 0.1, 45.0)
    list(race.run(280, None))
    assert float(made.exact.own(race.theta).detach().abs().max()) < 2e-5
    mean, covariance = moments(race.theta.detach())
    known = moments(made.p)
    assert torch.allclose(mean, known[0].expand_as(mean), atol=0.02)
    assert torch.allclose(covariance, known[1].expand_as(covariance), atol=0.05)


def test_noise_repeats_by_its_generator_and_averages_out() -> None:
    exact = ground(TARGET, 1.0).exact
    ends = []
    for seed in (1, 1, 2):
        race = Race(one(1.0, 0.3), exact, ADAM, 0.1, 30.0)
        list(race.run(120, (100, torch.Generator().manual_seed(seed))))
        ends.append(race.theta.detach().clone())
    assert torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[0], ends[2])
    assert float(ends[0][0, 0, 1]) == pytest.approx(-0.5, abs=0.15)


def test_long_paths_are_thinned_and_keep_their_order() -> None:
    race = Race(one(1.0, 0.3), ground(TARGET, 1.0).exact, ADAM, 0.05, 1e4)
    for _ in range(KEPT + 200):
        race._remember(torch.zeros(5))
        race.steps += 1
    steps = [step for step, _, _ in race.path]
    assert len(steps) <= KEPT
    assert steps == list(range(0, KEPT + 200, 2))


@pytest.mark.parametrize("name", list(DESCENDED))
def test_a_map_is_the_objective_cell_by_cell(name: str) -> None:
    made = ground(TARGET, 1.0)
    base = one(0.0, 0.0)
    values = finish(surface(made.exact, DESCENDED[name], base, LINE_BOX, (7, 5)))
    assert values.shape == (5, 7)
    left, right, low, high = LINE_BOX
    for row, column in ((0, 0), (2, 5), (4, 6)):
        mu, log_sigma = left + (column + 0.5) * (right - left) / 7, low + (row + 0.5) * (high - low) / 5
        known = float(DESCENDED[name](made.exact, one(mu, log_sigma)[None]))
        assert values[row, column] == pytest.approx(known, rel=1e-12)
    assert np.isfinite(values).all()


def test_the_ground_is_kept_while_only_the_start_moves() -> None:
    assert ground(TARGET, 1.0) is ground(Target(*TARGET), 1.0)
    assert ground(TARGET, 1.0) is not ground(TARGET, 2.0)
