"""Glyphs of a person's own fonts: the characters of .ttf and .otf files as pictures, labelled by character."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dgm_studio.core.caption import CHARACTERS
from dgm_studio.core.dataspec import PictureSet
from dgm_studio.core.errors import Refused
from dgm_studio.data.pictures.glyph import drawings, fine_font, has

SEED = 0


def read_fonts(paths: Iterable[str | Path], size: int = 28) -> PictureSet:
    """Every letter and digit that the fonts have, upright and turned as in the set that ships; Refused where a file is
    no font, or where none of them has a letter."""
    files = [Path(path).expanduser() for path in paths]
    draw = np.random.default_rng(SEED)
    pixels, letters, used = [], [], []
    for file in files:
        try:
            font = fine_font(str(file), size)
        except OSError as error:
            raise Refused(f"'{file.name}' cannot be read as a font ({error}). Choose a .ttf or .otf file.") from error
        own = [character for character in CHARACTERS if has(font, character)]
        used += [file.name] * bool(own)
        for character in own:
            for picture, _ in drawings(font, character, size, draw):
                pixels.append(picture)
                letters.append(character)
    if not pixels:
        named = ", ".join(f"'{file.name}'" for file in files[:3])
        raise Refused(f"{named} has none of the letters A to Z and the digits. Choose another font.")
    names = tuple(character for character in CHARACTERS if character in set(letters))
    labels = np.array([names.index(letter) for letter in letters], dtype=np.int64)
    title = used[0] if len(used) == 1 else f"{len(used)} fonts"
    order = draw.permutation(len(labels))
    source = (
        f"{', '.join(used[:3])}{' …' if len(used) > 3 else ''}: {len(pixels):,} pictures of {len(names)} characters"
    )
    return PictureSet(np.stack(pixels)[order][:, None], labels[order], names, title, source)
