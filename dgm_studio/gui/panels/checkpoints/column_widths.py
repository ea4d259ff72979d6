"""How wide a table's columns are: as wide as their words, whole ones only, and the rest of the room is the name's."""

from __future__ import annotations

from collections.abc import Sequence


def fitted(room: int, name: int, least: int, columns: Sequence[int], needed: int, yields: int) -> tuple[int, ...]:
    """Widths of the name's column and of those after it (pixels, as they stand from left to right).

    `name` is what the longest name takes, `least` what it may shrink to; the first `needed` of `columns` are to be seen
    without scrolling where they fit. `yields` is what the first of them (the shapes) may shrink to where they do not.
    The last column that is seen ends where the room does: none is seen by half.
    """
    wanted = list(columns)
    least = min(least, name)
    if least + sum(wanted[:needed]) > room:
        wanted[0] = max(min(yields, wanted[0]), room - least - sum(wanted[1:needed]))
    seen = len(wanted)
    while seen > 0 and (name if seen > needed else least) + sum(wanted[:seen]) > room:
        seen -= 1
    # What is left over completes the shapes before it widens the name.
    wanted[0] += max(0, min(columns[0] - wanted[0], room - least - sum(wanted[:seen]))) if seen else 0
    return max(least, room - sum(wanted[:seen])), *wanted
