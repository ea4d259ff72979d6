"""Handwritten digits, where scikit-learn is installed: they are in its package, which is not imported for them."""

from __future__ import annotations

import gzip
from collections.abc import Generator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.data.pictures.corpus import PictureCorpus, Pictures, few

NAMES = tuple("0123456789")
SMALL, SIDE, MARGIN = 8, 28, 2
LEVELS = 16
"""The grey of full ink."""
HELD_OUT = 8
"""Every eighth is held out."""
ROWS = 100
"""Pictures of a step."""


class DigitPictures(PictureCorpus):
    """1,797 digits of 8 × 8, scaled up to 24 × 24 in a black margin, so that every family of pictures can take them."""

    card = Card(
        id="digits",
        title="Handwritten digits",
        summary="1,797 digits by 43 hands, scaled up from 8 × 8 to 28 × 28; they come with scikit-learn.",
        lecture="3",
        paper="Alpaydin and Kaynak, 1998",
        facts=(("pictures", 1_573), ("held out", 224), ("licence", "CC BY 4.0, UCI repository")),
    )

    def __init__(self) -> None:
        self._read: Pictures | None = None

    def here(self) -> bool:
        """Whether scikit-learn's file is on this machine."""
        return _file() is not None

    def loading(self) -> Generator[None, None, Pictures]:
        """Read and scaled up a hundred at a time; kept."""
        if self._read is None:
            pixels, labels = [], []
            with gzip.open(self._found(), "rt") as file:
                while rows := [line.split(",") for line in islice(file, ROWS)]:
                    own = np.array(rows, dtype=float)
                    pixels.append(_scaled(own[:, :-1]))
                    labels.append(own[:, -1])
                    yield
            all_pixels, all_labels = np.concatenate(pixels), np.concatenate(labels)
            held = np.arange(len(all_labels)) % HELD_OUT == HELD_OUT - 1
            self._read = Pictures(all_pixels[~held], all_labels[~held], all_pixels[held], all_labels[held], NAMES)
        return self._read

    def peek(self, count: int) -> Pictures:
        """The first rows alone, without those that are held out."""
        with gzip.open(self._found(), "rt") as file:
            rows = [line.split(",") for line in islice(file, 2 * count)]
        learnt = np.array([row for k, row in enumerate(rows) if k % HELD_OUT != HELD_OUT - 1][:count], dtype=float)
        return few(_scaled(learnt[:, :-1]), learnt[:, -1], NAMES)

    def _found(self) -> Path:
        if (file := _file()) is None:
            raise Refused(f"'{self.card.id}' need scikit-learn, which is not installed. Choose other pictures.")
        return file


def _file() -> Path | None:
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        return None
    file = Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
    return file if file.is_file() else None


def _scaled(levels: Array) -> Array:
    """Levels (n, 64) of 0 .. 16 as bytes (n, 1, 28, 28)."""
    from PIL import Image

    out = np.zeros((len(levels), 1, SIDE, SIDE), dtype=np.uint8)
    inner = SIDE - 2 * MARGIN
    for row, own in zip(levels, out, strict=True):
        small = Image.fromarray(np.uint8(np.rint(row.reshape(SMALL, SMALL) * 255 / LEVELS)))
        own[0, MARGIN:-MARGIN, MARGIN:-MARGIN] = np.asarray(small.resize((inner, inner), Image.Resampling.BICUBIC))
    return out


PICTURES = DigitPictures()
