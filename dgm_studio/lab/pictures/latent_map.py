"""The latent plane: two axes of the latent space, with the data's codes on it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.latents import LatentMap
from dgm_studio.lab.pictures.encoded import Encoded

NEARLY_ALL = 0.99
"""Share of the codes, and of the prior's draws, inside the square, along the axis that spreads further."""

ROOM = 1.05


class Principal(NamedTuple):
    """Principal axes of codes (n, k): `mean` (k,), unit `axes` (r, k) with r = min(n, k), largest variance first, and
    their `variances` (r,), 1/n. An axis' largest coordinate is positive, so that a picture stays as it was."""

    mean: Array
    axes: Array
    variances: Array


def principal(codes: Array) -> Principal:
    """By the singular values of the centred codes, in float64."""
    numbers = np.asarray(codes, dtype=np.float64)
    mean = numbers.mean(0)
    _, sizes, axes = np.linalg.svd(numbers - mean, full_matrices=False)
    largest = axes[np.arange(len(axes)), np.abs(axes).argmax(1)]
    return Principal(mean, axes * np.where(largest < 0, -1.0, 1.0)[:, None], sizes**2 / len(numbers))


def latent_map(encoded: Encoded, axes: tuple[int, int] | None) -> LatentMap:
    """The plane of the codes' two principal axes; the latent itself where it is 2D; or two chosen axes, with the other
    coordinates at the codes' mean: the first two where the codes are but draws of the prior. A latent of one coordinate
    has an empty second axis."""
    codes = np.asarray(encoded.codes, dtype=np.float64)
    k = codes.shape[1]
    if axes is None and (k <= 2 or not encoded.of_data):
        axes = (0, 1)
    if axes is not None:
        centre, basis, titles = _chosen(codes, axes)
    else:
        found = principal(codes)
        centre, basis = found.mean, found.axes[:2]
        titles = ("Principal axis 1", "Principal axis 2")
    points = (codes - centre) @ basis.T
    total = codes.var(0).sum()
    explained = points.var(0) / total if total > 0 else np.zeros(2)
    spreads = np.sqrt(np.square(np.asarray(encoded.spreads, dtype=np.float64)) @ np.square(basis).T)
    drawn = (np.asarray(encoded.prior, dtype=np.float64) - centre) @ basis.T
    return LatentMap(
        points=_float(points),
        labels=encoded.labels,
        indices=encoded.indices,
        spreads=_float(spreads),
        basis=_float(basis),
        centre=_float(centre),
        explained=_float(explained),
        titles=titles,
        extent=ROOM * max(_reach(points), _reach(drawn)) or 1.0,
    )


def _chosen(codes: Array, axes: tuple[int, int]) -> tuple[Array, Array, tuple[str, str]]:
    k = codes.shape[1]
    if k == 1:
        return np.zeros(1), np.array([[1.0], [0.0]]), ("z1", "")
    if axes[0] == axes[1] or not all(0 <= axis < k for axis in axes):
        raise Refused(f"Axes {axes[0] + 1} and {axes[1] + 1} span no plane; choose two of 1 to {k}.")
    centre = codes.mean(0)
    centre[list(axes)] = 0.0  # so that the plane's numbers are the coordinates themselves
    return centre, np.eye(k)[list(axes)], (f"z{axes[0] + 1}", f"z{axes[1] + 1}")


def _reach(points: Array) -> float:
    return float(np.quantile(np.abs(points), NEARLY_ALL, axis=0).max())


def _float(numbers: Array) -> Array:
    return frozen(np.asarray(numbers, dtype=np.float32))
