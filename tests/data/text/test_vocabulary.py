"""Vocabularies: what is in them, the way to bytes, and what is said of strangers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.errors import Refused
from dgm_studio.data.text.corpus import corpora
from dgm_studio.data.text.pieces import pieces
from dgm_studio.data.text.vocabulary import LETTERS, UNKNOWN, Vocabulary

TEXT = "And God said, Let there be light: and there was light.\nAnd God saw the light, that it was good.\n"


def test_the_most_frequent_come_first_and_ties_stand_in_order() -> None:
    counts = Counter(pieces("word", TEXT))
    words = Vocabulary.of("word", TEXT, 8)
    assert len(words) == 8
    assert [counts[token] for token in words.tokens] == sorted(counts.values(), reverse=True)[:8]
    assert list(words.tokens) == sorted(words.tokens, key=lambda token: (-counts[token], token))
    assert set(Vocabulary.of("char", TEXT).tokens) == set(TEXT)


def test_words_over_24_bytes_and_markers_are_left_out() -> None:
    fits, too_long = "é" * 12, "é" * 13
    words = Vocabulary.of("word", f"{too_long} {too_long} {fits} ___ ___ a")
    assert set(words.tokens) == {fits, "a"}
    assert words.to_bytes(2).all(axis=1).tolist() == [False, True], "one of the two fills all 24 bytes"


@given(st.text(max_size=80), st.sampled_from(["word", "char"]), st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_bytes_there_and_back(text: str, kind: str, spare: int) -> None:
    vocabulary = Vocabulary.of(kind, text + "a")
    rows = vocabulary.to_bytes(len(vocabulary) + spare)
    assert rows.shape == (len(vocabulary) + spare, LETTERS)
    assert rows.dtype == np.uint8
    assert not rows[len(vocabulary) :].any()
    assert Vocabulary.from_bytes(kind, rows) == vocabulary


def test_bytes_that_are_no_vocabulary_are_refused() -> None:
    words = Vocabulary("word", ("a", "b"))
    with pytest.raises(Refused, match="do not fit 1 rows"):
        words.to_bytes(1)
    rows = words.to_bytes(3)
    for bad in (np.full_like(rows, 0xFF), np.zeros_like(rows), rows[[0, 2, 1]], rows[[0, 0]]):
        with pytest.raises(Refused):
            Vocabulary.from_bytes("word", bad)
    with pytest.raises(Refused):
        Vocabulary.from_bytes("syllable", rows)


def test_encode_and_decode_are_inverse_on_the_corpora() -> None:
    for corpus in corpora().values():
        text = corpus.text()[:20_000]
        for kind in ("word", "char"):
            vocabulary = Vocabulary.of(kind, text, 10_000)
            ids = vocabulary.encode(text)
            assert ids.dtype == np.int32
            assert np.array_equal(vocabulary.encode(vocabulary.decode(ids)), ids)
        assert vocabulary.decode(ids) == text, "characters come back to the last blank"


def test_ids_of_no_token_are_written_as_markers() -> None:
    words = Vocabulary.of("word", TEXT)
    ids = words.encode("God saw light.")
    ids[1] = len(words)
    assert words.decode(ids) == "God ___ light."
    assert words.decode([*ids[:1], UNKNOWN]) == "God ___"


def test_glue_and_what_is_drawn() -> None:
    words = Vocabulary("word", ("\n", "And", ",", "(", ")", "'s", '"'))
    assert words.glue.tolist() == [True, False, True, False, True, False, False]
    assert words.shown == ("↵", "And", ",", "(", ")", "'s", '"')
    letters = Vocabulary("char", ("\n", " ", "a"))
    assert letters.glue.all()
    assert letters.shown == ("↵", "␣", "a")


def test_a_word_outside_is_refused_with_the_nearest() -> None:
    words = Vocabulary.of("word", corpora()["kjv"].text()[:500_000])
    with pytest.raises(Refused, match=r"'Mozes' is not among the 2,048 words .* Did you mean 'Moses'"):
        words.encode("And Mozes said unto the people")
    with pytest.raises(Refused, match=r"Did you mean 'Abraham'"):
        words.encode("And ABRAHAM went")
    with pytest.raises(Refused, match="Write another"):
        words.encode("And 日本 went")
    with pytest.raises(Refused, match="stands for a token to be filled"):
        words.encode("And ___ went")


def test_a_character_outside_is_refused_by_name() -> None:
    letters = Vocabulary.of("char", TEXT)
    with pytest.raises(Refused, match=r"'é' \(U\+00E9\) is not among the \d+ of this vocabulary\. Write 'e'"):
        letters.encode("bé")
    with pytest.raises(Refused, match="Write another"):
        letters.encode("日")


def test_an_empty_text_has_no_vocabulary() -> None:
    with pytest.raises(Refused, match="has no words"):
        Vocabulary.of("word", " \t ")
