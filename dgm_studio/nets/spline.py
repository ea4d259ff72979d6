"""Monotonic rational-quadratic splines with linear tails (Durkan et al., 2019; Gregory and Delbourgo, 1982)."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

MIN_SHARE = 1e-3
"""A bin's least width and height, as a share of the box: no bin closes."""

MIN_SLOPE = 1e-3
"""A knot's least slope."""

_UNIT_SLOPE = math.log(math.expm1(1 - MIN_SLOPE))
"""The raw number whose slope is 1, so that zeros give the identity."""


class Spline(NamedTuple):
    """Knots x, y and slopes (..., K + 1), increasing on [-B, B]; outside it the map is the identity.

    In a bin of width w, height h, mean slope s = h / w and end slopes d0, d1, with u = (x - x0) / w:
    y = y0 + h (s u^2 + d0 u (1 - u)) / (s + (d0 + d1 - 2 s) u (1 - u)) (equation 4 of the paper).
    """

    x: Tensor
    y: Tensor
    slope: Tensor

    @classmethod
    def of(cls, raw: Tensor, bound: float) -> Spline:
        """From a network's numbers (..., 3 K - 1): K widths and K heights by softmax, K - 1 inner slopes by softplus;
        the outermost slopes are 1, so that the tails join smoothly.
        """
        bins = (raw.shape[-1] + 1) // 3
        widths, heights, slopes = torch.split(raw, [bins, bins, bins - 1], dim=-1)
        inner = MIN_SLOPE + F.softplus(slopes + _UNIT_SLOPE)
        return cls(_knots(widths, bound), _knots(heights, bound), F.pad(inner, (1, 1), value=1.0))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """y and log dy/dx (...) at x (...)."""
        inside, x0, w, y0, h, d0, d1 = self._bin(self.x, x)
        s = h / w
        # Outside the box u is set to 0: its branch is dropped, but must stay finite for the gradient.
        u = torch.where(inside, (x - x0) / w, 0.0)
        v = u * (1 - u)
        below = s + (d0 + d1 - 2 * s) * v
        y = y0 + h * (s * u.square() + d0 * v) / below
        log_slope = 2 * s.log() + (d1 * u.square() + 2 * s * v + d0 * (1 - u).square()).log() - 2 * below.log()
        return torch.where(inside, y, x), torch.where(inside, log_slope, 0.0)

    def inverse(self, y: Tensor) -> Tensor:
        """x (...) at y (...): the root in [0, 1] of the bin's quadratic, in the form that does not cancel."""
        inside, x0, w, y0, h, d0, d1 = self._bin(self.y, y)
        s = h / w
        rise = torch.where(inside, y - y0, 0.0)
        bend = rise * (d0 + d1 - 2 * s)
        a, b, c = h * (s - d0) + bend, h * d0 - bend, -s * rise
        u = 2 * c / (-b - (b.square() - 4 * a * c).clamp(min=0).sqrt())
        return torch.where(inside, x0 + u * w, y)

    def _bin(self, edges: Tensor, value: Tensor) -> tuple[Tensor, ...]:
        """Whether the value lies in the box, and x0, width, y0, height and end slopes of its bin, each (...)."""
        inside = (value >= edges[..., 0]) & (value < edges[..., -1])
        k = (value[..., None] >= edges[..., 1:-1]).sum(-1, keepdim=True)
        x0, y0, d0 = (own.gather(-1, k)[..., 0] for own in self)
        x1, y1, d1 = (own.gather(-1, k + 1)[..., 0] for own in self)
        return inside, x0, x1 - x0, y0, y1 - y0, d0, d1


def _knots(raw: Tensor, bound: float) -> Tensor:
    """Knots (..., K + 1) from -bound to bound, of shares softmax(raw) (..., K) kept above MIN_SHARE."""
    shares = MIN_SHARE + (1 - MIN_SHARE * raw.shape[-1]) * F.softmax(raw, dim=-1)
    inner = bound * (2 * shares.cumsum(-1)[..., :-1] - 1)
    return F.pad(F.pad(inner, (1, 0), value=-bound), (0, 1), value=bound)
