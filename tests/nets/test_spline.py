"""The rational-quadratic spline against zuko, autograd and the identity, in float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from zuko.transforms import MonotonicRQSTransform

from dgm_studio.nets.spline import Spline

BOUND = 3.0


def raw(n: int, bins: int, scale: float = 2.0) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return scale * torch.randn((n, 2, 3 * bins - 1), generator=generator, dtype=torch.float64)


def values(n: int) -> Tensor:
    """Most inside the box, some in either tail."""
    return 4 * (2 * torch.rand((n, 2), generator=torch.Generator().manual_seed(1), dtype=torch.float64) - 1)


@pytest.mark.parametrize("bins", [2, 8, 32])
def test_it_is_zukos_on_the_same_knots(bins: int) -> None:
    spline, x = Spline.of(raw(500, bins), BOUND), values(500)
    theirs = MonotonicRQSTransform(*raw(500, bins).split([bins, bins, bins - 1], -1), bound=BOUND)  # type: ignore[no-untyped-call]
    theirs.horizontal, theirs.vertical, theirs.derivatives = spline
    y, log_slope = spline.forward(x)
    expected, expected_log_slope = theirs.call_and_ladj(x)
    torch.testing.assert_close(y, expected)
    torch.testing.assert_close(log_slope, expected_log_slope, atol=1e-9, rtol=1e-7)
    torch.testing.assert_close(spline.inverse(y), theirs.inv(y))


@pytest.mark.parametrize("bins", [2, 8, 32])
def test_the_inverse_undoes_it_and_the_slope_is_autograds(bins: int) -> None:
    spline, x = Spline.of(raw(500, bins), BOUND), values(500).requires_grad_()
    y, log_slope = spline.forward(x)
    torch.testing.assert_close(spline.inverse(y), x, atol=1e-9, rtol=0)
    (slope,) = torch.autograd.grad(y.sum(), x)
    torch.testing.assert_close(log_slope, slope.log(), atol=1e-9, rtol=1e-8)


def test_its_knots_fill_the_box_and_its_tails_are_the_identity() -> None:
    spline = Spline.of(raw(20, 8, scale=30.0), BOUND)
    for edges in (spline.x, spline.y):
        assert bool((edges.diff() > 0).all())
        assert bool((edges[..., 0] == -BOUND).all())
        assert bool((edges[..., -1] == BOUND).all())
    assert bool((spline.slope > 0).all())
    assert bool((spline.slope[..., [0, -1]] == 1).all())
    outside = torch.tensor([[-3.5, 9.0]], dtype=torch.float64).expand(20, 2)
    y, log_slope = spline.forward(outside)
    assert torch.equal(y, outside)
    assert torch.equal(spline.inverse(outside), outside)
    assert not bool(log_slope.any())


def test_zeros_are_the_identity() -> None:
    spline, x = Spline.of(torch.zeros((100, 2, 23), dtype=torch.float64), BOUND), values(100)
    y, log_slope = spline.forward(x)
    torch.testing.assert_close(y, x)
    torch.testing.assert_close(log_slope, torch.zeros_like(x))


def test_the_knots_are_met() -> None:
    spline = Spline.of(raw(1, 8), BOUND)
    for k in range(8):
        torch.testing.assert_close(spline.forward(spline.x[..., k])[0], spline.y[..., k])
        torch.testing.assert_close(spline.inverse(spline.y[..., k]), spline.x[..., k])


def test_gradients_stay_finite_in_the_tails() -> None:
    numbers, x = raw(50, 8).requires_grad_(), (20 * values(50)).requires_grad_()
    y, log_slope = Spline.of(numbers, BOUND).forward(x)
    for gradient in torch.autograd.grad((y + log_slope).sum(), [numbers, x]):
        assert bool(gradient.isfinite().all())
