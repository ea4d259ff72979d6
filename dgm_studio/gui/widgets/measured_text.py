"""Measured numbers as text: value with its interval, its floor, in nats or bits, and as lines for a spreadsheet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from dgm_studio.core.measured import NATS, Measured, side_missed
from dgm_studio.core.sketch import Reading
from dgm_studio.gui.widgets.plain_number import LEAST, plain

BITS = "bits"
SKEWED = 0.2
"""An interval whose middle is further than this share of its length from the value is written with both ends."""
NEGLIGIBLE = 5e-4
"""A doubt below this share of the value does not show in four figures."""


def factor(one: Measured | Reading, bits: bool) -> float:
    """What a number in this one's unit is multiplied by to be shown."""
    return 1 / math.log(2) if bits and one.unit == NATS else 1.0


def unit_text(one: Measured | Reading, bits: bool) -> str:
    """The unit as shown."""
    return BITS if bits and one.unit == NATS else one.unit


def value_text(one: Measured, bits: bool) -> str:
    """ "0.52 ± 0.03", "0.52 [0.50, 0.61]" where the interval is skewed, "∞"."""
    by = factor(one, bits)
    value, low, high = one.value * by, one.low * by, one.high * by
    if one.pending and math.isnan(value):
        return "…"
    if not math.isfinite(value):
        return plain(value)
    half = (high - low) / 2
    if not math.isfinite(half) or half <= max(NEGLIGIBLE * abs(value), 1e-9):
        return number_text(value)
    decimals = max(0, 1 - math.floor(math.log10(half)))
    if abs((high + low) / 2 - value) > SKEWED * (high - low):
        return f"{value:,.{decimals}f} [{low:,.{decimals}f}, {high:,.{decimals}f}]"
    return f"{value:,.{decimals}f} ± {half:,.{decimals}f}"


def number_text(value: float) -> str:
    """Four figures, all of them known: "2.000"."""
    return plain(value, 4, noughts=True)


def floor_text(one: Measured, bits: bool) -> str:
    """The floor, two figures; nothing where the method has none."""
    if one.floor is None:
        return ""
    floor = one.floor * factor(one, bits)
    # Its column is narrow, and it is compared with the value alone: below a ten-thousandth it is none.
    if 0 < abs(floor) < LEAST:
        return "0.0000"
    return f"{floor:.4f}" if abs(floor) < 10 * LEAST else plain(floor, 2)


def explained(one: Measured, title: str, bits: bool, exact: Measured | None = None) -> str:
    """All that is known of a number, for its tooltip; `exact` is the value it should meet."""
    by, unit = factor(one, bits), unit_text(one, bits)
    value = "…" if one.pending and math.isnan(one.value) else number_text(one.value * by)
    said = [f"{title}, {one.method}: {value}{' ' * bool(unit)}{unit}"]
    if one.high > one.low:
        kind = f"95 % interval, n = {one.n:,}" if one.n else "Error of the quadrature: the value lies in"
        said.append(f"{kind} [{one.low * by:.5g}, {one.high * by:.5g}]")
    if one.floor is not None:
        said.append(f"Noise floor {one.floor * by:.3g}: the same on two fresh samples of p")
    if one.within_noise:
        said.append("Grey: it says no more than noise would.")
    if exact is not None and side_missed(one, exact):
        chance = "Chance alone does that to one interval in twenty."
        said.append(f"The {exact.method} gives {number_text(exact.value * by)}, outside this interval. {chance}")
    if one.bias:
        said.append(f"Biased. {one.bias}")
    if one.pending:
        said.append("Its interval and floor are still to come.")
    if one.note:
        said.append(f"{one.note[:1].upper()}{one.note[1:]}.")
    return "\n".join(said)


def as_lines(found: Iterable[Measured], titles: Mapping[str, str], bits: bool) -> str:
    """A table with tabs between its columns, its first line their names; what is still to come is empty."""
    rows: list[tuple[str, ...]] = [("measure", "method", "value", "low", "high", "floor", "unit", "n", "bias")]
    for one in found:
        by = factor(one, bits)
        ends = (f"{one.low * by:.6g}", f"{one.high * by:.6g}") if one.bounded else ("", "")
        value = "" if one.pending and math.isnan(one.value) else f"{one.value * by:.6g}"
        floor = "" if one.floor is None else f"{one.floor * by:.6g}"
        rows.append((
            titles.get(one.measure, one.measure), one.method, value, *ends, floor,
            unit_text(one, bits), str(one.n or ""), one.bias,
        ))  # fmt: skip
    return "\n".join("\t".join(row) for row in rows) + "\n"
