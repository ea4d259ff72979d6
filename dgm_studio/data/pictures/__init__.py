"""Sets of pictures. Lives here: what ships (`PICTURES = MyCorpus()` in a file is found by walking the room), a person's
own folder and fonts. May not live here: torch, drawing. Where what ships comes from is in resources/pictures/."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from dgm_studio.core.discovery import discover

if TYPE_CHECKING:
    from dgm_studio.core.dataspec import DataSpec
    from dgm_studio.data.pictures.corpus import PictureCorpus


@cache
def picture_sets() -> dict[str, PictureCorpus]:
    """Every set of pictures by id; `here()` says whether this machine has it."""
    return discover(sys.modules[__name__], "PICTURES")


def are_pictures(spec: DataSpec) -> bool:
    """Whether these data are pictures: a set's name, or a person's own by content."""
    if spec.pictures is not None:
        return True
    return spec.points is None and spec.text is None and spec.name in picture_sets()
