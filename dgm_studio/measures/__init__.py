"""Measures: ONE FILE, ONE DISTANCE between distributions, with its card and up to three ways to its number.

Lives here: formulas, quadratures and estimators in numpy and torch, their intervals and noise floors. May not live
here: what is drawn of them. To add one: a file with `MEASURE = MyMeasure()` (a subclass of measure.Measure); the
panel's list, `dgm-studio measure`, `list measures` and the tests over all measures follow from the declaration. What
scipy and POT do well is called, imported where it is used: both take a second to load.
"""

from __future__ import annotations

import sys
from functools import cache

from dgm_studio.core.discovery import discover
from dgm_studio.measures.measure import Measure


@cache
def measures() -> dict[str, Measure]:
    """Every measure by id."""
    return {name: one for name, one in discover(sys.modules[__name__], "MEASURE").items() if isinstance(one, Measure)}
