"""What can be measured on the trajectories of a flow: how straight they are, what they cost, which of them cross."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import torch
from torch import Tensor

from dgm_studio.solvers import solvers


def trajectories(flow: Any, start: Tensor, steps: int) -> Generator[None, None, tuple[Tensor, Tensor]]:
    """Heun's states (steps + 1, n, d) of a flow (anything with a velocity and a path) from start (n, d), and their
    times (steps + 1,); each yield ends one step."""
    times = flow.path.time_grid(steps, start.dtype).to(start.device)
    frames = []
    for state in solvers()["heun"].walk(flow, start, times, torch.Generator(start.device)):
        frames.append(state.x)
        yield
    return torch.stack(frames), times


def straightness(frames: Tensor, times: Tensor) -> float:
    """S = E integral |(z_1 - z_0) - dz_t/dt|^2 dt of states (k + 1, n, d) at times (k + 1,) from 0 to 1; 0 if and only
    if every trajectory is a straight line walked at constant speed (Liu et al., 2023, section 2.2)."""
    spans = times.diff()
    speeds = frames.diff(dim=0) / spans[:, None, None]
    return float((spans * (frames[-1] - frames[0] - speeds).square().sum(-1).mean(1)).sum())


def cost(x0: Tensor, x1: Tensor) -> float:
    """E|x_1 - x_0|^2 of coupled points (n, d): what the transport spends."""
    return float((x1 - x0).square().sum(-1).mean())


def crossing_pairs(lines: Tensor) -> int:
    """How many pairs of m polylines (m, p, 2) cross somewhere in the plane, whenever they pass there.

    A crossing is drawn, not met: trajectories of an ODE never meet at one and the same time.
    """
    count, points, _ = lines.shape
    start, end = (part.reshape(-1, 2) for part in (lines[:, :-1], lines[:, 1:]))
    along = end - start

    def side(of: Tensor) -> Tensor:
        """On which side of segment i (row) point j (column) lies."""
        gap = of[None] - start[:, None]
        return along[:, None, 0] * gap[..., 1] - along[:, None, 1] * gap[..., 0]

    astride = side(start) * side(end) < 0
    crossed = (astride & astride.T).reshape(count, points - 1, count, points - 1).any(3).any(1)
    return int(crossed.triu(1).sum())
