"""A strip of small pictures as a file: side by side, or as a moving picture."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.export.gif import write_gif
from dgm_studio.export.mp4 import write_mp4
from dgm_studio.export.pictures import enlarged, sheet
from dgm_studio.export.png import write_png
from dgm_studio.export.progress import Progress

ROW = 16
"""Most pictures of a row of a PNG strip; a longer one goes on below."""

MOVING, STILL = 280, 4
"""Pixels of a moving picture's side, at least; how often a pixel of a strip is enlarged."""

LOOKED = 16
"""Frames whose colours a moving RGB picture's palette is made of."""

ENDINGS = (".png", ".gif", ".mp4")


def write_strip(
    path: str | os.PathLike[str], pictures: Array, *, frames_per_second: float = 20.0
) -> Generator[Progress, None, Path]:
    """Write pictures (n, c, h, w) of bytes by the name's ending: .png side by side, .gif (looping) and .mp4 one after
    the other, exactly n frames. Each `next()` makes one frame; closing the generator leaves no file."""
    ending, total = Path(path).suffix.lower(), len(pictures)
    if ending not in ENDINGS:
        raise Refused(f"A strip of pictures cannot be written as '{ending}'; use {', '.join(ENDINGS)}.")
    if total == 0:
        raise Refused("The strip has no pictures to write. Make it first.")
    if ending == ".png":
        written = write_png(path, sheet(pictures, ROW, STILL))
        yield Progress(total, total)
        return written
    frames = _frames(pictures)
    if ending == ".mp4":
        return (yield from write_mp4(path, frames, total, frames_per_second))
    return (yield from write_gif(path, frames, total, frames_per_second, palette=_palette(pictures)))


def _frames(pictures: Array) -> Iterator[Image.Image]:
    scale = -(-MOVING // max(pictures.shape[2:]))
    return (enlarged(picture, scale) for picture in pictures)


def _palette(pictures: Array) -> Image.Image:
    """256 colours: all greys, or those of frames from the whole strip."""
    if pictures.shape[1] == 1:
        greys = Image.new("P", (1, 1))
        greys.putpalette([level for level in range(256) for _ in range(3)])
        return greys
    some = pictures[np.unique(np.linspace(0, len(pictures) - 1, LOOKED).round().astype(int))]
    return sheet(some, LOOKED, 1, 0).quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
