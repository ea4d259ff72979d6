"""A tensor as something to look at: a heat map of block means, convolution filters as pictures, singular values."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import RefusedFile

PATIENCE = 0.02
"""Seconds between two looks whether they are there."""
FLOPS = 1e9
"""Numbers a second that even a slow machine's decomposition works off; only a first guess before it is begun."""


class HeatMap(NamedTuple):
    """`values` (r, c) float32, means of blocks of a matrix of the shape `of`; `many` such matrices the tensor has."""

    values: Array
    of: tuple[int, int]
    low: float
    high: float
    many: int


def heat_map(array: Array, rows: int, columns: int, last: bool = False, index: int = 0) -> HeatMap:
    """The first axis by all others, or, with `last`, the `index`-th matrix of the last two axes, at most rows by
    columns blocks; low and high are over the finite blocks."""
    matrix, many = _matrix(array, last, index)
    of = (matrix.shape[0], matrix.shape[1])
    values = _blocks(_blocks(matrix, rows).T, columns).T
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (math.nan, math.nan)
    return HeatMap(np.ascontiguousarray(values, np.float32), of, low, high, many)


def filters(array: Array, most: int, channel: int) -> Array:
    """The first filters of a convolution's weight (out, in, h, w), or (out, in, w) as h = 1: (k, c, h, w) float32 with
    c = 3 where there are three inputs, else c = 1, the input `channel` or the mean over the inputs for -1.

    Refused for what is no convolution's weight.
    """
    if (
        array.ndim not in (3, 4)
        or 0 in array.shape
        or array.shape[-1] > 64
        or (array.ndim == 4 and array.shape[-2] > 64)
    ):
        raise Refused("This tensor is no convolution's weight: choose one of shape (out, in, height, width).")
    some = _real(array[:most]).reshape(min(most, array.shape[0]), array.shape[1], -1, array.shape[-1])
    if channel >= some.shape[1]:
        raise Refused(f"This convolution has {some.shape[1]:,} inputs: choose one from 0 to {some.shape[1] - 1}.")
    if channel >= 0:
        some = some[:, channel : channel + 1]
    elif some.shape[1] != 3:
        some = some.mean(1, keepdims=True)
    return np.ascontiguousarray(some, np.float32)


def singular_values(array: Array, seconds: float) -> Generator[None, None, Array]:
    """Singular values (min(m, n),) float64 of the first axis (m) by all others (n), largest first; yields meanwhile.

    Refused for a vector, for NaN or infinity; RefusedFile E22 where it would take, or takes, longer than `seconds`.
    """
    if array.ndim < 2 or 0 in array.shape:
        raise Refused("Only a tensor of two axes or more has singular values: choose a weight matrix.")
    small, large = sorted((array.shape[0], math.prod(array.shape[1:])))
    if 8.0 * small * small * large / FLOPS > 10 * seconds:
        raise _too_slow(seconds)
    matrix = _real(array).reshape(array.shape[0], -1)
    if not np.isfinite(matrix).all():
        raise Refused("This tensor holds NaN or infinity, so it has no singular values.")
    # LAPACK cannot be interrupted: what nobody waits for any more is left to a thread that ends with the process.
    work = _Aside(matrix)
    work.start()
    last = time.monotonic() + seconds
    while work.is_alive():
        if time.monotonic() > last:
            raise _too_slow(seconds)
        work.join(PATIENCE)
        yield
    if isinstance(work.found, Exception):
        raise work.found
    return work.found


def rank(values: Array, shape: tuple[int, ...]) -> int:
    """How many singular values are above eps * max(m, n) * the largest, eps being that of float32."""
    rows, columns = shape[0], math.prod(shape[1:])
    floor = float(np.finfo(np.float32).eps) * max(rows, columns) * float(values[0])
    return int((values > floor).sum())


class _Aside(threading.Thread):
    """The decomposition; `found` are the values, or what went wrong."""

    def __init__(self, matrix: Array) -> None:
        super().__init__(daemon=True)
        self._matrix = matrix
        self.found: Array | Exception = np.empty(0)

    def run(self) -> None:
        try:
            self.found = np.linalg.svd(self._matrix.astype(np.float64), compute_uv=False)
        except np.linalg.LinAlgError:
            self.found = Refused("The singular values of this tensor were not found: its numbers are too far apart.")
        except MemoryError as error:
            self.found = error


def _too_slow(seconds: float) -> RefusedFile:
    return RefusedFile("E22", f"Its singular values take longer than {seconds:g} s. Choose a smaller tensor.")


def _matrix(array: Array, last: bool, index: int) -> tuple[Array, int]:
    if array.ndim < 2 or array.size == 0:
        return array.reshape(1, -1), 1
    if not last or array.ndim == 2:
        return array.reshape(array.shape[0], -1), 1
    stack = array.reshape(-1, *array.shape[-2:])
    if not 0 <= index < len(stack):
        raise Refused(f"This tensor has {len(stack):,} matrices: choose one from 0 to {len(stack) - 1}.")
    return stack[index], len(stack)


def _blocks(matrix: Array, most: int) -> Array:
    """Means over blocks of neighbouring rows, at most `most` of them, as even as whole numbers allow."""
    count = matrix.shape[0]
    if count <= most:
        return _real(matrix)
    edges = np.linspace(0, count, most + 1).astype(np.int64)
    out: Array = np.stack([_real(matrix[one:other]).mean(0) for one, other in pairwise(edges)])
    return out


def _real(array: Array) -> Array:
    out: Array = (np.abs(array) if np.iscomplexobj(array) else array).astype(np.float32)
    return out
