"""Families of text: ONE FILE, ONE GENERATIVE FAMILY over tokens. Same form as the families of points beside it; what
they learn from are windows of tokens, and what they draw is a token film (solvers.unmasking)."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from dgm_studio.core.discovery import discover

if TYPE_CHECKING:
    from dgm_studio.families.text.text_family import TextFamily


@cache
def text_families() -> dict[str, type[TextFamily]]:
    """Every family of text by id."""
    return discover(sys.modules[__name__], "FAMILY")
