"""A word as data: points where its letters are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dgm_studio.core.arrays import Array
from dgm_studio.core.card import Card
from dgm_studio.core.errors import Refused
from dgm_studio.core.knobs import knob
from dgm_studio.data.dataset import Cloud, DataSet
from dgm_studio.data.silhouette import Silhouette

LONGEST = 24
_SIZE = 160


@dataclass(frozen=True)
class Text(DataSet):
    """Uniform on the ink of a word set in Pillow's own font, 6 units wide; the label is the letter."""

    card = Card(
        id="text",
        title="Text",
        summary="The letters of a word of your own: thin strokes, corners, holes.",
        formula="p(x) = ink(x)",
        facts=(("density", "closed form"),),
    )

    word: str = knob("DGM", "Word", "What is written; up to 24 letters.")

    def draw(self, n: int, rng: np.random.Generator) -> Cloud:
        """n independent points; letters are numbered from the left."""
        silhouette, letters = _written(self.word)
        points, pixels = silhouette.draw(n, rng)
        return Cloud(points, letters[pixels[:, 1]])

    def log_density(self, points: Array) -> Array:
        """log of the ink's share a unit of area, in nats at points (n, 2) -> (n,), -inf beside the letters."""
        return _written(self.word)[0].log_density(points)

    def box(self) -> tuple[tuple[float, float], ...]:
        """The rectangle around the ink."""
        return _written(self.word)[0].box()


@lru_cache(maxsize=16)
def _written(word: str) -> tuple[Silhouette, Array]:
    """The word's silhouette, and the letter (columns,) each of its columns belongs to."""
    word = word.strip()
    if not word or len(word) > LONGEST:
        raise Refused(f"The word has {len(word)} letters; write between 1 and {LONGEST}.")
    font = ImageFont.load_default(_SIZE)
    left, top, right, bottom = font.getbbox(word)
    sheet = Image.new("L", (round(right - left), round(bottom - top)), 255)
    ImageDraw.Draw(sheet).text((-left, -top), word, fill=0, font=font)
    silhouette = Silhouette.of(sheet)
    if silhouette is None:
        raise Refused(f"The font has no ink for '{word}'; write other letters.")
    ends = np.array([font.getlength(word[: k + 1]) - left for k in range(len(word))])
    columns = silhouette.ink.shape[1]
    middle = (np.arange(columns) + 0.5) * (right - left) / columns
    letters = np.searchsorted(ends[:-1], middle)
    # Gaps between words have columns but no ink: letters are numbered among those that have some.
    inked = silhouette.ink.sum(axis=0) > 0
    return silhouette, np.searchsorted(np.unique(letters[inked]), letters).astype(np.int64)


DATA = Text()
