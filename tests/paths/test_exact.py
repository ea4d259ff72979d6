"""The exact field against the same marginals written down independently, by autograd and by quadrature."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from dgm_studio.core.errors import Refused
from dgm_studio.data.mixture import Mixture
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.path import Path
from dgm_studio.paths.targets import from_clean_and_noise, to_clean_and_noise
from tests.paths import mixtures

MIXTURES = {"gaussian": mixtures.gaussian, "three": mixtures.three, "eight": mixtures.eight}
TIMES = (0.0, 0.13, 0.5, 0.9, 0.99)


def _points(n: int = 50, seed: int = 0) -> Tensor:
    return 1.5 * torch.randn(n, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _time(t: float) -> Tensor:
    return torch.tensor(t, dtype=torch.float64)


def _marginal(mixture: Mixture, path: Path, t: Tensor) -> torch.distributions.Distribution:
    a, s = path.a(t), path.s(t)
    covariance = a**2 * torch.from_numpy(mixture.covariances) + s**2 * torch.eye(2, dtype=torch.float64)
    return torch.distributions.MixtureSameFamily(
        torch.distributions.Categorical(torch.from_numpy(mixture.weights)),
        torch.distributions.MultivariateNormal(a * torch.from_numpy(mixture.means), covariance),
    )


@pytest.mark.parametrize("t", TIMES)
@pytest.mark.parametrize("name", MIXTURES)
@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_density_and_score_are_torchs_own_mixture(path: Path, name: str, t: float) -> None:
    mixture = MIXTURES[name]()
    exact, x, time = ExactField(mixture, path), _points().requires_grad_(), _time(t)
    log_p = _marginal(mixture, path, time).log_prob(x)
    (score,) = torch.autograd.grad(log_p.sum(), x)
    torch.testing.assert_close(exact.log_density(x.detach(), time), log_p.detach())
    torch.testing.assert_close(exact.score(x.detach(), time), score)


@pytest.mark.parametrize("t", TIMES)
@pytest.mark.parametrize("name", MIXTURES)
@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_velocity_solves_the_continuity_equation(path: Path, name: str, t: float) -> None:
    """d/dt log p + v . score + div v = 0: this ties time derivatives, signs and scores together."""
    mixture = MIXTURES[name]()
    exact, x = ExactField(mixture, path), _points(20)
    t = max(t, 1e-3)
    h = 1e-5
    log_p_dt = (exact.log_density(x, _time(t + h)) - exact.log_density(x, _time(t - h))) / (2 * h)
    jacobian = torch.func.vmap(torch.func.jacrev(lambda y: exact.velocity(y[None], _time(t))[0]))(x)
    div = jacobian.diagonal(dim1=1, dim2=2).sum(1)
    residual = log_p_dt + (exact.velocity(x, _time(t)) * exact.score(x, _time(t))).sum(1) + div
    scale = 1 + log_p_dt.abs() + div.abs()
    assert float((residual / scale).abs().max()) < 1e-6


@pytest.mark.parametrize("t", [0.2, 0.7])
@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_posterior_mean_of_points_is_the_weighted_mean(path: Path, t: float) -> None:
    mixture, x, time = mixtures.points(), _points(), _time(t)
    data = torch.from_numpy(mixture.means)
    weight = torch.softmax(-0.5 * torch.cdist(x, path.a(time) * data) ** 2 / path.s(time) ** 2, dim=1)
    torch.testing.assert_close(ExactField(mixture, path).x1_hat(x, time), weight @ data)


@pytest.mark.parametrize("name", MIXTURES)
@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_fields_agree_through_the_table_of_targets(path: Path, name: str) -> None:
    exact, x, time = ExactField(MIXTURES[name](), path), _points(), _time(0.6)
    clean, noise = to_clean_and_noise("velocity", exact.velocity(x, time), x, time, path)
    torch.testing.assert_close(clean, exact.x1_hat(x, time))
    torch.testing.assert_close(from_clean_and_noise("score", clean, noise, time, path), exact.score(x, time))


@pytest.mark.parametrize("name", [*MIXTURES, "points"])
@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_one_time_per_point_and_single_precision(path: Path, name: str) -> None:
    mixture = {**MIXTURES, "points": mixtures.points}[name]()
    exact, x, t = ExactField(mixture, path), _points(30), torch.linspace(0.05, 0.9, 30, dtype=torch.float64)
    for method in (exact.velocity, exact.score, exact.x1_hat, exact.log_density):
        each = torch.cat([method(x[i : i + 1], t[i]) for i in range(30)])
        torch.testing.assert_close(method(x, t), each)
        single = method(x.float(), t.float())
        assert single.dtype == torch.float32
        torch.testing.assert_close(single.double(), each, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_the_ends_are_finite_and_t1_is_the_data(path: Path) -> None:
    mixture, x = mixtures.three(), _points()
    exact, one = ExactField(mixture, path), _time(1.0)
    for t in (0.0, 1.0):
        for method in (exact.velocity, exact.score, exact.x1_hat, exact.log_density):
            assert bool(method(x, _time(t)).isfinite().all())
    if float(path.s(one)) == 0:
        np.testing.assert_allclose(exact.log_density(x, one).numpy(), mixture.log_density(x.numpy()))
        torch.testing.assert_close(exact.x1_hat(x, one), x)
    near = exact.velocity(x, _time(1 - 1e-7))
    torch.testing.assert_close(exact.velocity(x, one), near, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("path", paths().values(), ids=list(paths()))
def test_points_have_no_density_where_nothing_smooths_them(path: Path) -> None:
    exact, x, one = ExactField(mixtures.points(), path), _points(), _time(1.0)
    assert bool(exact.velocity(x, one).isfinite().all())
    assert bool(exact.x1_hat(x, one).isfinite().all())
    if float(path.s(one)) == 0:
        with pytest.raises(Refused, match="no density"):
            exact.log_density(x, one)
        with pytest.raises(Refused, match="no score"):
            exact.score(x, one)
    else:
        assert bool(exact.score(x, one).isfinite().all())


def test_ten_thousand_points_are_chunked_without_changing_the_answer() -> None:
    mixture = Mixture.of_points(np.random.default_rng(0).standard_normal((10_000, 2)))
    exact, x, t = ExactField(mixture, paths()["straight"]), _points(60), _time(0.8)
    parts = list(exact.slices(torch.zeros(2_000, 2)))
    assert parts[0].start == 0
    assert parts[-1].stop == 2_000
    assert len(parts) > 1
    assert all(one.stop == two.start for one, two in pairwise(parts))
    whole = exact.velocity(x, t)
    torch.testing.assert_close(torch.cat([exact.velocity(x[i : i + 1], t) for i in range(60)]), whole)


def test_drawn_samples_have_the_marginals_moments() -> None:
    mixture, path = mixtures.three(), paths()["vp"]
    drawn = ExactField(mixture, path).draw(200_000, 0.7, torch.Generator().manual_seed(0)).double()
    a, s = float(path.a(_time(0.7))), float(path.s(_time(0.7)))
    mean = mixture.weights @ mixture.means
    spread = np.einsum("k,kij->ij", mixture.weights, mixture.covariances)
    gaps = mixture.means - mean
    covariance = a**2 * (spread + np.einsum("k,ki,kj->ij", mixture.weights, gaps, gaps)) + s**2 * np.eye(2)
    np.testing.assert_allclose(drawn.mean(0).numpy(), a * mean, atol=0.01)
    np.testing.assert_allclose(np.cov(drawn.numpy().T), covariance, atol=0.015)
