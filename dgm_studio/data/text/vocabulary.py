"""Vocabularies: the tokens a model of text knows, and the way between text and their ids."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.names import near
from dgm_studio.core.slow import finish
from dgm_studio.data.text.pieces import BLANK, CHAR, NEWLINE, WORD, chunks, glued, joined, pieces

LETTERS = 24
"""A token has at most as many UTF-8 bytes."""

UNKNOWN = -1
"""The id of a word of a corpus that is in no row of the vocabulary: never an input, a target or a draw (windows.py)."""

WORDS = 2048
"""How many words a vocabulary has, unless another size is chosen."""

_SHOWN = {NEWLINE: "↵", " ": "␣", "\t": "⇥"}


@dataclass(frozen=True)
class Vocabulary:
    """Tokens by id 0 .. V - 1, the most frequent first; `kind` is "word" or "char"."""

    kind: str
    tokens: tuple[str, ...]

    @staticmethod
    def of(kind: str, text: str, size: int = WORDS) -> Vocabulary:
        """The `size` most frequent tokens of `text`, or all there are; those of over 24 bytes are left out."""
        return finish(counting(kind, text, size))

    @staticmethod
    def from_bytes(kind: str, spelling: Array) -> Vocabulary:
        """The inverse of `to_bytes`: rows (V, 24) of UTF-8, empty rows at the end are no tokens."""
        rows = np.ascontiguousarray(spelling, dtype=np.uint8)
        try:
            tokens = [bytes(row).rstrip(b"\0").decode("utf-8") for row in rows]
        except UnicodeDecodeError as error:
            raise Refused(
                "The vocabulary in this checkpoint is not UTF-8: the file is damaged. Save it again."
            ) from error
        while tokens and not tokens[-1]:
            tokens.pop()
        if kind not in (WORD, CHAR) or not tokens or not all(tokens) or len(set(tokens)) < len(tokens):
            raise Refused("This checkpoint has no vocabulary, or tokens that are empty or double. Save it again.")
        return Vocabulary(kind, tuple(tokens))

    def __len__(self) -> int:
        """V, the number of tokens."""
        return len(self.tokens)

    def to_bytes(self, size: int) -> Array:
        """Each token as UTF-8 in a row (size, 24) uint8, padded with zeros; rows past the last token are empty."""
        if size < len(self):
            raise Refused(f"{len(self):,} tokens do not fit {size:,} rows. Raise the size of the vocabulary.")
        rows = np.zeros((size, LETTERS), dtype=np.uint8)
        for row, token in zip(rows, self.tokens, strict=False):
            encoded = token.encode()
            row[: len(encoded)] = list(encoded)
        return rows

    def encode(self, text: str) -> Array:
        """Ids (n,) int32 of the text's pieces; Refused for the first one that is not known, with the nearest."""
        ids = self.ids(pieces(self.kind, text))
        if (ids == UNKNOWN).any():
            raise self._stranger(pieces(self.kind, text)[int(np.argmax(ids == UNKNOWN))])
        return ids

    def gapped(self, prompt: str) -> Array:
        """Ids (n,) int32 of a prompt's pieces, UNKNOWN where it says `___`; Refused for a stranger, as `encode`."""
        parts = pieces(self.kind, prompt)
        ids = self.ids(parts)
        for part, known in zip(parts, (ids != UNKNOWN).tolist(), strict=True):
            if not known and part != BLANK:
                raise self._stranger(part)
        return ids

    def ids(self, parts: Iterable[str]) -> Array:
        """Ids (n,) int32 of pieces, UNKNOWN for those that are not known."""
        return np.fromiter(map(self._index.get, parts, repeat(UNKNOWN)), dtype=np.int32)

    def decode(self, ids: Array | Iterable[int]) -> str:
        """The ids as text, up to white space what was encoded; ids of no token (masked, unknown) are `___`."""
        return joined(self.kind, (self.tokens[k] if 0 <= k < len(self) else BLANK for k in map(int, ids)))

    @cached_property
    def glue(self) -> Array:
        """(V,) bool, whether no blank stands before the token: closing punctuation, line breaks, characters."""
        return frozen(np.array([glued(self.kind, token) for token in self.tokens], dtype=bool))

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The tokens as drawn in a cell: white space as a glyph."""
        return tuple(_SHOWN.get(token, token) for token in self.tokens)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {token: k for k, token in enumerate(self.tokens)}

    def _stranger(self, piece: str) -> Refused:
        """What is said of a word or character that no id stands for."""
        if piece == BLANK:
            return Refused(f"{BLANK} stands for a token to be filled in, here only text can be read. Write a word.")
        if self.kind == CHAR:
            plain = unicodedata.normalize("NFKD", piece)[0]
            hint = f"Write '{plain}'." if plain in self._index else "Write another."
            name = f"'{piece}' (U+{ord(piece):04X})"
            return Refused(f"The character {name} is not among the {len(self)} of this vocabulary. {hint}")
        words: dict[str, str] = {}
        for token in self.tokens:
            words.setdefault(token.lower(), token)
        close = [f"'{words[name]}'" for name in near(piece, words)]
        hint = f"Did you mean {' or '.join(close)}?" if close else "Write another."
        return Refused(f"'{piece}' is not among the {len(self):,} words of this vocabulary. {hint}")


def counting(kind: str, text: str, size: int = WORDS) -> Generator[None, None, Vocabulary]:
    """`Vocabulary.of` in steps of about 10 ms; equally frequent tokens stand in alphabetical order."""
    counts: Counter[str] = Counter()
    for chunk in chunks(text):
        counts.update(pieces(kind, chunk))
        yield
    del counts[BLANK]
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    tokens = [token for token, _ in ranked if len(token.encode()) <= LETTERS and "\0" not in token][:size]
    if not tokens:
        raise Refused("The text is empty: it has no words. Choose another.")
    return Vocabulary(kind, tuple(tokens))
