"""The monotone cubic against SciPy's, and what may not be drawn as a path."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.interpolate import PchipInterpolator

from dgm_studio.core.errors import Refused
from dgm_studio.paths.custom import Custom
from dgm_studio.paths.pchip import Pchip

SHAPES = [
    (0.0, 0.3, 0.75, 1.0),
    (1.0, 0.95, 0.7, 0.0),
    (0.0, 1.0, 0.0),
    (0.0, 0.1, 0.1, 0.9, 1.0),
    (0.0, 0.01, 0.5, 1.0),
    (3.0, -1.0, 2.0, 2.5, 2.4, 0.3, 0.2, 0.15, 0.0),
]


@pytest.mark.parametrize("values", SHAPES)
def test_values_and_slopes_are_scipys(values: tuple[float, ...]) -> None:
    curve, own = PchipInterpolator(np.linspace(0, 1, len(values)), values), Pchip(values)
    t = torch.linspace(0, 1, 301, dtype=torch.float64)
    torch.testing.assert_close(own(t), torch.from_numpy(curve(t.numpy())), atol=1e-12, rtol=0)
    torch.testing.assert_close(own.slope(t), torch.from_numpy(curve.derivative()(t.numpy())), atol=1e-10, rtol=0)


@pytest.mark.parametrize("values", SHAPES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_values_themselves_are_exact(values: tuple[float, ...], dtype: torch.dtype) -> None:
    ends = Pchip(values)(torch.tensor([0.0, 1.0], dtype=dtype))
    assert torch.equal(ends, torch.tensor([values[0], values[-1]], dtype=dtype))
    assert ends.dtype == dtype


def test_the_slope_is_autograds() -> None:
    t = torch.linspace(0.001, 0.999, 97, dtype=torch.float64, requires_grad=True)
    curve = Pchip(SHAPES[0])
    (truth,) = torch.autograd.grad(curve(t).sum(), t)
    torch.testing.assert_close(curve.slope(t.detach()), truth)


@pytest.mark.parametrize(
    ("a", "s", "why"),
    [
        ((0, 1), (1, 0.5, 0), "has 2 values"),
        ((0, 0.5, 1), tuple(np.linspace(1, 0, 10)), "has 10 values"),
        ((0, 0.5, 0.9), (1, 0.5, 0), "ends at 0.9"),
        ((-0.1, 0.5, 1), (1, 0.5, 0), "at 0 or above"),
        ((0, 0.5, 1), (1, 0.0, 0.0), "above 0"),
        ((0, 0.5, 1), (1, 0.5, 0.2), "ends at 0.2"),
        ((0.5, 0.7, 1), (1, 0.5, 0), "not noise"),
        ((0, 0.8, 0.2, 1), (1, 0.9, 0.8, 0), "gain signal"),
        ((0, 0.5, 0.5, 1), (1, 0.5, 0.5, 0), "gain signal"),
    ],
)
def test_what_is_no_path_is_refused(a: tuple[float, ...], s: tuple[float, ...], why: str) -> None:
    with pytest.raises(Refused, match=why) as caught:
        Custom(a, s)
    assert str(caught.value).endswith(".")


def test_known_paths_can_be_drawn() -> None:
    straight = Custom((0.0, 0.5, 1.0), (1.0, 0.5, 0.0))
    t = torch.linspace(0, 1, 50, dtype=torch.float64)
    torch.testing.assert_close(straight.a(t), t)
    torch.testing.assert_close(straight.ds(t), -torch.ones_like(t))
    exploding = Custom((1.0, 1.0, 1.0), (10.0, 5.0, 0.05))
    assert exploding.prior_std == 10
    torch.testing.assert_close(exploding.a(t), torch.ones_like(t))
