"""Finding a thing by its id, and the near ones when there is none."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from dgm_studio.core.errors import Refused

T = TypeVar("T")


def near(name: str, known: Iterable[str]) -> list[str]:
    """The known ids that look most like `name`, best first, at most three."""
    return difflib.get_close_matches(name.lower(), list(known), n=3, cutoff=0.4)


def pick(known: Mapping[str, T], name: str, what: str) -> T:
    """`known[name]`, or Refused with the near ids: what is a noun such as 'family'."""
    if name in known:
        return known[name]
    close = near(name, known)
    hint = f"Did you mean {' or '.join(close)}?" if close else f"Known: {', '.join(sorted(known))}."
    raise Refused(f"There is no {what} named '{name}'. {hint}")
