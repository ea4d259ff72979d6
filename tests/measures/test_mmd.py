"""MMD against its closed form for Gaussians, and its unbiasedness."""

from __future__ import annotations

import math

import pytest
import torch

from dgm_studio.core.errors import Refused
from dgm_studio.measures.mmd import median_bandwidth, mmd


def closed_form(shift: float, std: float, h: float, dim: int) -> float:
    """E k - E k - 2 E k of N(0, I) and N(shift e_1, std^2 I): each mean is a Gaussian integral."""

    def mean(variance: float, gap: float) -> float:
        total = h**2 + variance
        return float((h**2 / total) ** (dim / 2) * math.exp(-(gap**2) / (2 * total)))

    return mean(2.0, 0.0) + mean(2 * std**2, 0.0) - 2 * mean(1 + std**2, shift)


@pytest.mark.parametrize(("shift", "std"), [(0.0, 1.0), (1.0, 1.0), (0.5, 2.0)])
def test_it_is_the_closed_form_on_average(shift: float, std: float) -> None:
    generator = torch.Generator().manual_seed(0)
    found = []
    for _ in range(30):
        x = torch.randn(400, 2, generator=generator)
        y = std * torch.randn(400, 2, generator=generator) + torch.tensor([shift, 0.0])
        found.append(mmd(x, y, 1.5))
    values = torch.tensor(found)
    assert float(values.mean()) == pytest.approx(closed_form(shift, std, 1.5, 2), abs=4 * float(values.std()) / 30**0.5)


def test_the_bandwidth_is_the_median_distance() -> None:
    assert median_bandwidth(torch.tensor([[0.0], [1.0], [3.0]])) == pytest.approx(2.0)
    with pytest.raises(Refused, match="two points"):
        median_bandwidth(torch.zeros(1, 2))
    with pytest.raises(Refused, match="two points"):
        mmd(torch.zeros(1, 2), torch.zeros(5, 2), 1.0)
