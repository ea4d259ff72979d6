"""The path that stands still: the exact field along it is that of the noised data, at every time."""

from __future__ import annotations

import math

import pytest
import torch

from dgm_studio.data.mixture import Mixture
from dgm_studio.paths import paths
from dgm_studio.paths.exact import ExactField
from dgm_studio.paths.one_level import OneLevel


@pytest.mark.parametrize("sigma", [0.0, 0.3])
def test_the_exact_field_is_that_of_the_noised_data_at_every_time(sigma: float) -> None:
    """One Gaussian N(m, c I): the noised one is N(m, (c + sigma^2) I)."""
    mean, variance = torch.tensor([1.0, -2.0], dtype=torch.float64), 0.25
    exact = ExactField(Mixture.isotropic(mean[None].numpy(), variance**0.5), OneLevel(sigma))
    x = torch.randn(20, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    total = variance + sigma**2
    for t in (0.0, 0.4, 1.0):
        time = torch.tensor(t, dtype=torch.float64)
        assert torch.allclose(exact.score(x, time), (mean - x) / total)
        assert torch.allclose(exact.x1_hat(x, time), x + sigma**2 * (mean - x) / total)
        assert torch.allclose(exact.velocity(x, time), torch.zeros_like(x))
        truth = -0.5 * (x - mean).square().sum(1) / total - math.log(2 * math.pi * total)
        assert torch.allclose(exact.log_density(x, time), truth)


def test_it_is_no_choice_of_the_menus() -> None:
    assert OneLevel.card.id not in paths()
    assert OneLevel(0.05).lecture_clock(0.3) == "sigma = 0.05"
    assert OneLevel(0.3, 2.5).prior_std == 2.5
