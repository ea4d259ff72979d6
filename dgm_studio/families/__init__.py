"""Families: ONE FILE, ONE GENERATIVE FAMILY.

Lives here: a family's card, its three knob sets, its presets, its loss and its sampler. May not live here:
threads, files, drawing, another family's code. To add one: a file with `FAMILY = MyFamily` (a subclass of
families.family.Family). The menu entry, the forms, the command-line flags, the row in the README and every
contract test follow from the declaration.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from dgm_studio.core.discovery import discover
from dgm_studio.core.names import pick
from dgm_studio.families.family import Family

if TYPE_CHECKING:
    from dgm_studio.core.dataspec import DataSpec


@cache
def families() -> dict[str, type[Family]]:
    """Every family of points by id."""
    return discover(sys.modules[__name__], "FAMILY")


@cache
def all_families() -> dict[str, type[Family]]:
    """Every family by id: of points, of text (families.text), and of pictures (families.pictures) where no family of
    points has the same id."""
    from dgm_studio.families.pictures import picture_families  # they import this package
    from dgm_studio.families.text import text_families

    return {**picture_families(), **families(), **text_families()}


def family_for(name: str, data: DataSpec) -> type[Family]:
    """The family of that id for those data: one id may stand for a family of points and for the same of pictures.
    Refused where there is none."""
    from dgm_studio.data.pictures import are_pictures
    from dgm_studio.families.pictures import picture_families

    known = {**all_families(), **picture_families()} if are_pictures(data) else all_families()
    return pick(known, name, "family")
