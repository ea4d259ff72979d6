"""How good a text that a model wrote is, by counting: does it repeat itself, does it hold together, is it copied?

Each read-out has a grey reference: the same of held-out windows of the same length, cut to the same vocabulary. All are
counted in words, also for models of characters. (Mean entropy is the network's, so it is the sampler's to give.)
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dgm_studio.core.arrays import Array
from dgm_studio.data.text.concordance import Concordance, Passage
from dgm_studio.data.text.pieces import BLANK, WORD, pieces
from dgm_studio.data.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Quality:
    """Read-outs of one text; NaN where there is nothing to count.

    `distinct`: different words over words, without punctuation; it falls when a text repeats itself, and with length.
    `seen`: the share of adjacent pairs of pieces (words, punctuation, line breaks) that stand so in the corpus.
    `run`: pieces start .. start + run are the longest stretch that stands in the corpus, in the line `nearest`.
    """

    distinct: float
    seen: float
    run: int
    start: int
    nearest: Passage


@dataclass(frozen=True)
class Reference:
    """The means of the same read-outs over held-out windows."""

    distinct: float
    seen: float
    run: float


def quality(concordance: Concordance | None, parts: Sequence[str]) -> Quality:
    """The read-outs of pieces (see `written`); `___` is no word, and a pair with it is not counted. Where no corpus is
    known nothing is compared with one."""
    words = [part for part in parts if part[0].isalnum()]
    distinct = len(set(words)) / len(words) if words else math.nan
    if concordance is None:
        return Quality(distinct, math.nan, 0, 0, Passage("", "", ""))
    whole = np.array([part != BLANK for part in parts], dtype=bool)
    pairs = whole[1:] & whole[:-1]
    found = concordance.longest(parts)
    return Quality(
        distinct=distinct,
        seen=float(concordance.seen(parts)[pairs].mean()) if pairs.any() else math.nan,
        run=found.length,
        start=found.start,
        nearest=concordance.passage(found),
    )


def written(vocabulary: Vocabulary, ids: Array | Iterable[int]) -> list[str]:
    """Ids as words: at word level a piece for each id, `___` where masked; characters are joined and cut anew."""
    if vocabulary.kind == WORD:
        return [vocabulary.tokens[k] if 0 <= k < len(vocabulary) else BLANK for k in map(int, ids)]
    return pieces(WORD, vocabulary.decode(ids))


def reference(
    concordance: Concordance, vocabulary: Vocabulary, held_out: Array, count: int = 64
) -> Generator[None, None, Reference]:
    """The means over at most `count` windows spread evenly over `held_out` (m, L), one a step of about 5 ms."""
    chosen = np.unique(np.linspace(0, len(held_out) - 1, min(count, len(held_out))).round().astype(np.int64))
    rows = []
    for k in chosen:
        one = quality(concordance, written(vocabulary, held_out[k]))
        rows.append((one.distinct, one.seen, one.run))
        yield
    table = np.array(rows, dtype=np.float64).reshape(-1, 3)
    means = [float(column[np.isfinite(column)].mean()) if np.isfinite(column).any() else math.nan for column in table.T]
    return Reference(*means)
