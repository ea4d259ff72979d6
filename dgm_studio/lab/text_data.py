"""From a data spec to the windows of tokens that a family of text learns from."""

from __future__ import annotations

from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.dataspec import DataSpec, TextSet
from dgm_studio.core.errors import Refused
from dgm_studio.core.names import pick
from dgm_studio.core.slow import finish
from dgm_studio.data.pictures import are_pictures
from dgm_studio.data.text.corpus import SUFFIX, corpora, read_text
from dgm_studio.data.text.vocabulary import Vocabulary, counting
from dgm_studio.data.text.windows import cutting

CORPUS = "kjv"
"""What is learnt from unless another text is named."""

KEPT = 4
"""Vocabularies, and cut texts, that are kept."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, eq=False)
class TextData:
    """Windows (n, L) int32 to learn from, `held_out` (m, L) to judge by, and the tokens their ids stand for."""

    points: Array
    held_out: Array
    labels: Array
    vocabulary: Vocabulary


def resolve_text(spec: DataSpec, design: Any, vocabulary: Vocabulary | None = None) -> TextData:
    """The windows of the text `spec` names as `design` cuts it, in a model's `vocabulary` or in the text's own.

    Refused where it is no text, too short, or has hardly a token of the vocabulary.
    """
    return finish(resolving(spec, design, vocabulary))


def resolving(spec: DataSpec, design: Any, vocabulary: Vocabulary | None = None) -> Generator[None, None, TextData]:
    """`resolve_text` in steps of about 10 ms; what it made is kept."""
    text = yield from reading_of(spec)
    words = vocabulary or (yield from _tokens(text, design.tokens, int(design.vocabulary)))
    data = yield from _windows(text, words, int(design.length))
    if not (data.points >= 0).any():
        raise Refused(f"'{spec.title}' has no token of this model's vocabulary. Choose another text, or a new model.")
    return data


def text_spec(name: str) -> DataSpec:
    """A command line's text: a shipped corpus by its id, or a .txt file, carried by content."""
    line = name.strip() or CORPUS
    if line in corpora():
        return DataSpec(name=line)
    if line.lower().endswith(SUFFIX) or "/" in line or "\\" in line:
        title = line.replace("\\", "/").rpartition("/")[2]
        return DataSpec(name=title, text=TextSet(read_text(line), title, line))
    return DataSpec(name=pick(corpora(), line, "text").card.id)


def text_of(spec: DataSpec) -> str:
    """The text itself; Refused where the spec is of points."""
    return finish(reading_of(spec))


def reading_of(spec: DataSpec) -> Generator[None, None, str]:
    """`text_of` in steps of about 10 ms."""
    if spec.text is not None:
        return spec.text.text
    if spec.points is not None or are_pictures(spec):
        what = "points" if spec.points is not None else "pictures"
        raise Refused(f"'{spec.title}' are {what}; this family learns from text. Choose a corpus or a {SUFFIX} file.")
    return (yield from pick(corpora(), spec.name, "text").unpacking())


_vocabularies: dict[tuple[str, str, int], Vocabulary] = {}
_cuts: dict[tuple[str, Vocabulary, int], TextData] = {}


def _tokens(text: str, kind: str, size: int) -> Generator[None, None, Vocabulary]:
    key = (text, kind, size)
    if key not in _vocabularies:
        _keep(_vocabularies, key, (yield from counting(kind, text, size)))
    return _vocabularies[key]


def _windows(text: str, vocabulary: Vocabulary, length: int) -> Generator[None, None, TextData]:
    key = (text, vocabulary, length)
    if key not in _cuts:
        cut = yield from cutting(text, vocabulary, length)
        labels = frozen(np.zeros(len(cut.points), dtype=np.int64))
        _keep(_cuts, key, TextData(cut.points, cut.held_out, labels, vocabulary))
    return _cuts[key]


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    """Keep one more, and let the oldest go."""
    if len(kept) >= KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = value
