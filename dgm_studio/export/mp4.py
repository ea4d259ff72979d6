"""Pictures to an MP4 film (H.264), one frame at a time, so that writing can show its progress and be cancelled."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
from PIL import Image

from dgm_studio.core.atomic import writing
from dgm_studio.core.errors import Refused
from dgm_studio.export.progress import Progress

CODECS = ("libx264", "mpeg4")
"""The first that this machine's library has; any player has both."""


def write_mp4(
    path: str | os.PathLike[str], pictures: Iterable[Image.Image], total: int, frames_per_second: float = 20.0
) -> Generator[Progress, None, Path]:
    """Write `total` pictures of one size as a film; an odd size gains a black row or column.

    Yields after each frame. The file appears under its name only when it is whole; closing the generator leaves
    nothing.
    """
    import av  # a film's library, half a second of imports: only who writes a film waits for it

    source = iter(pictures)
    first = next(source, None)
    if first is None:
        raise Refused("The film has no frames to write as an MP4; sample first.")
    codec = next((name for name in CODECS if name in av.codecs_available), "")
    if not codec:
        raise Refused(f"This machine's video library has none of {', '.join(CODECS)}. Write a .gif instead.")
    rate = Fraction(frames_per_second).limit_denominator(1000)
    with writing(path) as file, av.open(file, "w", format="mp4") as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)  # what both codecs are
        stream.width, stream.height = (size + size % 2 for size in first.size)  # 4:2:0 halves the colours' size
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": "14"} if codec == CODECS[0] else {"qscale": "2"}
        stream.codec_context.thread_count = 1  # the pictures are small, the cores are the model's
        for done, picture in enumerate(chain([first], source), start=1):
            even = Image.new("RGB", (stream.width, stream.height))
            even.paste(picture.convert("RGB"))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(even), format="rgb24")))
            yield Progress(done, total)
        container.mux(stream.encode())
    return Path(path)
