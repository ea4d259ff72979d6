"""A concordance: where each run of words stands in a text, so that what a model wrote can be looked up in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.slow import finish
from dgm_studio.data.text.pieces import BLANK, NEWLINE, WORD, chunks, pieces, spans

_RUN = 3
"""Places are sorted by the three pieces that begin there; longer runs are followed from there one by one."""

_BLOCK = 1 << 18
_BITS = 16
_NOTHING = (1 << _BITS) - 1
"""The number of what is found nowhere: masks, and words that are not among the text's 65,535 most frequent."""


@dataclass(frozen=True)
class Found:
    """Pieces start .. stop of what was asked stand in the text from its piece `place` on; empty where none does."""

    start: int
    stop: int
    place: int

    @property
    def length(self) -> int:
        """How many pieces, words and punctuation."""
        return self.stop - self.start


@dataclass(frozen=True)
class Passage:
    """A line of the text: before the run that was found in it, the run itself, and after it."""

    before: str
    run: str
    after: str


@dataclass(frozen=True, eq=False)
class Concordance:
    """Every place of a text of N pieces, sorted by what begins there. In words, for models of characters too.

    `index` numbers the words; `numbers` (N + 3,) uint16 is the text, ended by nothing; `places` (N,) int32 are sorted
    and `codes` (N,) int64 are the three pieces at each as one number. `lines` are the lines with words, as written, and
    `begins` (lines,) their first pieces.
    """

    index: dict[str, int]
    numbers: Array
    places: Array
    codes: Array
    lines: tuple[str, ...]
    begins: Array

    @staticmethod
    def of(text: str) -> Concordance:
        """The concordance of the text; `indexing` is the same in steps."""
        return finish(indexing(text))

    def seen(self, parts: Sequence[str]) -> Array:
        """Of each two adjacent pieces (n - 1,), whether they stand so in the text."""
        low, high = self._spans(self._numbered(parts), 2)
        return np.asarray(low < high)[: max(len(parts) - 1, 0)]

    def longest(self, parts: Sequence[str]) -> Found:
        """The longest run of pieces that stands in the text as well; the first of equals."""
        asked = self._numbered(parts)
        stretches = {length: self._spans(asked, length) for length in range(_RUN, 0, -1)}
        best = Found(0, 0, 0)
        for start in range(len(parts)):
            for length, (low, high) in stretches.items():
                # A run of one or two pieces is whole when no three were found, so that it can be passed over.
                if low[start] < high[start] and (length == _RUN or length > best.length):
                    found = self._followed(asked, start, length, self.places[low[start] : high[start]])
                    best = max(best, found, key=lambda one: one.length)
                    break
        return best

    def passage(self, found: Found) -> Passage:
        """The line of the text that holds the middle of the run, as written; empty where nothing was found."""
        if not found.length:
            return Passage("", "", "")
        k = bisect_right(self.begins, found.place + found.length // 2) - 1
        line, begin = self.lines[k], int(self.begins[k])
        where = spans(line)
        run = where[max(found.place - begin, 0) : found.place + found.length - begin]
        # A line break belongs to no line: a run of nothing else is shown as the line it ends.
        start, end = (run[0][0], run[-1][1]) if run else (len(line), len(line))
        return Passage(line[:start], line[start:end], line[end:])

    def _numbered(self, parts: Sequence[str]) -> Array:
        """The pieces as numbers (n + 3,) int64, ended by nothing."""
        return np.array([*(self.index.get(part, _NOTHING) for part in parts), *[_NOTHING] * _RUN], dtype=np.int64)

    def _spans(self, asked: Array, length: int) -> tuple[Array, Array]:
        """Which stretch of `places` begins with the same `length` pieces as each place asked: (n,), (n,)."""
        runs = [asked[k : len(asked) - _RUN + k] for k in range(length)]
        rest = _BITS * (_RUN - length)
        code = _code(runs) << rest
        low = np.searchsorted(self.codes, code)
        high = np.searchsorted(self.codes, code + (1 << rest) - 1, "right")
        return low, np.where(np.logical_or.reduce([run == _NOTHING for run in runs]), low, high)

    def _followed(self, asked: Array, start: int, length: int, places: Array) -> Found:
        """The run that begins with `length` pieces at `start` and at all of `places`, followed to its end."""
        while asked[start + length] != _NOTHING:
            on = places[self.numbers.take(places + length, mode="clip") == asked[start + length]]
            if not len(on):
                break
            places, length = on, length + 1
        return Found(start, start + length, int(places[0]))


def indexing(text: str) -> Generator[None, None, Concordance]:
    """`Concordance.of` in steps of at most about 30 ms for five megabytes."""
    written = text.strip()
    met = _Numbers()
    cut: list[Array] = []
    for chunk in chunks(written):
        cut.append(np.array([met[part] for part in pieces(WORD, chunk)], dtype=np.int32))
        yield
    kept = np.argsort(-np.bincount(np.concatenate(cut)), kind="stable")[:_NOTHING]
    number = np.full(len(met), _NOTHING, dtype=np.uint16)
    number[kept] = np.arange(len(kept))
    if BLANK in met:
        number[met[BLANK]] = _NOTHING
    index = {word: int(number[k]) for word, k in met.items() if number[k] != _NOTHING}
    yield
    total = sum(map(len, cut))
    numbers = np.full(total + _RUN, _NOTHING, dtype=np.uint16)
    for start, ids in zip(accumulate(map(len, cut), initial=0), cut, strict=False):
        numbers[start : start + len(ids)] = number[ids]
    yield
    # Stable sorts by the last of the three, then the middle, then the first; of 16-bit numbers numpy's is a radix sort.
    places = np.arange(total, dtype=np.int32)
    for k in reversed(range(_RUN)):
        order = np.argsort(numbers[places + k], kind="stable")
        yield
        places = places[order]
        yield
    codes = np.empty(total, dtype=np.int64)
    for start in range(0, total, _BLOCK):
        here = slice(start, start + _BLOCK)
        codes[here] = _code([numbers[places[here] + k].astype(np.int64) for k in range(_RUN)])
        yield
    lines = tuple(line for line in written.split(NEWLINE) if line.strip())
    yield
    begins = np.concatenate([[0], 1 + np.flatnonzero(numbers[:total] == index.get(NEWLINE, _NOTHING))])
    return Concordance(index, frozen(numbers), frozen(places), frozen(codes), lines, frozen(begins))


class _Numbers(dict[str, int]):
    """Numbers words in the order in which they are met."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


def _code(runs: Sequence[Array]) -> Array:
    """Adjacent pieces as one number, the first in the highest bits."""
    code = runs[0]
    for run in runs[1:]:
        code = code << _BITS | run
    return code
