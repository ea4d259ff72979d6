"""What is looked up in a corpus: built once for each text, in slices."""

from __future__ import annotations

import math
from collections.abc import Generator

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.unmasking import TextQuality, TokenStep
from dgm_studio.data.text.concordance import Concordance, indexing
from dgm_studio.data.text.pieces import BLANK, WORD
from dgm_studio.data.text.quality import Quality, Reference, quality, reference, written
from dgm_studio.data.text.vocabulary import Vocabulary
from dgm_studio.data.text.windows import parted, reading
from dgm_studio.lab.text_data import reading_of

KEPT = 2
"""Texts whose concordances are kept."""


class CorpusDesk:
    """Concordances by text, and the read-outs of held-out windows by text, tokens and length."""

    def __init__(self) -> None:
        self._concordances: dict[int, Concordance] = {}
        self._references: dict[tuple[int, Vocabulary, int], Reference] = {}

    def concordance(self, data: DataSpec | None) -> Generator[None, None, Concordance | None]:
        """Of a model's text, in slices of some 20 ms where it is not yet made; None where no text is known."""
        if data is None:
            return None
        text = yield from reading_of(data)
        key = hash(text)
        if key not in self._concordances:
            # Without the held-out lines: they are what the read-outs are compared with.
            made = yield from indexing(parted(text, WORD, 1)[0])
            if len(self._concordances) >= KEPT:
                self._concordances.pop(next(iter(self._concordances)))
            self._concordances[key] = made
        return self._concordances[key]

    def reference(self, data: DataSpec | None, vocabulary: Vocabulary, length: int) -> Generator[None, None, Reference]:
        """The read-outs of held-out text in windows of `length` tokens; NaN where no text is known."""
        if data is None:
            return Reference(math.nan, math.nan, math.nan)
        text = yield from reading_of(data)
        key = (hash(text), vocabulary, length)
        if key not in self._references:
            concordance = yield from self.concordance(data)
            assert concordance is not None  # the text is known
            stream = yield from reading(parted(text, WORD, 1)[1], vocabulary)
            rows = len(stream.ids) // length
            held_out = stream.ids[: rows * length].reshape(rows, length)
            self._references[key] = yield from reference(concordance, vocabulary, held_out)
        return self._references[key]

    def judged(
        self, data: DataSpec | None, vocabulary: Vocabulary, steps: tuple[TokenStep, ...]
    ) -> Generator[None, None, tuple[TextQuality, ...]]:
        """Each step's tokens against the corpus."""
        found = []
        for step in steps:
            concordance = yield from self.concordance(data)
            held = yield from self.reference(data, vocabulary, len(step.ids))
            parts = written(vocabulary, step.ids)
            found.append(_told(step.step, parts, quality(concordance, parts), held))
            yield
        return tuple(found)


def _told(step: int, parts: list[str], own: Quality, held: Reference) -> TextQuality:
    near = own.nearest
    return TextQuality(
        step=step,
        distinct=own.distinct,
        pairs=own.seen,
        nearest=own.run,
        compared=sum(part != BLANK for part in parts),
        line=near.before + near.run + near.after,
        held_out_distinct=held.distinct,
        held_out_pairs=held.seen,
    )
