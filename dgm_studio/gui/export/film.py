"""A film of what is seen, as an MP4, a GIF or a folder of PNG frames, one frame at a time, so that the window stays
alive."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from dgm_studio.core.errors import Refused
from dgm_studio.export.gif import write_gif
from dgm_studio.export.mp4 import write_mp4
from dgm_studio.export.png import write_png_folder
from dgm_studio.export.progress import Progress
from dgm_studio.gui.export.still import picture_of


def export_film(
    part: QWidget,
    path: str | os.PathLike[str],
    total: int,
    show: Callable[[int], None],
    *,
    frames_per_second: float = 20.0,
    scale: float = 1.0,
) -> Generator[Progress, None, Path]:
    """Write frames 0 to total - 1 of what is seen of `part`: .mp4, .gif, or without an ending a folder of PNG frames.

    `show(index)` brings the panel to that frame (layers, card and all). Each `next()` makes one frame;
    closing the generator leaves no file. The panel goes back to its own frame itself. For .npz see
    export.npz.write_npz.
    """
    ending = Path(path).suffix.lower()
    pictures = _pictures(part, total, show, scale)
    if ending == ".mp4":
        return (yield from write_mp4(path, pictures, total, frames_per_second))
    if ending == ".gif":
        return (yield from write_gif(path, pictures, total, frames_per_second))
    if ending == "":
        return (yield from write_png_folder(path, pictures, total))
    raise Refused(
        f"A film of what is seen cannot be written as '{ending}'; use .mp4, .gif, or a folder's name for PNG frames."
    )


def _pictures(part: QWidget, total: int, show: Callable[[int], None], scale: float) -> Iterator[Image.Image]:
    for index in range(total):
        show(index)
        yield as_pillow(picture_of(part, scale))


def as_pillow(image: QImage) -> Image.Image:
    """A Qt image as an RGB Pillow image, transparent corners on black."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32).convertToFormat(QImage.Format.Format_RGBX8888)
    pixels = np.frombuffer(plain.constBits(), dtype=np.uint8).reshape(plain.height(), plain.width(), 4)
    return Image.fromarray(pixels[..., :3].copy())
