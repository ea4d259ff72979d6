"""Measured: one number a measure gave, and everything a person needs to believe it or not."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

NATS, DISTANCE, SQUARED, SHARE, NONE = "nats", "distance", "distance²", "share", ""
"""Units of measures; nats are shown as bits where a person wishes."""


@dataclass(frozen=True)
class Measured:
    """`measure` is the id; `value` in `unit`, within [low, high]: an estimator's 95 % interval, a quadrature's own
    error, nothing at all for a closed form (low = high = value). `floor` is the same estimator's mean on two fresh
    samples of p, None where the method has none. `method` says how it was found, `n` the samples of each side (0: none
    were used), `bias` one sentence where the estimator is biased, `seconds` what the value took. `note` tells what else
    is to be known: fewer samples than were asked for, a floor from split halves. `better` is "low" for a distance,
    "high" for a share that is large where the laws agree. While `pending` the interval or the floor is still to come
    (and low = high = value says nothing)."""

    measure: str
    value: float
    low: float
    high: float
    method: str
    unit: str = NONE
    floor: float | None = None
    n: int = 0
    bias: str = ""
    seconds: float = 0.0
    note: str = ""
    better: str = "low"
    pending: bool = False

    @property
    def within_noise(self) -> bool:
        """Whether the value says no more than two samples of one law would."""
        if self.floor is None:
            return False
        return self.value >= self.floor if self.better == "high" else self.value <= self.floor

    @property
    def bounded(self) -> bool:
        """Whether [low, high] says anything: not while the interval is still to come."""
        return not self.pending or self.low < self.high

    def as_json(self) -> dict[str, Any]:
        """Plain JSON; infinity is the string "inf"."""
        return {name: _plain(value) for name, value in asdict(self).items() if name not in ("measure", "pending")}


def exact_of(ways: Iterable[Measured]) -> Measured | None:
    """Of one measure's ways the first that used no samples: the value that the estimates should meet."""
    return next((one for one in ways if not one.n and not math.isnan(one.value)), None)


def side_missed(one: Measured, exact: Measured | None) -> str:
    """ "low" or "high" where an estimate's interval lies wholly below or above the exact value, else "". Less than a
    2000th of the value does not count: that is rounding."""
    if exact is None or not one.n or not one.low < one.high:
        return ""
    slack = 5e-4 * abs(exact.value) if math.isfinite(exact.value) else 0.0
    return "low" if one.high < exact.low - slack else "high" if one.low > exact.high + slack else ""


def warning(one: Measured, exact: Measured | None) -> str:
    """What stands beside an estimate that is not to be taken as it is: "biased" where its estimator declares a bias,
    "too low" or "too high" where its interval misses the exact value, both as "biased, too low". Two facts: the mean of
    an estimator that is biased upwards may still be missed from below, by chance."""
    side = side_missed(one, exact)
    return ", ".join(part for part in ("biased" if one.bias else "", f"too {side}" if side else "") if part)


def _plain(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value
