"""The one array type that crosses the towers: numpy, read-only."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def frozen(array: Array) -> Array:
    """A read-only view of `array`'s own contiguous copy or itself; the caller must not keep a writable alias."""
    out = np.ascontiguousarray(array)
    out.flags.writeable = False
    return out


def same(one: Array | None, other: Array | None) -> bool:
    """Whether both are absent, or equal element by element; NaN equals NaN."""
    if one is None or other is None:
        return one is other
    floats = np.issubdtype(one.dtype, np.inexact) and np.issubdtype(other.dtype, np.inexact)
    return one is other or np.array_equal(one, other, equal_nan=floats)
