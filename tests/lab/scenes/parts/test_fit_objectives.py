"""Five objectives and their gradients against closed forms, the measures room's own quadratures, and differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.slow import finish
from dgm_studio.data.laws.mixture_law import MixtureLaw
from dgm_studio.data.mixture import Mixture
from dgm_studio.lab.scenes.parts.fit_ground import Target
from dgm_studio.lab.scenes.parts.fit_objectives import DESCENDED, Objectives, shown
from dgm_studio.lab.scenes.parts.mixture_tensor import (
    FIELDS,
    covariances,
    gaussian,
    log_density,
    moments,
    parts,
    placed,
)
from dgm_studio.measures import measures

NAMES = list(DESCENDED)
DEFAULT = Target(4.0, 0.7, 0.5, 0.6, 1)
PLANE = DEFAULT._replace(dim=2)


def fit(dim: int, components: int, seed: int) -> Tensor:
    """A mixture (1, k, fields) near the modes."""
    rng = torch.Generator().manual_seed(seed)
    theta = 0.5 * torch.randn(1, components, FIELDS[dim], dtype=torch.float64, generator=rng)
    theta[..., 1] *= 4
    return theta


def values(theta: Tensor, target: Target, bandwidth: float = 1.0) -> dict[str, float]:
    made = Objectives(target.tensor(), bandwidth)
    return {name: float(objective(made, theta)) for name, objective in DESCENDED.items()}


def as_mixture(theta: Tensor) -> Mixture:
    """The same law as the studio's data know it."""
    p, s = parts(theta), covariances(theta).numpy()
    shape = (len(s), 1, 1) if s.shape[-1] == 1 else (len(s), 2, 2)
    matrix = s if s.shape[-1] == 1 else s[:, [0, 1, 1, 2]]
    return Mixture(torch.exp(p.log_weights).numpy(), p.means.numpy(), matrix.reshape(shape))


def quadrature(measure: str, theta: Tensor, target: Target) -> tuple[float, float]:
    p, q = MixtureLaw(as_mixture(target.tensor())), MixtureLaw(as_mixture(theta[0]))
    found = finish(measures()[measure].quadrature(p, q))
    assert found is not None
    return found


@pytest.mark.parametrize("components", [1, 3])
@pytest.mark.parametrize("measure", ["kl", "reverse-kl", "jsd", "w2"])
def test_on_the_line_they_are_the_measures_by_another_quadrature(measure: str, components: int) -> None:
    theta = fit(1, components, 3)
    known, off = quadrature(measure, theta, DEFAULT)
    found = float(shown(measure, torch.tensor(values(theta, DEFAULT)[measure], dtype=torch.float64)))
    assert found == pytest.approx(known, abs=off + 2e-5)


@pytest.mark.parametrize("measure", ["kl", "reverse-kl", "jsd"])
def test_in_the_plane_they_are_the_measures_by_another_quadrature(measure: str) -> None:
    theta = fit(2, 2, 5)
    known, off = quadrature(measure, theta, PLANE)
    found = values(theta, PLANE)[measure]
    fewer = float(DESCENDED[measure](Objectives(PLANE.tensor(), 1.0, coarser=2), theta))
    assert found == pytest.approx(known, rel=2e-3)
    assert abs(found - known) <= off + abs(found - fewer)  # half the nodes tell how far off all of them are


@given(mean=st.floats(-3, 3), log_sigma=st.floats(-1, 1))
@settings(max_examples=15, deadline=None)
def test_one_hump_is_known_on_paper(mean: float, log_sigma: float) -> None:
    s, q = 0.8, math.exp(log_sigma)
    target, theta = Target(0.0, s, s, 0.5, 1), torch.tensor([[[0.0, mean, log_sigma]]], dtype=torch.float64)
    found = values(theta, target, bandwidth=1.3)

    def kl(m: float, a: float, b: float) -> float:
        return math.log(b / a) + (a * a + m * m) / (2 * b * b) - 0.5

    def kernel(variance: float, gap: float) -> float:
        return 1.3 / math.sqrt(1.3**2 + variance) * math.exp(-0.5 * gap**2 / (1.3**2 + variance))

    assert found["kl"] == pytest.approx(kl(mean, s, q), abs=1e-10)
    assert found["reverse-kl"] == pytest.approx(kl(mean, q, s), abs=1e-10)
    assert found["w2"] == pytest.approx(mean**2 + (s - q) ** 2, abs=1e-4)
    assert 0 <= found["jsd"] <= math.log(2)
    mmd = kernel(2 * s * s, 0) + kernel(2 * q * q, 0) - 2 * kernel(s * s + q * q, mean)
    assert found["mmd"] == pytest.approx(mmd, abs=1e-12)


def test_sliced_w2_of_gaussians_is_the_mean_of_their_projections() -> None:
    target, theta = Target(0.0, 1.0, 1.0, 0.5, 2), fit(2, 1, 0)
    found = values(theta, target)["w2"]
    mean, covariance = moments(theta[0])
    turn = np.linspace(0, math.pi, 2_001)[:-1]
    u = np.column_stack((np.cos(turn), np.sin(turn)))
    sds = np.sqrt(np.einsum("ri,ij,rj->r", u, covariance.numpy(), u))
    assert found == pytest.approx(float(np.mean((u @ mean.numpy()) ** 2 + (sds - 1) ** 2)), rel=2e-3)


@pytest.mark.parametrize("dim", [1, 2])
def test_mmd_is_its_double_integral(dim: int) -> None:
    target, theta = DEFAULT._replace(dim=dim), fit(dim, 2, 8)
    line = torch.linspace(-9, 9, 1_801 if dim == 1 else 61, dtype=torch.float64)
    points = line[:, None] if dim == 1 else torch.cartesian_prod(line, line)
    cell = float(line[1] - line[0]) ** dim
    gap = cell * (torch.exp(log_density(target.tensor(), points)) - torch.exp(log_density(theta[0], points)))
    kernel = torch.exp(-(torch.cdist(points, points) ** 2) / (2 * 1.5**2))
    known = float(gap @ kernel @ gap)
    assert values(theta, target, bandwidth=1.5)["mmd"] == pytest.approx(known, rel=1e-6 if dim == 1 else 2e-3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("dim", "components"), [(1, 1), (1, 3), (2, 1), (2, 2)])
def test_gradients_are_the_differences(name: str, dim: int, components: int) -> None:
    made, theta = Objectives(DEFAULT._replace(dim=dim).tensor(), 1.0), fit(dim, components, 4)
    objective = DESCENDED[name]
    leaf = theta.clone().requires_grad_()
    (slope,) = torch.autograd.grad(objective(made, leaf).sum(), leaf)
    for place in range(theta[0].numel()):
        nudge = torch.zeros(theta[0].numel(), dtype=torch.float64)
        nudge[place] = 1e-5
        nudge = nudge.reshape(theta.shape)
        known = float(objective(made, theta + nudge) - objective(made, theta - nudge)) / 2e-5
        assert float(slope.flatten()[place]) == pytest.approx(known, abs=2e-4 * (1 + abs(known)))


@pytest.mark.parametrize(
    ("target", "most"),
    [
        (DEFAULT, 1e-12),
        (PLANE, 1e-5),
        (Target(8.0, 0.2, 0.2, 0.01, 1), 1e-12),
        (Target(8.0, 0.2, 0.2, 0.01, 2), 1e-6),
        (Target(0.0, 2.0, 0.2, 0.5, 1), 1e-5),
        (Target(0.0, 2.0, 0.2, 0.5, 2), 0.1),  # a mode ten times narrower inside another: the plane's nodes are few
    ],
)
def test_the_target_itself_has_value_zero_and_no_slope(target: Target, most: float) -> None:
    made = Objectives(target.tensor(), 1.0)
    leaf = made.p[None].clone().requires_grad_()
    every = made.every(leaf)[:, 0]
    assert float(every.detach().abs().max()) < 1e-6
    # Where modes are far apart, W2^2 is a cone in their weight: d^2 |dw| for dw = w (1 - w) times the logit's change.
    cone = target.separation**2 * target.weight * (1 - target.weight) if target.separation > 6 else 1e-3
    for name, value in zip(NAMES, every, strict=True):
        (slope,) = torch.autograd.grad(value, leaf, retain_graph=True)
        assert float(slope.abs().max()) < (cone if name == "w2" else most), name


def test_every_and_own_are_the_five_functions() -> None:
    made = Objectives(DEFAULT.tensor(), 1.0)
    theta = torch.cat([fit(1, 2, seed) for seed in range(5)])
    every = made.every(theta)
    for row, objective in zip(every, DESCENDED.values(), strict=True):
        assert torch.allclose(row, objective(made, theta), rtol=0, atol=1e-14)
    assert torch.allclose(made.own(theta), every.diagonal(), rtol=0, atol=1e-14)


def test_narrow_and_far_fits_stay_finite_and_bounded() -> None:
    for dim in (1, 2):
        made = Objectives(Target(8.0, 0.2, 0.2, 0.01, dim).tensor(), 0.1)
        theta = torch.zeros(4, 1, FIELDS[dim], dtype=torch.float64)
        theta[:, 0, 1] = torch.tensor([-20.0, 20.0, 0.0, 4.0])
        theta[:, 0, 1 + dim : 1 + 2 * dim] = torch.tensor([-3.0, -3.0, 3.0, -3.0], dtype=torch.float64)[:, None]
        leaf = theta.requires_grad_()
        every = made.every(leaf)
        (slope,) = torch.autograd.grad(every.sum(), leaf)
        every = every.detach()
        assert bool(torch.isfinite(every).all() & torch.isfinite(slope).all())
        assert float(every[2].max()) <= math.log(2) + 1e-12
        assert float(every[2, 0]) == pytest.approx(math.log(2), abs=1e-9)  # disjoint: log 2 in the limit


@pytest.mark.parametrize("name", ["kl", "reverse-kl", "jsd", "mmd"])
def test_gradients_from_samples_are_unbiased(name: str) -> None:
    made, theta = Objectives(DEFAULT.tensor(), 1.0), fit(1, 2, 1).requires_grad_()
    rng, objective = torch.Generator().manual_seed(0), DESCENDED[name]

    def slope(of: Objectives) -> Array:
        return np.asarray(torch.autograd.grad(objective(of, theta).sum(), theta)[0].flatten())

    drawn = np.array([slope(made.sampled(50, 2, rng)) for _ in range(600)])
    off = np.abs(drawn.mean(0) - slope(made)) / (drawn.std(0) / math.sqrt(len(drawn)) + 1e-12)
    assert off.max() < 4.5


def test_w2_from_samples_is_that_of_the_samples() -> None:
    made, theta = Objectives(DEFAULT.tensor(), 1.0), fit(1, 1, 2)
    few = made.sampled(40, 1, torch.Generator().manual_seed(3))
    x = np.sort(few.x[:, 0].numpy())
    mean, sd = float(theta[0, 0, 1]), math.exp(float(theta[0, 0, 2]))
    levels = (np.arange(400_000) + 0.5) / 400_000
    known = np.mean((np.repeat(x, 10_000) - stats.norm.ppf(levels, mean, sd)) ** 2)
    assert float(few.w2_squared(theta)) == pytest.approx(float(known), rel=2e-3)


def test_placed_and_moments_are_those_of_the_density() -> None:
    theta = fit(2, 3, 9)[0]
    rng = torch.Generator().manual_seed(1)
    x = placed(theta, torch.randn(200_000, 2, dtype=torch.float64, generator=rng))
    weights = torch.exp(parts(theta).log_weights)
    mean, covariance = moments(theta)
    drawn = (weights[:, None, None] * x).sum(0).mean(0)
    assert torch.allclose(drawn, mean, atol=0.02)
    second = torch.einsum("k,kni,knj->ij", weights, x - mean, x - mean) / x.shape[1]
    assert torch.allclose(second, covariance, atol=0.05)
    again = gaussian(mean, covariance)
    assert all(torch.allclose(one, two) for one, two in zip(moments(again), (mean, covariance), strict=True))
    mixture = as_mixture(theta)
    assert np.allclose(log_density(theta, x[0, :50]).numpy(), mixture.log_density(x[0, :50].numpy()))
