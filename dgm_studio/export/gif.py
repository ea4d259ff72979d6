"""Pictures to an animated GIF, one frame at a time, so that writing can show its progress and be
cancelled."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from itertools import chain, islice
from pathlib import Path

from PIL import GifImagePlugin, Image

from dgm_studio.core.atomic import writing
from dgm_studio.core.errors import Refused
from dgm_studio.export.progress import Progress

LOOK_AHEAD = 3
"""Frames the common palette is made from: the first ones; the stage's colours do not change within a film."""


def write_gif(
    path: str | os.PathLike[str],
    pictures: Iterable[Image.Image],
    total: int,
    frames_per_second: float = 20.0,
    *,
    palette: Image.Image | None = None,
) -> Generator[Progress, None, Path]:
    """Write `total` grey or RGB pictures of one size as a looping GIF with one common palette of 256 colours: that of
    the picture `palette`, else of the first frames.

    Yields after each frame. The file appears under its name only when it is whole; closing the generator
    leaves nothing. A GIF counts time in hundredths of a second, so 1 / `frames_per_second` is rounded to
    that.
    """
    source = iter(pictures)
    first = list(islice(source, LOOK_AHEAD))
    if not first:
        raise Refused("The film has no frames to write as a GIF; sample first.")
    colours = _common_palette(first) if palette is None else palette
    pause = max(20, round(100 / frames_per_second) * 10)
    with writing(path) as file:
        for done, picture in enumerate(chain(first, source), start=1):
            mapped = picture.quantize(palette=colours, dither=Image.Dither.NONE)
            if done == 1:
                # Only the first frame's header carries the palette; the others share it.
                header, _ = GifImagePlugin.getheader(mapped, info={"loop": 0, "optimize": False})
                file.write(b"".join(header))
            file.write(b"".join(GifImagePlugin.getdata(mapped, duration=pause)))
            yield Progress(done, total)
        file.write(b";")
    return Path(path)


def _common_palette(pictures: list[Image.Image]) -> Image.Image:
    width, height = pictures[0].size
    sheet = Image.new("RGB", (width, height * len(pictures)))
    for row, picture in enumerate(pictures):
        sheet.paste(picture, (0, row * height))
    return sheet.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
