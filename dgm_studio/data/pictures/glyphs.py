"""Glyphs: letters and digits of open-licence fonts, with captions of a fixed grammar."""

from __future__ import annotations

from typing import Any

from dgm_studio.core.arrays import Array
from dgm_studio.core.caption import CHARACTERS, SLANTS, WEIGHTS, caption
from dgm_studio.core.card import Card
from dgm_studio.data.pictures.stored import StoredPictures


class GlyphPictures(StoredPictures):
    """62 characters of 22 fonts in up to three weights, upright and italic, straight and rotated."""

    card = Card(
        id="glyphs",
        title="Glyphs",
        summary="Letters and digits of 22 fonts, 28 × 28, each with a caption: “bold serif letter g, rotated”.",
        lecture="9",
        facts=(("pictures", 10_456), ("held out", 1_200), ("licence", "drawn with open-licence fonts")),
    )

    def captions(self, head: dict[str, Any], labels: Array, traits: dict[str, Array]) -> tuple[str, ...]:
        """By the grammar of `caption`."""
        rows = zip(labels, traits["font"], traits["weight"], traits["slant"], traits["rotated"], strict=True)
        return tuple(
            caption(CHARACTERS[label], head["styles"][font], WEIGHTS[weight], SLANTS[slant], bool(rotated))
            for label, font, weight, slant, rotated in rows
        )

    def words(self, head: dict[str, Any], traits: dict[str, Array]) -> dict[str, tuple[str, ...]]:
        """Font, style, weight, slant, and whether it is turned."""
        return {
            "font": tuple(head["fonts"][one] for one in traits["font"]),
            "style": tuple(head["styles"][one] for one in traits["font"]),
            "weight": tuple(WEIGHTS[one] for one in traits["weight"]),
            "slant": tuple(SLANTS[one] for one in traits["slant"]),
            "rotated": tuple("rotated" if one else "straight" for one in traits["rotated"]),
        }


PICTURES = GlyphPictures()
