"""Data sets: ONE FILE, ONE DATA SET of points in the plane or on the line. numpy only.

Lives here: samplers with labels, exact densities, Gaussian mixtures, reading points from CSV and NPY.
Texts live in text/. May not live here: torch, models, files of anything else.
To add one: a file with `DATA = MyDataSet()`; menu, thumbnail, command line and contract tests follow.
"""

from __future__ import annotations

import sys
from functools import cache

from dgm_studio.core.discovery import discover
from dgm_studio.data.dataset import DataSet


@cache
def data_sets() -> dict[str, DataSet]:
    """Every data set by id."""
    return discover(sys.modules[__name__], "DATA")
