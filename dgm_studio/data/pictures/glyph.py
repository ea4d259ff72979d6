"""A character of a font as a small picture, white on black."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from dgm_studio.core.arrays import Array

if TYPE_CHECKING:
    from PIL import ImageFont

FINE = 8
"""Pixels drawn for each one that is kept, on a side."""

EM, BASELINE = 22 / 28, 20 / 28
"""The font's size and where letters stand, in heights of the picture: capitals and descenders both have room."""

TURN = (12.0, 30.0)
"""Degrees a rotated glyph is turned by, to either side."""


def fine_font(path: str, size: int) -> ImageFont.FreeTypeFont:
    """The font of a file for pictures of `size` pixels; OSError where it is none."""
    from PIL import ImageFont

    return ImageFont.truetype(path, round(EM * size * FINE), layout_engine=ImageFont.Layout.BASIC)


def glyph(font: ImageFont.FreeTypeFont, character: str, size: int, degrees: float = 0.0) -> Array:
    """The character (size, size) as bytes: its box in the middle from left to right, standing on the common baseline,
    turned by `degrees` to the left. All zero where the font draws nothing."""
    from PIL import Image, ImageDraw

    side = size * FINE
    left, _, right, _ = font.getbbox(character, anchor="ls")
    picture = Image.new("L", (side, side))
    place = ((side - left - right) / 2, BASELINE * side)
    ImageDraw.Draw(picture).text(place, character, fill=255, font=font, anchor="ls")
    if degrees:
        picture = picture.rotate(degrees, Image.Resampling.BICUBIC)
    return np.asarray(picture.resize((size, size), Image.Resampling.BOX), dtype=np.uint8)


def drawings(
    font: ImageFont.FreeTypeFont, character: str, size: int, draw: np.random.Generator
) -> Iterator[tuple[Array, bool]]:
    """The character upright, and turned by TURN degrees to a drawn side; each with whether it is turned."""
    for turned in (False, True):
        degrees = draw.uniform(*TURN) * draw.choice([-1.0, 1.0])  # of the upright one too: the set that ships did so
        yield glyph(font, character, size, degrees if turned else 0.0), turned


def has(font: ImageFont.FreeTypeFont, character: str) -> bool:
    """Whether the font draws the character itself, not its sign for what it lacks."""
    own, lacking = font.getmask(character), font.getmask("\U0010fffe")
    return own.getbbox() is not None and (own.size != lacking.size or bytes(own) != bytes(lacking))
