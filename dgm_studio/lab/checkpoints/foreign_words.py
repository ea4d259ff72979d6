"""The words of a language model that others trained, as the studio's vocabulary: those that can be drawn."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dgm_studio.checkpoints.rebuild.rebuilt import Masked
from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.data.text.pieces import BLANK, CHAR
from dgm_studio.data.text.vocabulary import UNKNOWN, Vocabulary

_GAPS = re.compile(f"({BLANK})")


def real_ids(masked: Masked) -> tuple[int, ...]:
    """The ids of the tokens that can be drawn, in the model's order: without the mask and the special ones."""
    hidden = {masked.mask, *masked.special}
    return tuple(k for k in range(len(masked.words)) if k not in hidden)


def words_of(masked: Masked) -> Vocabulary:
    """The tokens that can be drawn; where they are characters they are cut as the studio cuts them."""
    real = real_ids(masked)
    words = tuple(masked.words[k] for k in real)
    if all(len(word) == 1 for word in words) and len(set(words)) == len(words):
        return Vocabulary(CHAR, words)
    return ForeignWords(CHAR, words, masked, real)


@dataclass(frozen=True)
class ForeignWords(Vocabulary):
    """Tokens 0 .. V' - 1, `real` (V',) their ids in the model; text is cut and written by the model's own tokenizer."""

    masked: Masked
    real: tuple[int, ...]

    def gapped(self, prompt: str) -> Array:
        """Ids of the tokenizer's tokens, UNKNOWN where the prompt says `___`; Refused where it knows a part not."""
        found: list[int] = []
        for part in _GAPS.split(prompt):
            if part == BLANK:
                found.append(UNKNOWN)
            elif part.strip():
                # A blank before a gap belongs to the gap: the word that comes there brings its own.
                found += self.encode(part.rstrip()).tolist()
        return np.array(found, dtype=np.int32)

    def encode(self, text: str) -> Array:
        """Ids (n,) int32; Refused where the tokenizer has no token for a part."""
        native = self.masked.split(text)
        if any(k not in self._places for k in native):
            raise Refused(f"'{text.strip()[:60]}' has a part that is no token of this model. Write it otherwise.")
        return np.array([self._places[k] for k in native], dtype=np.int32)

    def decode(self, ids: Array | Iterable[int]) -> str:
        """As the model's tokenizer writes them; ids of no token are `___`."""
        parts, run = list[str](), list[int]()
        for k in (*map(int, ids), UNKNOWN):
            if 0 <= k < len(self):
                run.append(self.real[k])
                continue
            parts += [self.masked.join(run).strip(), BLANK] if run else [BLANK]
            run = []
        return " ".join(parts[:-1])

    @cached_property
    def glue(self) -> Array:
        """(V',) bool, whether no blank stands before the token."""
        own = self.masked.glue or (False,) * len(self.masked.words)
        return frozen(np.array([own[k] for k in self.real], dtype=bool))

    @cached_property
    def _places(self) -> dict[int, int]:
        return {number: k for k, number in enumerate(self.real)}
