"""Families: ONE FILE, ONE GENERATIVE FAMILY.

Lives here: a family's card, its three knob sets, its presets, its loss and its sampler. May not live here:
threads, files, drawing, another family's code. To add one: a file with `FAMILY = MyFamily` (a subclass of
families.family.Family). The menu entry, the forms, the command-line flags, the row in the README and every
contract test follow from the declaration.
"""

from __future__ import annotations

import sys
from functools import cache

from dgm_studio.core.discovery import discover
from dgm_studio.families.family import Family


@cache
def families() -> dict[str, type[Family]]:
    """Every family of points by id."""
    return discover(sys.modules[__name__], "FAMILY")


@cache
def all_families() -> dict[str, type[Family]]:
    """Every family by id: of points, and of text (families.text)."""
    from dgm_studio.families.text import text_families  # it imports this package

    return {**families(), **text_families()}
