"""Windows of tokens, cut from a text: what a model of text learns from, and what it is judged by.

Words outside the vocabulary are kept as holes (UNKNOWN): every family reads one as its own pure noise (the mask, a
token drawn uniformly, the start token), and none counts a loss there, so that no model ever learns to print an
"unknown" token and the words around the holes stand where they stood. Of the King James Bible with 2,048 words, 94 % of
the tokens are known; dropping each line with a rare word instead keeps 22 % of the text, dropping such clauses 61 %
(and breaks what stood around them), and windows of 64 known tokens are 7 %.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.errors import Refused
from dgm_studio.core.slow import finish
from dgm_studio.data.text.pieces import CHAR, NEWLINE, chunks, pieces
from dgm_studio.data.text.vocabulary import UNKNOWN, Vocabulary

HELD_OUT = 0.05
"""The share of lines, the last ones, that nothing learns from."""

_BATCH = 2000
_LINE_START = re.compile(r"\n(?=\S)")
_BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Stream:
    """A text as ids (N,) int32, UNKNOWN where a word is rare; `lines` are the positions where lines begin, from 0."""

    ids: Array
    lines: Array

    @property
    def known(self) -> float:
        """The share of tokens inside the vocabulary."""
        return float((self.ids != UNKNOWN).mean()) if len(self.ids) else 0.0


@dataclass(frozen=True)
class Windows:
    """Windows (n, L) to learn from and windows (m, L) of the last lines, int32; holes are UNKNOWN.

    `known` is the share of the text's tokens inside the vocabulary.
    """

    points: Array
    held_out: Array
    known: float


def windows(text: str, vocabulary: Vocabulary, length: int) -> Windows:
    """All of the text in windows of `length` tokens that begin where lines begin; Refused where it is too short.

    A window begins at the first line start that is at least half a window after the previous one, else right after the
    previous one: every token is in one window at least, and in at most two but for the last. None crosses into the
    held-out lines.
    """
    return finish(cutting(text, vocabulary, length))


def cutting(text: str, vocabulary: Vocabulary, length: int) -> Generator[None, None, Windows]:
    """`windows` in steps of about 10 ms."""
    if length < 1:
        raise Refused(f"A window has at least one token, not {length}. Choose a greater length.")
    learnt, held_out = parted(text, vocabulary.kind, length)
    yield
    ours = yield from reading(learnt, vocabulary)
    theirs = yield from reading(held_out, vocabulary)
    total = len(ours.ids) + len(theirs.ids)
    if min(len(ours.ids), len(theirs.ids)) < length:
        raise Refused(
            f"The text has {total:,} tokens; windows of {length} need {2 * length:,} or more, to learn from one and to "
            "judge by another. Choose a longer text or a shorter window."
        )
    points = yield from _cut(ours, length)
    judged = yield from _cut(theirs, length)
    return Windows(points, judged, (ours.known * len(ours.ids) + theirs.known * len(theirs.ids)) / total)


def parted(text: str, kind: str, length: int) -> tuple[str, str]:
    """The text to learn from and the held-out rest: the last 5 % of the lines that are not empty.

    Where these are not about 5 % of the text (one long line), it is cut at a blank instead; where they hold less than a
    window of `length` tokens, more is held out, up to a half.
    """
    lines = [0, *(found.end() for found in _LINE_START.finditer(text))]
    share = HELD_OUT
    while True:
        cut = lines[-max(1, round(share * len(lines)))]
        if not share / 2 <= 1 - cut / max(len(text), 1) <= 2 * share:
            cut = _near(text, kind, round((1 - share) * len(text)))
        # The head of what is held out is enough to see whether it holds a window.
        if share >= 0.5 or len(pieces(kind, text[cut : cut + 64 * length])) >= length:
            return text[:cut], text[cut:]
        share = min(2 * share, 0.5)


def _near(text: str, kind: str, place: int) -> int:
    """Where the text may be cut near `place`: characters anywhere, words after the next blank, else the last one."""
    if kind == CHAR:
        return place
    blank = _BLANK.search(text, place, len(text.rstrip()))
    return blank.end() if blank else 1 + max(text.rfind(" ", 0, place), text.rfind(NEWLINE, 0, place))


def reading(text: str, vocabulary: Vocabulary) -> Generator[None, None, Stream]:
    """The ids of a whole text and where its lines begin, in steps of about 10 ms."""
    # No piece is empty, so that this is enough; memory that is never written is never taken.
    ids = np.empty(len(text), dtype=np.int32)
    lines: list[Array] = [np.zeros(1, dtype=np.int64)]
    done = 0
    for chunk in chunks(text):
        parts = pieces(vocabulary.kind, chunk)
        ids[done : done + len(parts)] = vocabulary.ids(parts)
        lines.append(done + 1 + np.flatnonzero([part == NEWLINE for part in parts]))
        done += len(parts)
        yield
    starts = np.concatenate(lines)
    return Stream(frozen(ids[:done]), frozen(starts[starts < max(done, 1)]))


def _cut(stream: Stream, length: int) -> Generator[None, None, Array]:
    """The windows (n, L) of the stream."""
    lines, end = stream.lines.tolist(), len(stream.ids)
    begins = [0]
    while begins[-1] + length < end:
        last = begins[-1]
        at = bisect_left(lines, last + (length + 1) // 2)
        soon = lines[at] if at < len(lines) else end
        # The last window ends with the text, so that nothing is left over.
        begins.append(min(soon, last + length, end - length))
        if len(begins) % _BATCH == 0:
            yield
    cut = np.empty((len(begins), length), dtype=np.int32)
    for start in range(0, len(begins), _BATCH):
        cut[start : start + _BATCH] = stream.ids[np.array(begins[start : start + _BATCH])[:, None] + np.arange(length)]
        yield
    return frozen(cut)
