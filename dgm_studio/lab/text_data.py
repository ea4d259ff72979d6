"""From a data spec to the windows of tokens that a family of text learns from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from dgm_studio.core.arrays import Array, frozen
from dgm_studio.core.dataspec import DataSpec, TextSet
from dgm_studio.core.errors import Refused
from dgm_studio.core.names import pick
from dgm_studio.data.text.corpus import SUFFIX, corpora, read_text
from dgm_studio.data.text.vocabulary import Vocabulary
from dgm_studio.data.text.windows import windows

CORPUS = "kjv"
"""What is learnt from unless another text is named."""


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
    text = text_of(spec)
    words = vocabulary or _tokens(text, design.tokens, int(design.vocabulary))
    data = _windows(text, words, int(design.length))
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
    if spec.text is not None:
        return spec.text.text
    if spec.points is not None:
        raise Refused(f"'{spec.title}' are points; this family learns from text. Choose a corpus or a {SUFFIX} file.")
    return pick(corpora(), spec.name, "text").text()


@lru_cache(maxsize=4)
def _tokens(text: str, kind: str, size: int) -> Vocabulary:
    return Vocabulary.of(kind, text, size)


@lru_cache(maxsize=4)
def _windows(text: str, vocabulary: Vocabulary, length: int) -> TextData:
    cut = windows(text, vocabulary, length)
    return TextData(cut.points, cut.held_out, frozen(np.zeros(len(cut.points), dtype=np.int64)), vocabulary)
