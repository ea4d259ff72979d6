"""A panel's sign: what the rail shows of it before anybody has gone in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sign:
    """`place` orders the rail; a panel itself is imported and built when it is wanted."""

    id: str
    title: str
    icon: str
    place: int
    tooltip: str
