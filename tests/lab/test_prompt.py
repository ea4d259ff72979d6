"""Prompts with gaps: what is locked, what is to be written, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from dgm_studio.core.errors import Refused
from dgm_studio.data.text.vocabulary import Vocabulary
from dgm_studio.lab.prompt import start_given, start_of

WORDS = Vocabulary("word", ("the", ",", "people", "Moses", "said", "And", "\n"))
LETTERS = Vocabulary("char", tuple("abc ,_"))
HOLE = 7


def read(prompt: str, length: int = 0, words: Vocabulary = WORDS, longest: int = 12) -> list[int]:
    ids, locked = start_of(prompt, words, length, longest, HOLE)
    assert ((ids != HOLE) == locked).all()
    return ids.tolist()


def test_gaps_are_written_and_words_stay() -> None:
    assert read("And Moses said ___ the people", 8) == [5, 3, 4, HOLE, 0, 2, HOLE, HOLE]
    assert read("And ___*3, the", 6) == [5, HOLE, HOLE, HOLE, 1, 0]
    assert read("And ___ × 3, the", 6) == read("And ___ ___ ___, the", 6)
    assert read("", 3) == [HOLE] * 3
    assert len(read("")) == 12, "the model's own length"
    assert read("___*0 the", 2) == [0, HOLE]


def test_characters_count_blanks() -> None:
    assert read("a b", 4, LETTERS) == [0, 3, 1, HOLE]
    assert read("a___*2b", 4, LETTERS) == [0, HOLE, HOLE, 1]
    assert read("a ___", 4, LETTERS) == [0, 3, HOLE, HOLE]


@pytest.mark.parametrize(
    ("prompt", "length", "says"),
    [
        ("And Mose said", 0, "'Mose' is not among the 7 words of this vocabulary. Did you mean 'Moses'?"),
        ("the " * 13, 0, "The prompt has 13 tokens; there is room for 12. Shorten the prompt."),
        ("the the the", 2, "there is room for 2. Shorten the prompt, or give more length, up to 12."),
        ("___*999999", 0, "The prompt has 999999 tokens"),
        ("the", 13, "The length is 13 tokens; this model reads 1 to 12."),
        ("the", -1, "The length is -1 tokens"),
    ],
)
def test_refusals(prompt: str, length: int, says: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(prompt, length)
    assert says in str(refusal.value)


def test_a_start_of_ids() -> None:
    ids, locked = start_given(np.array([1, HOLE, 3]), WORDS, 12, HOLE)
    assert ids.tolist() == [1, HOLE, 3]
    assert locked.tolist() == [True, False, True]
    for start, says in (
        (np.array([1, 9]), "The start holds the id 9; tokens are 0 to 6, gaps are 7."),
        (np.array([[1]]), r"shape \(1, 1\)"),
        (np.array([0.5]), "whole numbers"),
        (np.arange(13), "L from 1 to 12"),
    ):
        with pytest.raises(Refused, match=says):
            start_given(start, WORDS, 12, HOLE)
