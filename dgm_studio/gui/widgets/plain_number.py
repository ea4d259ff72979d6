"""A number in plain figures, without the letter e."""

from __future__ import annotations

import math

LEAST, MOST = 1e-4, 1e7
"""Sizes between which figures are written out."""
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def plain(value: float, figures: int = 3, *, noughts: bool = False) -> str:
    """ "0.0123", "12,400", "under 0.0001", "3.2 × 10¹⁵", "∞": so many figures, whole numbers in full; `noughts` at the
    end stay where all figures are known."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞" if value < 0 else "not a number"
    size = abs(value)
    if size < 1e-12:
        return "0"
    if size < LEAST:
        return f"under {LEAST:.4f}" if value > 0 else f"above -{LEAST:.4f}"
    power = math.floor(math.log10(size))
    if size >= MOST:
        return f"{_cut(f'{value / 10.0**power:.{figures - 1}f}', noughts)} × 10{str(power).translate(_RAISED)}"
    return _cut(f"{value:,.{max(0, figures - 1 - power)}f}", noughts)


def _cut(text: str, noughts: bool) -> str:
    return text if noughts or "." not in text else text.rstrip("0").rstrip(".")
