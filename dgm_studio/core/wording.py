"""The words of the captions that a model of pictures was told: their ids, and how a person's caption is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from dgm_studio.core.caption import EXAMPLE, HINT, STYLES, WORDS, following, read, words
from dgm_studio.core.errors import Refused
from dgm_studio.core.names import near

LENGTH = 8
"""Words of a caption at most."""

NONE = 0
"""The id where a caption has no word; so many of them are no caption."""

SHOWN = 12
"""Known words that a refusal lists."""


@dataclass(frozen=True)
class Wording:
    """Words by id 1 .. V, in order. Captions of glyphs have their grammar's words and are read by it; others (classes'
    names) are any of the words."""

    words: tuple[str, ...]

    @staticmethod
    def of(captions: Iterable[str]) -> Wording:
        """The words of these captions; the whole grammar where they are glyphs'."""
        found = dict.fromkeys(word for text in dict.fromkeys(captions) for word in words(text))
        glyphs = found.keys() <= set(WORDS) and not found.keys().isdisjoint(STYLES)
        return Wording(WORDS if glyphs else tuple(sorted(found)))

    @property
    def glyphs(self) -> bool:
        """Whether captions are of the glyphs' grammar."""
        return self.words == WORDS

    @property
    def hint(self) -> str:
        """How a caption is written."""
        return HINT if self.glyphs else f"Up to {LENGTH} of the {len(self.words)} words that the model was told."

    @property
    def example(self) -> str:
        """One to begin with."""
        return EXAMPLE if self.glyphs else next(iter(self.words), "")

    def read(self, text: str) -> str:
        """The caption that a person means, "" for none; Refused where it holds a word that is not known."""
        if not words(text):
            return ""
        if self.glyphs:
            return read(text).text
        return " ".join(self.words[one - 1] for one in self.ids(text) if one != NONE)

    def ids(self, text: str) -> tuple[int, ...]:
        """The ids of a caption's words (LENGTH,), NONE after the last; Refused where it has other or more words."""
        found = [self._id(word) for word in words(text)]
        if len(found) > LENGTH:
            raise Refused(f"The caption has {len(found)} words; write at most {LENGTH}.")
        return (*found, *(NONE,) * (LENGTH - len(found)))

    def text(self, ids: Iterable[int]) -> str:
        """The reverse of `ids`."""
        said = " ".join(self.words[one - 1] for one in ids if one != NONE)
        return read(said).text if self.glyphs and said else said

    def following(self, text: str) -> tuple[str, ...]:
        """Words that could stand next, or in place of the one that is begun."""
        if self.glyphs:
            return following(text)
        *_, begun = words(text) if text and not text[-1].isspace() else ("",)
        return tuple(word for word in self.words if word.lower().startswith(begun.lower()))

    @cached_property
    def _index(self) -> dict[str, int]:
        folded = {word.lower(): at for at, word in reversed(list(enumerate(self.words, start=1)))}
        return {**folded, **{word: at for at, word in enumerate(self.words, start=1)}}

    def _id(self, word: str) -> int:
        found = self._index.get(word, self._index.get(word.lower()) if len(word) > 1 else None)
        if found is None:
            close = near(word, self.words) or self.words[:SHOWN]
            more = ", …" if close == self.words[:SHOWN] and len(self.words) > SHOWN else ""
            raise Refused(f"'{word}' is no word that the model was told. Known are {', '.join(close)}{more}.")
        return found
