"""How a number knob lies on a slider: position, rounding, steps, and its text."""

from __future__ import annotations

import math

from dgm_studio.core.knobs import Knob, Value


def bounds(knob: Knob) -> tuple[float, float]:
    """The two ends of a knob that has both."""
    assert knob.low is not None
    assert knob.high is not None
    return float(knob.low), float(knob.high)


def _offset(knob: Knob) -> float:
    """A log knob that starts at zero is shifted by a ten-thousandth of its range, so that zero

    has a place.
    """
    low, high = bounds(knob)
    return 0.0 if low > 0 else (high - low) * 1e-4 - low


def fraction_of(knob: Knob, value: float) -> float:
    """Where `value` lies between low (0) and high (1); by its logarithm for a log knob."""
    low, high = bounds(knob)
    if high <= low:
        return 0.0
    if knob.log:
        off = _offset(knob)
        return math.log((value + off) / (low + off)) / math.log((high + off) / (low + off))
    return (value - low) / (high - low)


def value_at(knob: Knob, fraction: float) -> int | float:
    """The rounded value at a position: whole for int, two significant digits for log, a clean step else."""
    low, high = bounds(knob)
    fraction = min(1.0, max(0.0, fraction))
    if fraction in (0.0, 1.0):
        return _typed(knob, low if fraction == 0.0 else high)
    if knob.log:
        off = _offset(knob)
        return _typed(knob, (low + off) * ((high + off) / (low + off)) ** fraction - off)
    return _typed(knob, low + fraction * (high - low))


def step_of(knob: Knob) -> float:
    """The clean step of a linear knob: 1, 2 or 5 times a power of ten, about a hundredth of the range."""
    low, high = bounds(knob)
    rough = max(1e-12, (high - low) / 100)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)


def nudge(knob: Knob, value: float, by: int) -> int | float:
    """`value` moved by so many steps; a log knob's step is a factor of 10^(1/20), and it always moves."""
    if knob.log:
        low = bounds(knob)[0]
        moved = value * 10.0 ** (by / 20) if value > 0 else (low + _offset(knob)) * 10.0 ** (by / 20)
    else:
        moved = value + by * step_of(knob)
    if knob.type is int and round(moved) == value:
        moved = value + by
    return _typed(knob, moved)


def finely(knob: Knob, number: float) -> int | float:
    """A number dragged on a plot: within the knob's range, in tenths of a slider's step (three digits for log)."""
    low, high = bounds(knob)
    number = min(high, max(low, number)) if math.isfinite(number) else low
    if knob.type is int:
        return round(number)
    if number in (low, high):
        return number
    if knob.log:
        return min(high, max(low, float(f"{number:.3g}")))
    step = step_of(knob) / 10
    return min(high, max(low, round(round(number / step) * step, 12)))


def _typed(knob: Knob, number: float) -> int | float:
    low, high = bounds(knob)
    if knob.type is int:
        if number <= low or number >= high:
            return int(low if number <= low else high)
        whole = float(f"{number:.2g}") if knob.log and number >= 100 else number
        return int(min(high, max(low, round(whole))))
    if number <= low or number >= high:
        return float(min(high, max(low, number)))
    if knob.log:
        number = float(f"{number:.2g}")
    else:
        step = step_of(knob)
        number = round(round(number / step) * step, 12)
    return min(high, max(low, number))


def value_text(knob: Knob, value: Value) -> str:
    """A number as a person reads it: thousands separated, small rates as 2.0e-3, with its unit."""
    unit = f" {knob.unit}" if knob.unit else ""
    if isinstance(value, int):
        return f"{value:,}{unit}"
    number = float(value)
    if number and (abs(number) < 0.01 or abs(number) >= 1e5):
        mantissa, power = f"{number:.1e}".split("e")
        return f"{mantissa}e{int(power)}{unit}"
    if knob.log or knob.low is None or knob.high is None:
        return f"{number:.3g}{unit}" if number % 1 else f"{number:.1f}{unit}"
    decimals = max(1, -math.floor(math.log10(step_of(knob))))
    shown = f"{number:.{decimals}f}"
    return (shown if float(shown) == number else f"{number:.6g}") + unit


def knob_text(knob: Knob, value: Value) -> str:
    """Any knob's value as a person reads it: a choice by its label, a switch as on or off."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return next((choice.label for choice in knob.choices if choice.id == value), value)
    return value_text(knob, value)


def plain_text(knob: Knob, value: Value) -> str:
    """The same number for editing: exact, without unit and separators."""
    return str(value) if isinstance(value, int) else f"{float(value):.10g}"


def without_unit(knob: Knob, text: str) -> str:
    """What a person typed, without the unit and the thousands separators `value_text` shows."""
    text = text.strip()
    if knob.unit and text.endswith(knob.unit):
        text = text[: -len(knob.unit)]
    return text.replace(",", "").replace("\N{MINUS SIGN}", "-").strip()


def range_text(knob: Knob) -> str:
    """The range for a tooltip: "4 to 512 units, logarithmic"."""
    if knob.low is None or knob.high is None:
        return ""
    ends = [f"{end:,.6g}" for end in bounds(knob)]
    unit = f" {knob.unit}" if knob.unit else ""
    return f"{ends[0]} to {ends[1]}{unit}{', logarithmic' if knob.log else ''}"
