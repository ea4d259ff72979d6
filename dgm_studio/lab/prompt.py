"""From a prompt with gaps to tokens: which positions are locked, and which are to be written."""

from __future__ import annotations

import re

import numpy as np
import torch
from torch import Tensor

from dgm_studio.core.arrays import Array
from dgm_studio.core.errors import Refused
from dgm_studio.data.text.pieces import BLANK, CHAR
from dgm_studio.data.text.vocabulary import Vocabulary

EMPTY = 32
"""Tokens of a text of which nothing is given, where the model has no length of its own."""

_MANY = re.compile(r"_{3}\s*[*×]\s*(\d{1,6})")


def start_of(prompt: str, vocabulary: Vocabulary, length: int, longest: int, hole: int) -> tuple[Tensor, Tensor]:
    """Ids (L,) int64 with `hole` where nothing is given, and which are locked (L,) bool.

    `___` is one token to be written, `___*18` or `___ × 18` several; what the prompt leaves of `length` (0: `longest`)
    is written after it. Refused where it is longer, or has a word outside the vocabulary (with the nearest).
    """
    if not 0 <= length <= longest:
        raise Refused(f"The length is {length} tokens; this model reads 1 to {longest}. Choose a length in between.")
    length = length or longest
    ids = _ids(prompt, vocabulary, length, longest)
    locked = ids >= 0
    out = torch.full((length,), hole, dtype=torch.int64)
    held = torch.zeros(length, dtype=torch.bool)
    out[: len(ids)][locked], held[: len(ids)] = ids[locked], locked
    return out, held


def written_length(prompt: str, vocabulary: Vocabulary) -> int:
    """How many tokens a prompt is written with, its gaps included; EMPTY for one that says nothing."""
    runs = [int(found) for found in _MANY.findall(prompt)]
    return sum(runs) - len(runs) + len(vocabulary.gapped(_MANY.sub(BLANK, prompt).strip())) or EMPTY


def start_given(start: Array, vocabulary: Vocabulary, longest: int, hole: int) -> tuple[Tensor, Tensor]:
    """The same of ids (L,) in which `hole` says where nothing is given."""
    ids = torch.tensor(np.array(start))
    if ids.ndim != 1 or ids.is_floating_point() or not 1 <= len(ids) <= longest:
        raise Refused(
            f"The start has shape {tuple(ids.shape)} of {start.dtype}; whole numbers of shape (L,) with L from 1 to "
            f"{longest} are needed."
        )
    locked = ids != hole
    wrong = ids[locked & ((ids < 0) | (ids >= len(vocabulary)))]
    if len(wrong):
        raise Refused(
            f"The start holds the id {int(wrong[0])}; tokens are 0 to {len(vocabulary) - 1}, gaps are {hole}."
        )
    return ids.long(), locked


def _ids(prompt: str, vocabulary: Vocabulary, length: int, longest: int) -> Tensor:
    """Ids of the prompt's pieces, -1 for gaps."""
    gap = BLANK if vocabulary.kind == CHAR else f" {BLANK} "
    many = sum(int(found) for found in _MANY.findall(prompt))
    if many > length:
        raise _no_room(many, length, longest)
    text = _MANY.sub(lambda found: gap * int(found[1]), prompt)
    numbers = torch.tensor(np.array(vocabulary.gapped(text.strip() if vocabulary.kind != CHAR else text)))
    if len(numbers) > length:
        raise _no_room(len(numbers), length, longest)
    return numbers.long()


def _no_room(count: int, length: int, longest: int) -> Refused:
    more = "" if length == longest else f", or give more length, up to {longest}"
    return Refused(f"The prompt has {count} tokens; there is room for {length}. Shorten the prompt{more}.")
