"""What a measure returns: a number with what one may believe about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """A value with its interval [low, high]; `label` says how, where it is not the usual way."""

    value: float
    low: float
    high: float
    label: str = ""
