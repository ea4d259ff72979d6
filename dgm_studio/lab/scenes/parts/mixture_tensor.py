"""Gaussian mixtures on the line or in the plane as one tensor, so that their numbers can be descended."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

FIELDS = {1: 3, 2: 6}
"""Numbers of a component: logit of its weight, mean (dim), and the lower-triangular root of its covariance: log sigma
on the line; log a, log b, c of [[a, 0], [c, b]] in the plane."""
FLATTEST, WIDEST = -3.0, 3.0
"""Where log sigma is held while something descends."""
FURTHEST = 20.0


class Parts(NamedTuple):
    """log weights (..., k), means (..., k, d), log scales (..., k, d), tilt c (..., k), without meaning on the line."""

    log_weights: Tensor
    means: Tensor
    log_scales: Tensor
    tilt: Tensor


def parts(theta: Tensor) -> Parts:
    """What mixtures theta (..., k, fields) are made of."""
    dim = 1 if theta.shape[-1] == FIELDS[1] else 2
    log_weights = torch.log_softmax(theta[..., 0], -1)
    tilt = theta[..., 5] if dim == 2 else theta[..., 0]
    return Parts(log_weights, theta[..., 1 : 1 + dim], theta[..., 1 + dim : 1 + 2 * dim], tilt)


def log_density(theta: Tensor, x: Tensor) -> Tensor:
    """log sum_k w_k N(x; m_k, S_k) of mixtures (..., k, fields) at points (..., n, d) -> (..., n), in nats."""
    p = parts(theta)
    gaps = x[..., None, :, :] - p.means[..., :, None, :]
    inverse = torch.exp(-p.log_scales)
    first = gaps[..., 0] * inverse[..., 0, None]
    square = first**2
    if x.shape[-1] == 2:
        square = square + ((gaps[..., 1] - p.tilt[..., None] * first) * inverse[..., 1, None]) ** 2
    top = p.log_weights - p.log_scales.sum(-1) - 0.5 * x.shape[-1] * math.log(2 * math.pi)
    if theta.shape[-2] == 1:
        return (top[..., None] - 0.5 * square)[..., 0, :]
    return torch.logsumexp(top[..., None] - 0.5 * square, -2)


def placed(theta: Tensor, normal: Tensor) -> Tensor:
    """m_k + L_k e for standard normal e (..., n, d) -> (..., k, n, d): the reparametrisation."""
    p = parts(theta)
    e = normal if normal.dim() > 2 else normal.expand(*p.tilt.shape, *normal.shape)
    x = p.means[..., None, :] + torch.exp(p.log_scales)[..., None, :] * e
    if normal.shape[-1] == 1:
        return x
    return torch.stack((x[..., 0], x[..., 1] + p.tilt[..., None] * e[..., 0]), -1)


def covariances(theta: Tensor) -> Tensor:
    """L L^T as its numbers (..., k, 1): variance, or (..., k, 3): S_11, S_12, S_22."""
    p = parts(theta)
    a = torch.exp(p.log_scales[..., 0])
    if p.means.shape[-1] == 1:
        return (a**2)[..., None]
    return torch.stack((a**2, a * p.tilt, p.tilt**2 + torch.exp(2 * p.log_scales[..., 1])), -1)


def projected(theta: Tensor, directions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Weights (..., 1, k), means and variances (..., r, k) of the mixtures along unit directions (r, d)."""
    p, cov = parts(theta), covariances(theta)
    weights = torch.exp(p.log_weights)[..., None, :]
    means = (p.means @ directions.T).transpose(-1, -2)
    if cov.shape[-1] == 1:
        return weights, means, (directions[:, 0] ** 2)[:, None] * cov[..., None, :, 0]
    u, v = directions[:, :1], directions[:, 1:]
    s = cov[..., None, :, :]
    return weights, means, u * u * s[..., 0] + 2 * u * v * s[..., 1] + v * v * s[..., 2]


def moments(theta: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (..., d) and covariance (..., d, d) of whole mixtures."""
    p, s = parts(theta), covariances(theta)
    w = torch.exp(p.log_weights)[..., None]
    mean = (w * p.means).sum(-2)
    if s.shape[-1] == 1:
        own = s[..., None]
    else:
        own = torch.stack((s[..., 0], s[..., 1], s[..., 1], s[..., 2]), -1).reshape(*s.shape[:-1], 2, 2)
    gaps = p.means - mean[..., None, :]
    return mean, (w[..., None] * (own + gaps[..., :, None] * gaps[..., None, :])).sum(-3)


def gaussian(mean: Tensor, covariance: Tensor) -> Tensor:
    """The one-component mixture (1, fields) of that mean (d,) and covariance (d, d)."""
    root = torch.linalg.cholesky(covariance)
    numbers = [torch.zeros(1, dtype=mean.dtype), mean, torch.log(torch.diagonal(root))]
    if len(mean) == 2:
        numbers.append(root[1:, 0])
    return torch.cat(numbers)[None]


def hold_(theta: Tensor) -> None:
    """Keep every number in a range where nothing overflows, in place."""
    dim = 1 if theta.shape[-1] == FIELDS[1] else 2
    theta[..., 0].clamp_(-12.0, 12.0)
    theta[..., 1 : 1 + dim].clamp_(-FURTHEST, FURTHEST)
    theta[..., 1 + dim : 1 + 2 * dim].clamp_(FLATTEST, WIDEST)
    if dim == 2:
        theta[..., 5].clamp_(-FURTHEST, FURTHEST)
