"""A person's own pictures: one file, or a folder of them, resized and centre-cropped to a small square."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.dataspec import PictureSet
from dgm_studio.core.errors import Refused
from dgm_studio.core.table import FONTS
from dgm_studio.data.pictures.fonts import read_fonts

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
LARGEST = 50_000_000
"""Pixels of the largest picture that is opened."""
MOST = 20_000_000
"""Bytes of all pictures together: 25,000 grey ones of 28 x 28."""
SIZES = (4, 256)
NAMED = 3
"""Files left out that are named; of more their number is told."""

_DEEP = {"I": "16 or 32 bits", "I;16": "16 bits", "I;16B": "16 bits", "I;16L": "16 bits", "F": "32-bit numbers"}


class Unfit(Exception):
    """Why one file is left out: what follows its name."""


@dataclass(frozen=True)
class _Read:
    label: int
    pixels: Array


def read_picture(path: str | Path, size: int, channels: int = 0) -> Array:
    """One picture (c, size, size) as bytes, grey (1), RGB (3) or as the file is (0); Refused with the reason."""
    _check(size, channels)
    file = Path(path).expanduser()
    try:
        return _in_channels(_square(file, size), channels)
    except Unfit as unfit:
        raise Refused(f"'{file.name}' {unfit}. Choose another picture.") from unfit


def read_pictures(path: str | Path, size: int = 28, channels: int = 0) -> PictureSet:
    """The pictures of a folder, of one file, or drawn with a font's file or a folder of fonts; Refused with the
    reason."""
    place = Path(path).expanduser()
    if not place.exists():
        raise Refused(f"There is no file or folder '{place}'. Check its name.")
    if place.suffix.lower() in FONTS and place.is_file():
        return read_fonts((place,), size)
    if place.is_dir():
        return read_folder(place, size, channels)
    pixels = read_picture(place, size, channels)[None]
    return PictureSet(pixels, np.zeros(1, dtype=np.int64), (), place.name, str(place))


def read_folder(folder: Path, size: int, channels: int = 0) -> PictureSet:
    """All pictures of a folder in the order of their names; where it holds none but its folders do, these are the
    classes. What cannot be used is left out and named in `source`; without channels given they are RGB if one is."""
    _check(size, channels)
    try:
        groups = _groups(folder)
        fonts = sorted(one for one in folder.iterdir() if one.suffix.lower() in FONTS)
    except OSError as error:
        raise Refused(f"'{folder.name}' cannot be read: {error.strerror or error}. Check the folder.") from error
    if not groups and fonts:
        return read_fonts(fonts, size)
    if not groups:
        known = ", ".join(suffix[1:].upper() for suffix in SUFFIXES[:6])
        raise Refused(f"'{folder.name}' holds no pictures ({known}). Choose another folder.")
    names = tuple(groups) if tuple(groups) != ("",) else ()
    files = [(label, file) for label, own in enumerate(groups.values()) for file in own]
    most = MOST // (size * size * (channels or 3))
    chosen = [files[k * len(files) // most] for k in range(most)] if len(files) > most else files
    left: list[str] = []
    found = list(_readable(chosen, size, left))
    if not found:
        raise Refused(f"None of the {len(files):,} pictures of '{folder.name}' can be used: {_told(left)}.")
    if len(found) == 1:
        left_out = f" ({_told(left)})" if left else ""
        raise Refused(
            f"'{folder.name}' holds one picture{left_out}; a model learns from at least 2. Add more pictures."
        )
    grey = channels == 1 or (channels == 0 and all(_is_grey(one.pixels) for one in found))
    pixels = np.stack([_in_channels(one.pixels, 1 if grey else 3) for one in found])
    source = f"{folder}: {len(found):,} pictures"
    if len(files) > most:
        source += f" of {len(files):,}, evenly chosen"
    if left:
        source += f"; {len(left):,} left out: {_told(left)}"
    labels = np.array([one.label for one in found], dtype=np.int64)
    return PictureSet(pixels, labels, names, folder.name, source)


def _check(size: int, channels: int) -> None:
    if not SIZES[0] <= size <= SIZES[1] or channels not in (0, 1, 3):
        raise Refused(
            f"Pictures of {size} pixels and {channels} channels cannot be read; choose 28 or 32, grey or RGB."
        )


def _groups(folder: Path) -> dict[str, list[Path]]:
    """Files by the class's name, "" where the folder itself holds them."""
    own = _files(folder)
    if own:
        return {"": own}
    inner = {one.name: _files(one) for one in sorted(folder.iterdir()) if one.is_dir() and not one.name.startswith(".")}
    return {name: files for name, files in inner.items() if files}


def _files(folder: Path) -> list[Path]:
    seen = (one for one in folder.iterdir() if one.suffix.lower() in SUFFIXES and not one.name.startswith("."))
    return sorted(one for one in seen if one.is_file())


def _readable(files: list[tuple[int, Path]], size: int, left: list[str]) -> Iterator[_Read]:
    for label, file in files:
        try:
            yield _Read(label, _square(file, size))
        except Unfit as unfit:
            left.append(f"{file.name} {unfit}")


def _told(left: list[str]) -> str:
    more = len(left) - NAMED
    return "; ".join(left[:NAMED]) + (f"; and {more:,} more" if more > 0 else "")


def _square(file: Path, size: int) -> Array:
    """RGB bytes (3, size, size) of the middle of the picture; Unfit with the reason."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as opened:
                _refuse_unfit(opened)
                opened.draft("RGB", (4 * size, 4 * size))  # a JPEG is read at about the size that is needed
                upright = ImageOps.exif_transpose(opened)
                ground = Image.new("RGBA", upright.size, "white")
                flat = Image.alpha_composite(ground, upright.convert("RGBA")).convert("RGB")
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Unfit(f"has more than {LARGEST:,} pixels") from error
    except FileNotFoundError as error:
        raise Unfit("is not there") from error
    except UnidentifiedImageError as error:
        raise Unfit("is damaged, or no picture") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise Unfit(f"cannot be read ({str(error).rstrip('.')})") from error
    side = min(flat.size)
    left, top = ((length - side) // 2 for length in flat.size)
    # Cropped first: a filter that reached beyond the crop would mix in what is cut off.
    fitted = flat.crop((left, top, left + side, top + side)).resize((size, size), Image.Resampling.LANCZOS)
    return np.ascontiguousarray(np.asarray(fitted, dtype=np.uint8).transpose(2, 0, 1))


def _refuse_unfit(opened: Image) -> None:
    if opened.width * opened.height > LARGEST:
        raise Unfit(f"has {opened.width:,} × {opened.height:,} pixels, more than {LARGEST:,}")
    if getattr(opened, "n_frames", 1) > 1:
        raise Unfit(f"is animated or has several pages ({opened.n_frames})")  # type: ignore[attr-defined]
    if opened.mode in _DEEP:
        raise Unfit(f"has {_DEEP[opened.mode]} a channel, not 8")
    if opened.mode == "CMYK":
        raise Unfit("is in CMYK, the colours of a printer, not in RGB")


def _is_grey(pixels: Array) -> bool:
    return bool((pixels[0] == pixels[1]).all() and (pixels[1] == pixels[2]).all())


def _in_channels(pixels: Array, channels: int) -> Array:
    """RGB (3, h, w) as grey or RGB; 0 is grey where there is no colour. Grey is Rec. 601's luma."""
    if channels == 3 or (channels == 0 and not _is_grey(pixels)):
        return pixels
    weights = np.array([0.299, 0.587, 0.114])
    return np.rint(np.tensordot(weights, pixels.astype(float), axes=1)).astype(np.uint8)[None]
