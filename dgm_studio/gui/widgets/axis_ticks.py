"""Few round ticks for a small plot."""

from __future__ import annotations

import math

WRITTEN = (-4, 6)
"""Powers of ten between which figures are written out."""
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _figure(multiple: int, power: int) -> str:
    """ "0.002", "20,000", "10⁻⁷", "2·10⁻⁷"."""
    if WRITTEN[0] <= power <= WRITTEN[1]:
        return f"{multiple * 10.0**power:,.6g}"
    return f"{f'{multiple}·' if multiple > 1 else ''}10{str(power).translate(_RAISED)}"


def ticks(low: float, high: float, *, log: bool, count: int = 3) -> list[tuple[float, str]]:
    """At most about `count` (position, text) between low and high.

    With `log` these are powers of ten of the values.
    """
    if log and high - low > 0.4:
        for multiples in ((1, 2, 5), (1, 3), (1,)):
            found = [
                (math.log10(m) + power, _figure(m, power))
                for power in range(math.floor(low), math.ceil(high) + 1)
                for m in multiples
                if low <= math.log10(m) + power <= high
            ]
            if len(found) <= count + 1:
                return found
        return found[:: math.ceil(len(found) / (count + 1))]
    near, far = (10.0**low, 10.0**high) if log else (low, high)
    rough = max((far - near) / count, 1e-12)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    values = [round(i * step, 12) for i in range(math.ceil(near / step), math.floor(far / step) + 1)]
    return [(math.log10(v) if log else v, f"{v:,.6g}") for v in values if v > 0 or not log]
