"""Where an objective of one Gaussian is lowest: Newton's method from several starts at once."""

from __future__ import annotations

from collections.abc import Callable, Generator

import torch
from torch import Tensor

from dgm_studio.lab.scenes.parts.mixture_tensor import hold_

MOST = 60
NEAR = 1e-4
"""Distance of the central differences that make the Hessian from gradients."""
FARTHEST = 0.7
SHARES = (1.0, 0.5, 0.2, 0.05, 0.01)


def minima(objective: Callable[[Tensor], Tensor], starts: Tensor) -> Generator[None, None, tuple[Tensor, Tensor]]:
    """Local minima (s, 1, fields) found from one-component starts (s, 1, fields), and their values (s,).

    Newton's step with absolute eigenvalues of the Hessian, so that it goes downhill from a saddle too (Dauphin et al.,
    2014), at most FARTHEST long, shortened until the value falls. Each yield ends a slice.
    """
    theta = starts.clone()
    values = objective(theta)
    for _ in range(MOST):
        slope, hessian = _derivatives(objective, theta)
        scales, axes = torch.linalg.eigh(hessian)
        scales = scales.abs().clamp_min(1e-10)
        step = -(axes @ ((axes.mT @ slope[..., None]) / scales[..., None]))[..., 0]
        step = step * (FARTHEST / step.norm(dim=-1, keepdim=True).clamp_min(FARTHEST))
        tried = torch.stack([_moved(theta, share * step) for share in SHARES])
        found = objective(tried.flatten(0, 1)).reshape(tried.shape[:2])
        best, which = found.min(0)
        better = best < values
        if not better.any():
            break
        fall = (values - best)[better]
        theta = torch.where(better[:, None, None], tried[which, torch.arange(len(theta))], theta)
        values = torch.where(better, best, values)
        if bool((fall <= 1e-14 * (1 + values[better].abs())).all()):
            break
        yield
    return theta, values


def _derivatives(objective: Callable[[Tensor], Tensor], theta: Tensor) -> tuple[Tensor, Tensor]:
    """Gradient (s, f) and Hessian (s, f, f) in all numbers but the logit, which one component has no use for."""
    count, f = len(theta), theta.shape[-1] - 1
    nudges = torch.cat((torch.zeros(1, f), torch.eye(f), -torch.eye(f))).to(theta) * NEAR
    points = torch.stack([_moved(theta, nudge.expand(count, f)) for nudge in nudges]).flatten(0, 1).requires_grad_()
    with torch.enable_grad():
        (slopes,) = torch.autograd.grad(objective(points).sum(), points)
    slopes = slopes[:, 0, 1:].reshape(len(nudges), count, f)
    hessian = ((slopes[1 : 1 + f] - slopes[1 + f :]) / (2 * NEAR)).permute(1, 2, 0)
    return slopes[0], 0.5 * (hessian + hessian.mT)


def _moved(theta: Tensor, by: Tensor) -> Tensor:
    moved = theta.clone()
    moved[:, 0, 1:] += by
    hold_(moved)
    return moved
