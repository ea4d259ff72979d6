"""Paths from noise to data: ONE FILE, ONE PATH x_t = a(t) x_1 + s(t) x_0, t from 0 (noise) to 1 (data).

Lives here: a, s and their derivatives, the table of prediction targets, exact marginals of Gaussian mixtures.
May not live here: networks, solvers, training.
To add one: a file with `PATH = MyPath()`; presets, knobs and contract tests follow.
"""

from __future__ import annotations

import sys
from functools import cache

from dgm_studio.core.discovery import discover
from dgm_studio.paths.path import Path


@cache
def paths() -> dict[str, Path]:
    """Every path by id."""
    return discover(sys.modules[__name__], "PATH")
