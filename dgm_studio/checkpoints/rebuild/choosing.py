"""The settings that a model is built with: what was concluded, and what the person chose instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dgm_studio.core.errors import Refused
from dgm_studio.core.inspection import Candidate, Conclusion
from dgm_studio.core.names import near

YOURS = "your choice"


def chosen(candidate: Candidate, choice: Mapping[str, str]) -> tuple[Conclusion, ...]:
    """The candidate's settings with `choice` (name: one of the options) in their place; Refused for a choice that is
    none of the options. A choice of a setting that this file does not have is left out: it was another file's."""
    return tuple(_of(one, choice[one.name]) if one.name in choice else one for one in candidate.settings)


def value_of(settings: tuple[Conclusion, ...], name: str, default: Any = None) -> Any:
    """The value under this name."""
    return next((one.value for one in settings if one.name == name), default)


def _of(one: Conclusion, wish: str) -> Conclusion:
    if wish == str(one.value):
        return one
    if one.options and wish not in one.options:
        close = near(wish, list(one.options)) or list(one.options)
        raise Refused(f"{one.title} cannot be '{wish}'. Choose {' or '.join(close)}.")
    return replace(one, value=_like(one.value, wish), source=YOURS)


def _like(value: Any, wish: str) -> Any:
    """The wish as the kind of value it replaces."""
    if isinstance(value, bool):
        return wish.lower() in ("true", "yes", "1")
    for kind in (int, float):
        if isinstance(value, kind):
            try:
                return kind(wish)
            except ValueError:
                return wish
    return wish
