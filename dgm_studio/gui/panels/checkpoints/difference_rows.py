"""The lines of a comparison: every tensor of either side, what became of it, and by how much. Plain data, no Qt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from dgm_studio.core.inspection import Difference
from dgm_studio.gui.panels.checkpoints.tensor_rows import natural

CHANGED, EQUAL, SHAPE, FIRST, SECOND = "changed", "equal", "shape", "first", "second"
STATES = {
    CHANGED: ("Changed", "In both, with other numbers"),
    EQUAL: ("Equal", "In both, number by number the same"),
    SHAPE: ("Other shape", "In both, with other sizes: they cannot be compared"),
    FIRST: ("Only here", "Only in the file that is open"),
    SECOND: ("Only there", "Only in what it is compared with"),
}
"""What became of a tensor: a word, and what it means."""
NAME, STATE, CHANGE, NORM, LARGEST, COSINE, SIZES = range(7)
MOST_BARS = 12


class Line(NamedTuple):
    """One tensor; the figures of what could not be compared are NaN."""

    name: str
    state: str
    shape: tuple[int, ...]
    relative: float = math.nan
    norm: float = math.nan
    largest: float = math.nan
    cosine: float = math.nan
    other: tuple[int, ...] = ()


def lines_of(found: Difference) -> list[Line]:
    """Every tensor of either side."""
    lines = [
        Line(
            one.name, CHANGED if one.largest > 0 else EQUAL, one.shape, one.relative, one.norm, one.largest, one.cosine
        )
        for one in found.rows
    ]
    lines += [Line(name, SHAPE, here, other=there) for name, here, there in found.shapes]
    lines += [Line(name, FIRST, ()) for name in found.only_first]
    return lines + [Line(name, SECOND, ()) for name in found.only_second]


def ordered(lines: Sequence[Line], column: int, *, falling: bool) -> list[Line]:
    """By a column; what has no figure comes last either way."""
    if column == NAME:
        return sorted(lines, key=lambda one: natural(one.name), reverse=falling)
    if column == STATE:
        return sorted(lines, key=lambda one: list(STATES).index(one.state), reverse=falling)
    if column == SIZES:
        return sorted(lines, key=lambda one: (len(one.shape), one.shape), reverse=falling)
    known = [one for one in lines if not math.isnan(figure(one, column))]
    rest = [one for one in lines if math.isnan(figure(one, column))]
    return sorted(known, key=lambda one: figure(one, column), reverse=falling) + rest


def figure(line: Line, column: int) -> float:
    """The number of a column."""
    return {CHANGE: line.relative, NORM: line.norm, LARGEST: line.largest, COSINE: line.cosine}[column]


def by_prefix(lines: Sequence[Line]) -> list[tuple[str, float]]:
    """The norm of the change below each part of the model: the first part of the names after what all have in common,
    the largest first, MOST_BARS at most."""
    changed = [one for one in lines if not math.isnan(one.norm)]
    parts = [one.name.split(".") for one in changed]
    depth = 0
    while parts and all(len(part) > depth + 1 and part[depth] == parts[0][depth] for part in parts):
        depth += 1
    squares: dict[str, float] = {}
    for one, part in zip(changed, parts, strict=True):
        start = depth - 1 if 0 < depth < len(part) and part[depth].isdigit() else depth  # "3" says nothing alone
        stop = depth + 2 if len(part) > depth + 2 and part[depth + 1].isdigit() else depth + 1
        prefix = ".".join(part[start:stop]) or one.name
        squares[prefix] = squares.get(prefix, 0.0) + one.norm**2
    ranked = sorted(((name, math.sqrt(total)) for name, total in squares.items()), key=lambda one: -one[1])
    return [one for one in ranked if one[1] > 0][:MOST_BARS]
