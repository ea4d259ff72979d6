"""Captions of glyphs, from a fixed grammar: "bold serif letter g, rotated"; read, completed, refused."""

from __future__ import annotations

from typing import NamedTuple

from dgm_studio.core.errors import Refused
from dgm_studio.core.names import near

CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
STYLES = ("serif", "sans", "mono", "slab", "script")
WEIGHTS = ("light", "regular", "bold")
SLANTS = ("upright", "italic")
ROTATED = "rotated"
TURNS = ("straight", ROTATED)
KINDS = ("capital", "letter", "digit")
USUAL_STYLE = "sans"
"""What is drawn where a caption does not say."""

EXAMPLE = "bold serif letter g, rotated"
HINT = (
    "[light | bold] [italic] serif | sans | mono | slab | script, letter | capital letter | digit, the character, "
    f"[rotated]. What is not said is usual: regular, upright, {USUAL_STYLE}, straight."
)
"""The grammar in a line, for a person."""


class Glyph(NamedTuple):
    """What a caption says."""

    character: str
    style: str = USUAL_STYLE
    weight: str = "regular"
    slant: str = "upright"
    turn: str = "straight"

    @property
    def text(self) -> str:
        """The caption."""
        return caption(self.character, self.style, self.weight, self.slant, self.turn == ROTATED)


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

_SLOTS = {"weight": WEIGHTS, "slant": SLANTS, "style": STYLES, "turn": TURNS}
"""What is said once or not at all; the words that are usual may be said too, and are left out again."""
_USUAL = ("regular", "upright", "straight")
_ORDER = (*WEIGHTS, *SLANTS, *STYLES, *KINDS, *CHARACTERS, *TURNS)


def read(text: str) -> Glyph:
    """What a person wrote, its words in any order, completed by what is usual. Refused where a word is unknown, said
    twice, or contradicts another, and where there is no character."""
    said: dict[str, str] = {}
    for word in words(text):
        own, slot = _known(word)
        if slot in said and slot != "kind":
            again = f"'{own}' is said twice" if said[slot] == own else f"'{said[slot]}' and '{own}' exclude each other"
            raise Refused(f"In the caption {again}: keep one of them.")
        said[slot] = f"{said.get(slot, '')} {own}".strip() if slot == "kind" else own
    if "character" not in said:
        raise Refused(f"The caption names no character to draw: end it with one, as in '{EXAMPLE}'.")
    kind, character = said.pop("kind", ""), said.pop("character")
    if ("digit" in kind) != character.isdigit() and kind:
        is_a = "digit" if character.isdigit() else "letter"
        raise Refused(f"'{character}' is no {kind}: write '{is_a} {character}'.")
    return Glyph(character.upper() if "capital" in kind else character, **said)


def following(text: str) -> tuple[str, ...]:
    """Words that could stand next, or in place of the one that is begun, in the grammar's order; none where what
    stands there before is refused."""
    *before, begun = words(text) if text and not text[-1].isspace() else (*words(text), "")
    try:
        slots = [_known(word)[1] for word in before]
    except Refused:
        return ()
    if slots and slots[-1] == "kind":
        last = before[-1].lower()
        found = [one for one in CHARACTERS if one.isdigit() == (last == "digit")]
        found = ["letter", *found] if last == "capital" else found
    else:
        done = {*slots, "kind"} if "character" in slots else set(slots)
        found = [word for word in _ORDER if _known(word)[1] not in done and word not in _USUAL]
        if not begun:  # sixty-two of them, and a kind is said first
            found = [word for word in found if word not in CHARACTERS]
    return tuple(word for word in found if word.startswith(begun if len(word) == 1 else begun.lower()))


def _known(word: str) -> tuple[str, str]:
    """The grammar's own word and what it is about; Refused with what is known where it has none."""
    if len(word) == 1 and word in CHARACTERS:
        return word, "character"
    own = word.lower()
    if own in KINDS:
        return own, "kind"
    for slot, choices in _SLOTS.items():
        if own in choices:
            return own, slot
    said = (*WEIGHTS, *SLANTS, *STYLES, *KINDS, *TURNS)
    close = near(own, said)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    raise Refused(
        f"'{word}' is no word of the captions.{hint} Known are {', '.join(said)}, and the characters A to Z, a to z, "
        "0 to 9."
    )
