"""Where fields and maps are sampled: cell centres of a box, and tensors on their way to the window."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.ask import Box
from dgm_studio.lab.scene import Scene

ARROW_COLUMNS = 21
FINER = 4
"""On a line, where a map costs r points instead of r^2, it is so many times finer."""


def axes(box: Box, rows: int, columns: int) -> tuple[Tensor, Tensor]:
    """Cell centres along x (columns,) and y (rows,), ascending, in float64."""
    left, right, bottom, top = box
    x = left + (torch.arange(columns, dtype=torch.float64) + 0.5) * (right - left) / columns
    y = bottom + (torch.arange(rows, dtype=torch.float64) + 0.5) * (top - bottom) / rows
    return x, y


def nodes(scene: Scene, box: Box, rows: int, columns: int) -> Tensor:
    """Cell centres (rows * columns, 2) in the model's dtype and on its device; x runs fastest, y ascends.

    For data on a line: (columns, 1), those along x.
    """
    x, y = axes(box, rows, columns)
    if on_line(scene):
        return x[:, None].to(scene.points)
    grid = torch.stack([x.repeat(rows), y.repeat_interleave(columns)], dim=1)
    return grid.to(scene.points)


def on_line(scene: Scene) -> bool:
    """Whether the data have one column: the box's x then is theirs, and its y none of theirs."""
    return scene.points.shape[1] == 1


def map_nodes(scene: Scene, box: Box, resolution: int) -> Tensor:
    """Where a map is computed: resolution^2 cell centres of the plane (r r, 2), 4 resolution of the line (4 r, 1)."""
    return nodes(scene, box, resolution, resolution * (FINER if on_line(scene) else 1))


def arrow_nodes(scene: Scene, box: Box) -> Tensor:
    """The arrows' feet: 21 columns and as many rows as make the cells square, (m, 2); (21, 1) on a line."""
    left, right, bottom, top = box
    rows = max(1, round(ARROW_COLUMNS * (top - bottom) / (right - left)))
    return nodes(scene, box, rows, ARROW_COLUMNS)


def cell_area(scene: Scene, box: Box, resolution: int) -> float:
    """Area of one cell of `map_nodes`, its length on a line."""
    left, right, bottom, top = box
    if on_line(scene):
        return (right - left) / (FINER * resolution)
    return (right - left) * (top - bottom) / resolution**2


def as_map(scene: Scene, values: Tensor, resolution: int) -> Array:
    """Values at `map_nodes` as the window's map (r, r), or curve (4 r,): a frozen float32 copy, never an alias of live
    weights."""
    return plain(values if on_line(scene) else values.reshape(resolution, resolution))


def error_maps(scene: Scene, gap: Tensor, exact: Tensor, resolution: int) -> dict[str, Array]:
    """`values`, learned minus exact; for a curve also `exact`, the curve that the error stands on."""
    maps = {"values": as_map(scene, gap, resolution)}
    return {**maps, "exact": as_map(scene, exact, resolution)} if on_line(scene) else maps


def precise(x: Tensor) -> Tensor:
    """x in float64, or in float32 on MPS, which has no other."""
    return x.float() if x.device.type == "mps" else x.double()


def plain(values: Tensor) -> Array:
    """A frozen float32 numpy copy; a plain .cpu() would alias live memory on a CPU."""
    array = values.detach().to("cpu", copy=True).numpy()
    return frozen(array.astype(np.float32, copy=False))
