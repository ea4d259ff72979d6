"""The kernel density estimate: scipy's values, an integral of one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import gaussian_kde

from dgm_studio.core.slow import finish
from dgm_studio.measures.kde import Kde, fit_kde


def cloud(n: int = 300, d: int = 2) -> torch.Tensor:
    return torch.randn((n, d), generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize("d", [1, 3])
def test_the_log_density_is_that_of_scipy(d: int) -> None:
    points, x = cloud(d=d), cloud(50, d) + 1
    own = Kde(points, torch.full((d,), 0.3, dtype=torch.float64))
    # scipy's kernel has covariance factor^2 cov(points); white points make it 0.3^2 I.
    white = np.linalg.cholesky(np.linalg.inv(np.cov(points.numpy().T).reshape(d, d))).T
    theirs = gaussian_kde(white @ points.numpy().T, bw_method=0.3)(white @ x.numpy().T) * np.linalg.det(white)
    mine = Kde(points @ torch.from_numpy(white.T), own.bandwidth).log_density(x @ torch.from_numpy(white.T))
    assert (mine.exp().numpy() * np.linalg.det(white)) == pytest.approx(theirs, rel=1e-6)


def test_the_lattice_and_the_points_agree() -> None:
    estimate = finish(fit_kde(cloud()))
    axis = torch.linspace(-5, 5, 101, dtype=torch.float64)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    on_nodes = estimate.log_density(torch.stack((x.flatten(), y.flatten()), 1)).exp()
    assert torch.allclose(estimate.on_lattice(axis, axis), on_nodes, rtol=1e-5, atol=1e-9)
    assert float(on_nodes.sum() * 0.1**2) == pytest.approx(1, abs=1e-3)


def test_far_away_it_is_small_and_finite() -> None:
    far = finish(fit_kde(cloud())).log_density(torch.tensor([[1e3, 0.0]], dtype=torch.float64))
    assert bool(far.isfinite())
    assert float(far) < -1e4
