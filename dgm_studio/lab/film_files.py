"""Films and samples as files for the command line: NPZ, GIF, MP4, PNG; never torch's business, never Qt."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.core.film import Film
from dgm_studio.export.film_picture import box_around, draw_points
from dgm_studio.export.gif import write_gif
from dgm_studio.export.line_picture import draw_line_points, line_box
from dgm_studio.export.mp4 import write_mp4
from dgm_studio.export.npz import write_npz
from dgm_studio.export.palette import DARK, Palette
from dgm_studio.export.png import write_png, write_png_folder
from dgm_studio.export.progress import Progress

STRIP = 6
"""Frames shown side by side when a film becomes one PNG."""


def write_film(
    film: Film,
    path: str | os.PathLike[str],
    *,
    data: Array | None = None,
    curve: Array | None = None,
    side: int = 480,
    palette: Palette = DARK,
) -> Generator[Progress, None, Path]:
    """Write a film by its name's ending: .npz the arrays, .gif or .mp4 the moving picture, .png a strip of
    six frames, none a folder of numbered PNG frames. `data` (m, d) is drawn under the samples, in the film's own
    units; over those of a line also a `curve` (k, 2), the known density."""
    ending = Path(path).suffix.lower()
    total = len(film.t)
    if ending == ".npz":
        written = write_npz(path, film)
        yield Progress(total, total)
        return written
    if ending not in (".gif", ".mp4", ".png", ""):
        raise Refused(f"A film cannot be written as '{ending}'; use .npz, .gif, .mp4, .png, or a folder's name.")
    if film.x.shape[-1] not in (1, 2):
        raise Refused(f"This film has {film.x.shape[-1]} dimensions and cannot be drawn; write it as .npz.")
    if ending == ".gif":
        return (yield from write_gif(path, _pictures(film, range(total), data, curve, side, palette), total))
    if ending == ".mp4":
        return (yield from write_mp4(path, _pictures(film, range(total), data, curve, side, palette), total))
    if ending == "":
        return (yield from write_png_folder(path, _pictures(film, range(total), data, curve, side, palette), total))
    shown = np.unique(np.linspace(0, total - 1, STRIP).round().astype(int))
    strip = Image.new("RGB", (side * len(shown), side))
    for column, picture in enumerate(_pictures(film, shown.tolist(), data, curve, side, palette)):
        strip.paste(picture, (column * side, 0))
        yield Progress(column + 1, len(shown))
    return write_png(path, strip)


def write_points_picture(
    points: Array,
    path: str | os.PathLike[str],
    *,
    data: Array | None = None,
    curve: Array | None = None,
    side: int = 960,
    palette: Palette = DARK,
) -> Path:
    """Points (n, d) of the plane or a line as one PNG, over `data` (m, d) where given; see write_film."""
    points = np.asarray(points)
    if points.ndim != 2 or points.shape[1] not in (1, 2):
        raise Refused(f"Points of shape {points.shape} cannot be drawn in the plane; write them as .npy or .csv.")
    if points.shape[1] == 1:
        around = line_box(points, *([] if data is None else [data]), curve=curve)
        return write_png(path, draw_line_points(points, around, data=data, curve=curve, side=side, palette=palette))
    box = box_around(points if data is None else data)
    return write_png(path, draw_points(points, box, data=data, side=side, palette=palette))


def _pictures(
    film: Film, frames: range | list[int], data: Array | None, curve: Array | None, side: int, palette: Palette
) -> Iterator[Image.Image]:
    # The box holds where the film starts and ends; a particle that strays between must not shrink everything.
    line = film.x.shape[-1] == 1
    held = film.x[0], film.x[-1] if data is None else data
    box = line_box(*held, curve=curve) if line else box_around(*held)
    for index in frames:
        caption = f"t = {film.t[index]:.2f}" + (f"   {film.labels[index]}" if film.labels[index] else "")
        if line:
            yield draw_line_points(
                film.x[index], box, data=data, curve=curve, caption=caption, side=side, palette=palette
            )
            continue
        yield draw_points(film.x[index], box, data=data, caption=caption, side=side, palette=palette)
