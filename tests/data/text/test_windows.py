"""Windows: every token is learnt from or held out, nothing is both, and rare words are holes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.errors import Refused
from dgm_studio.data.text.corpus import corpora
from dgm_studio.data.text.pieces import pieces
from dgm_studio.data.text.vocabulary import UNKNOWN, Vocabulary
from dgm_studio.data.text.windows import parted, windows


def numbered(lines: list[int]) -> str:
    """A text in which no word occurs twice, of so many words a line."""
    names = iter(range(10**6))
    return "\n".join(" ".join(f"w{next(names)}" for _ in range(words)) for words in lines)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60), st.integers(1, 16))
@settings(max_examples=150, deadline=None)
def test_every_token_is_in_a_window_and_none_on_both_sides(lines: list[int], length: int) -> None:
    text = numbered(lines)
    vocabulary = Vocabulary.of("word", text, 10**6)
    everything = pieces("word", text)
    learnt, held_out = parted(text, "word", length)
    assert learnt + held_out == text
    if min(len(pieces("word", learnt)), len(pieces("word", held_out))) < length:
        with pytest.raises(Refused, match="tokens"):
            windows(text, vocabulary, length)
        return
    cut = windows(text, vocabulary, length)
    assert cut.points.dtype == cut.held_out.dtype == np.int32
    assert cut.points.shape[1] == cut.held_out.shape[1] == length
    assert cut.known == 1
    newline = vocabulary.tokens.index("\n") if "\n" in vocabulary.tokens else UNKNOWN
    ours, theirs = set(cut.points.flatten().tolist()), set(cut.held_out.flatten().tolist())
    assert ours | theirs == set(range(len(vocabulary)))
    assert ours & theirs <= {newline}
    whole = vocabulary.ids(everything).tolist()
    place = {token: k for k, token in enumerate(whole) if token != newline}
    for side in (cut.points, cut.held_out):
        assert 2 * len(side) * ((length + 1) // 2) <= 2 * len(whole) + 2 * length, "not many times the text"
        for window in side.tolist():
            start = next((place[token] - k for k, token in enumerate(window) if token != newline), None)
            if start is not None:
                assert whole[start : start + length] == window, "a window is a stretch of the text"


def test_windows_begin_where_lines_begin() -> None:
    text = "\n".join(["a b c d e f g h i j k"] * 200)
    vocabulary = Vocabulary.of("word", text)
    cut = windows(text, vocabulary, 16)
    first = vocabulary.encode("a")[0]
    assert (cut.points[:-1, 0] == first).all()
    assert len(cut.points) == 190, "one a line; the last ends with the text"
    assert len(cut.held_out) == 10


def test_about_five_per_cent_of_lines_are_held_out_and_they_are_the_last() -> None:
    text = corpora()["kjv"].text()
    learnt, held_out = parted(text, "word", 64)
    assert held_out.count("\n") == round(0.05 * 31_102)
    assert held_out.endswith("The grace of our Lord Jesus Christ be with you all. Amen.\n")
    assert learnt.endswith("\n")


@pytest.mark.parametrize("lines", [[4000], [3990, 10], [10, 3990], [10] * 99 + [3000]])
def test_uneven_lines_hold_out_about_five_per_cent_all_the_same(lines: list[int]) -> None:
    text = numbered(lines)
    held_out = parted(text, "word", 32)[1]
    assert 0.02 < len(held_out) / len(text) < 0.11


def test_a_short_text_holds_out_what_a_window_needs() -> None:
    text = numbered([5] * 20)
    held_out = parted(text, "word", 32)[1]
    assert 32 <= len(pieces("word", held_out)) <= 64
    with pytest.raises(Refused, match="119 tokens; windows of 64 need 128"):
        windows(text, Vocabulary.of("word", text), 64)
    with pytest.raises(Refused, match="at least one token"):
        windows(text, Vocabulary.of("word", text), 0)
    with pytest.raises(Refused, match="0 tokens"):
        windows("", Vocabulary.of("word", text), 4)


def test_rare_words_are_holes_that_keep_their_place() -> None:
    text = "the cat sat\nthe zyx sat\n" * 50
    vocabulary = Vocabulary("word", ("the", "sat", "\n", "cat"))
    cut = windows(text, vocabulary, 8)
    assert set(cut.points.flatten().tolist()) == {UNKNOWN, 0, 1, 2, 3}
    assert vocabulary.decode(cut.points[0]) == "the cat sat\nthe ___ sat\n"
    assert cut.known == pytest.approx(7 / 8, abs=1e-12)


def test_most_of_the_bible_is_known_to_2048_words() -> None:
    text = corpora()["kjv"].text()
    cut = windows(text, Vocabulary.of("word", text), 64)
    assert 0.94 < cut.known < 0.95
    assert len(cut.points) * 64 < 2 * len(pieces("word", text))
