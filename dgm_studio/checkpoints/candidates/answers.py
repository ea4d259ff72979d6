"""The three answers an architecture can give, each in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dgm_studio.core.inspection import BROKEN, MATCH, NOT_MINE, NOTHING, Candidate, Conclusion


def inspected(
    id: str, title: str, score: float, reasons: tuple[str, ...], settings: tuple[Conclusion, ...] = ()
) -> Candidate:
    """It is mine, and there is everything to look at and nothing to run."""
    return Candidate(id, title, MATCH, score, reasons, NOTHING, 3, "", settings)


def not_mine(id: str, title: str, reason: str, score: float = 0.0) -> Candidate:
    """It is another's."""
    return Candidate(id, title, NOT_MINE, score, (reason,))


def broken(id: str, title: str, reason: str, score: float = 0.5) -> Candidate:
    """It is mine, but it does not fit."""
    return Candidate(id, title, BROKEN, score, (reason,))


def told(config: Mapping[str, Any], source: str, wanted: Mapping[str, str], depth: int = 0) -> Iterator[Conclusion]:
    """Of the settings in a file those that are wanted (key: title), wherever they stand, once each."""
    have: set[str] = set()
    ahead: list[tuple[Mapping[str, Any], int]] = [(config, depth)]
    while ahead:
        one, deep = ahead.pop(0)
        for key, value in one.items():
            if key in wanted and key not in have and isinstance(value, (bool, int, float, str)):
                have.add(key)
                yield Conclusion(key, wanted[key], value, source)
            elif isinstance(value, Mapping) and deep < 6:
                ahead.append((value, deep + 1))
