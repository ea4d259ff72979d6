"""The parts of SciPy that estimators call, loaded piece by piece: as a whole they would hold up a drag for 0.3 s."""

from __future__ import annotations

import sys
from collections.abc import Generator
from importlib import import_module

PIECES = (
    "scipy", "scipy._lib._util", "scipy.special", "scipy.sparse", "scipy.linalg", "scipy.spatial.transform",
    "scipy.spatial.distance", "scipy.spatial", "scipy.fft", "scipy.sparse.linalg", "scipy.optimize",
)  # fmt: skip
"""Each builds on those before it, so that each takes under 50 ms."""


def libraries() -> Generator[None, None, None]:
    """Load what is not there yet; each yield ends a slice."""
    for piece in PIECES:
        if piece not in sys.modules:
            import_module(piece)
            yield
