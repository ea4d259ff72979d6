"""Captions of glyphs, from a fixed grammar: "bold serif letter g, rotated"."""

from __future__ import annotations

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
STYLES = ("serif", "sans", "mono", "slab", "script")
WEIGHTS = ("light", "regular", "bold")
SLANTS = ("upright", "italic")
ROTATED = "rotated"


def caption(character: str, style: str, weight: str = "regular", slant: str = "upright", rotated: bool = False) -> str:
    """[light|bold] [italic] STYLE (letter|capital letter|digit) CHARACTER[, rotated]; what is usual is not said."""
    kind = "digit" if character.isdigit() else "capital letter" if character.isupper() else "letter"
    words = [weight] * (weight != "regular") + [slant] * (slant != "upright") + [style, kind, character]
    return " ".join(words) + (f", {ROTATED}" if rotated else "")


def words(text: str) -> tuple[str, ...]:
    """The words of a caption, in order."""
    return tuple(text.replace(",", " ").split())


WORDS = tuple(dict.fromkeys(("light", "bold", "italic", *STYLES, "capital", "letter", "digit", ROTATED, *CHARACTERS)))
"""Every word the grammar has."""
