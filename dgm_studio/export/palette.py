"""The colours of a picture drawn without Qt; a test holds them equal to the window's tokens."""

from __future__ import annotations

from typing import NamedTuple

RGB = tuple[int, int, int]


class Palette(NamedTuple):
    """Background, real data, what the model makes, the caption, and the known truth, as 8-bit RGB."""

    stage: RGB
    data: RGB
    sample: RGB
    dim: RGB
    exact: RGB


DARK = Palette((0x0B, 0x0E, 0x12), (0x8F, 0xA3, 0xB8), (0xFF, 0xB4, 0x54), (0xA3, 0xAF, 0xBD), (0x5B, 0xD6, 0xA8))
LIGHT = Palette((0xFB, 0xFC, 0xFD), (0x6B, 0x7C, 0x8F), (0xD9, 0x73, 0x0D), (0x4F, 0x5C, 0x6B), (0x11, 0x7A, 0x56))
