"""Where fields and maps are sampled: cell centres of a box, and tensors on their way to the window."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.ask import Box
from dgm_studio.lab.scene import Scene

ARROW_COLUMNS = 21


def axes(box: Box, rows: int, columns: int) -> tuple[Tensor, Tensor]:
    """Cell centres along x (columns,) and y (rows,), ascending, in float64."""
    left, right, bottom, top = box
    x = left + (torch.arange(columns, dtype=torch.float64) + 0.5) * (right - left) / columns
    y = bottom + (torch.arange(rows, dtype=torch.float64) + 0.5) * (top - bottom) / rows
    return x, y


def nodes(scene: Scene, box: Box, rows: int, columns: int) -> Tensor:
    """Cell centres (rows * columns, 2) in the model's dtype and on its device; x runs fastest, y ascends."""
    x, y = axes(box, rows, columns)
    grid = torch.stack([x.repeat(rows), y.repeat_interleave(columns)], dim=1)
    return grid.to(scene.points)


def arrow_nodes(scene: Scene, box: Box) -> Tensor:
    """The arrows' feet: 21 columns and as many rows as make the cells square, (m, 2)."""
    left, right, bottom, top = box
    rows = max(1, round(ARROW_COLUMNS * (top - bottom) / (right - left)))
    return nodes(scene, box, rows, ARROW_COLUMNS)


def cell_area(box: Box, resolution: int) -> float:
    """Area of one cell of a resolution x resolution grid."""
    left, right, bottom, top = box
    return (right - left) * (top - bottom) / resolution**2


def square(values: Tensor, resolution: int) -> Array:
    """Values (r * r,) as the window's map (r, r): a frozen float32 copy, never an alias of live weights."""
    return plain(values.reshape(resolution, resolution))


def precise(x: Tensor) -> Tensor:
    """x in float64, or in float32 on MPS, which has no other."""
    return x.float() if x.device.type == "mps" else x.double()


def plain(values: Tensor) -> Array:
    """A frozen float32 numpy copy; a plain .cpu() would alias live memory on a CPU."""
    array = values.detach().to("cpu", copy=True).numpy()
    return frozen(array.astype(np.float32, copy=False))
