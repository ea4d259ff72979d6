"""Families of pictures: ONE FILE, ONE GENERATIVE FAMILY over grey or RGB pictures. Same form as the families of points
beside it, and of the same id where it is the same family with another network (vae, vqvae, gan, diffusion)."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from dgm_studio.core.discovery import discover

if TYPE_CHECKING:
    from dgm_studio.families.pictures.picture_family import PictureFamily


@cache
def picture_families() -> dict[str, type[PictureFamily]]:
    """Every family of pictures by id."""
    return discover(sys.modules[__name__], "FAMILY")
