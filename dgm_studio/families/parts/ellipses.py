"""Gaussians as lines: ellipses at some standard deviations, intervals in one dimension."""

from __future__ import annotations

import math

import torch
from torch import Tensor

SEGMENTS = 64


def root(covariance: Tensor) -> Tensor:
    """The symmetric square root (..., d, d) of covariances (..., d, d); rounding below 0 counts as 0."""
    values, vectors = torch.linalg.eigh(covariance)
    found: Tensor = (vectors * values.clamp_min(0).sqrt()[..., None, :]) @ vectors.mT
    return found


def ellipse(mean: Tensor, covariance: Tensor, sigmas: float) -> Tensor:
    """The closed polyline (65, 2) of {x: (x - m)^T S^-1 (x - m) = sigmas^2} for m (2,) and S (2, 2), which may be
    singular; counter-clockwise from m + sigmas S^(1/2) (1, 0)."""
    angle = torch.linspace(0, 2 * math.pi, SEGMENTS + 1, device=mean.device, dtype=mean.dtype)
    circle = torch.stack([angle.cos(), angle.sin()], dim=1)
    return mean + sigmas * circle @ root(covariance)


def contours(mean: Tensor, covariance: Tensor, sigmas: tuple[float, ...] = (1.0, 2.0)) -> tuple[Tensor, ...]:
    """One line for each of `sigmas`: the ellipse in two dimensions, the interval (2, 1) in one, none in more."""
    if len(mean) == 2:
        return tuple(ellipse(mean, covariance, s) for s in sigmas)
    if len(mean) == 1:
        reach = covariance[0, 0].sqrt()
        return tuple(torch.stack([mean - s * reach, mean + s * reach]) for s in sigmas)
    return ()
