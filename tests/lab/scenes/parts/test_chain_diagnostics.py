"""What is said of chains, against the AR(1) process, whose autocorrelation and effective size are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dgm_studio.core.arrays import Array
from dgm_studio.lab.scenes.parts.chain_diagnostics import (
    autocorrelation,
    autocovariance,
    effective_size,
    split_r_hat,
)


def ar1(rho: float, chains: int, steps: int, seed: int = 0) -> Array:
    """x_i = rho x_{i-1} + sqrt(1 - rho^2) z, stationary from the start."""
    rng = np.random.default_rng(seed)
    x = np.empty((chains, steps))
    x[:, 0] = rng.standard_normal(chains)
    for k in range(1, steps):
        x[:, k] = rho * x[:, k - 1] + math.sqrt(1 - rho**2) * rng.standard_normal(chains)
    return x


def test_autocovariance_is_the_sum_it_says() -> None:
    gaps = np.random.default_rng(0).standard_normal((3, 17))
    for chain, found in zip(gaps, autocovariance(gaps), strict=True):
        for k in range(17):
            assert found[k] == pytest.approx((chain[: 17 - k] * chain[k:]).sum() / 17, abs=1e-13)


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.8])
def test_an_ar1_process_forgets_as_it_should(rho: float) -> None:
    x = ar1(rho, 200, 1_000)
    np.testing.assert_allclose(autocorrelation(x, 12), rho ** np.arange(12), atol=0.02)
    assert x.size / effective_size(x) == pytest.approx((1 + rho) / (1 - rho), rel=0.08, abs=0.05)
    assert split_r_hat(x) == pytest.approx(1.0, abs=0.01)


def test_r_hat_is_the_formula_on_halves() -> None:
    x = np.random.default_rng(1).gamma(2.0, size=(4, 10)) + np.arange(4)[:, None]
    halves = [half for chain in x for half in (chain[:5], chain[5:])]
    between = 5 * np.var([half.mean() for half in halves], ddof=1)
    within = np.mean([np.var(half, ddof=1) for half in halves])
    assert split_r_hat(x) == pytest.approx(math.sqrt((4 / 5 * within + between / 5) / within), rel=1e-12)


def test_chains_apart_and_chains_that_drift_are_told() -> None:
    x = ar1(0.5, 8, 400)
    apart = x + np.where(np.arange(8) % 2 == 0, 3.0, -3.0)[:, None]
    assert split_r_hat(apart) > 2.0
    assert effective_size(apart) < 0.02 * x.size
    assert split_r_hat(x + np.linspace(-3, 3, 400)) > 1.3


def test_chains_that_stand_still() -> None:
    still = np.repeat(np.array([[0.0], [1.0]]), 20, axis=1)
    assert split_r_hat(still) == math.inf
    assert effective_size(still) < 4  # as many as there are chains, at most
    same = np.zeros((3, 20))
    assert math.isnan(split_r_hat(same))
    assert math.isnan(effective_size(same))
    assert (autocorrelation(same, 5) == 1).all()
    assert math.isnan(split_r_hat(np.zeros((3, 3))))
