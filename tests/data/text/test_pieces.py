"""Cutting text and writing it back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.errors import Refused
from dgm_studio.data.text.pieces import chunks, glued, joined, pieces, spans

LIKE_TEXT = st.text(alphabet="ab sS5é \n.,;:!?-–—'\"()[]_/$%&’“”…日。", max_size=60)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("And God said, Let", ["And", "God", "said", ",", "Let"]),
        ("the LORD's house", ["the", "LORD's", "house"]),
        ("Beth-el (that is)", ["Beth-el", "(", "that", "is", ")"]),
        ("it was--so.\n\n \nThen", ["it", "was", "--", "so", ".", "\n", "Then"]),
        ("a ___ of ______", ["a", "___", "of", "___", "___"]),
        ("20,000 men, 3.5", ["20,000", "men", ",", "3.5"]),
    ],
)
def test_words(text: str, cut: list[str]) -> None:
    assert pieces("word", text) == cut


def test_characters_keep_every_blank_and_the_marker_is_one() -> None:
    assert pieces("char", "a  b\n") == ["a", " ", " ", "b", "\n"]
    assert pieces("char", "a___b_") == ["a", "___", "b", "_"]


def test_another_kind_is_refused() -> None:
    with pytest.raises(Refused, match="Choose word or char"):
        pieces("syllable", "a")


@pytest.mark.parametrize(
    "text",
    [
        "And God said, Let there be light: and there was light.",
        "the man (whose name was Joseph) spake.\nAnd he went.",
        '"You want to tell me," said he; "so do."\n"Yes--if you _ will!"',
        "their fathers' house is Felix' house",
        "she said 'tis true",
        "“Well,” he wrote, “[sic] £20,000 or 5%…”",
        "And Moses said ___ the people, ___",
    ],
)
def test_text_is_written_as_a_person_would(text: str) -> None:
    assert joined("word", pieces("word", text)) == text


@given(LIKE_TEXT)
@settings(max_examples=300, deadline=None)
def test_joined_is_the_inverse_up_to_white_space(text: str) -> None:
    cut = pieces("word", text)
    back = joined("word", cut)
    assert "".join(back.split()) == "".join(text.split())
    assert pieces("word", back) == cut
    assert joined("char", pieces("char", text)) == text


@given(LIKE_TEXT)
@settings(max_examples=50, deadline=None)
def test_no_blank_stands_before_what_is_glued(text: str) -> None:
    cut = [piece for piece in pieces("word", text) if piece not in ("'", ".", "...", "--", "---") and piece[0] != "-"]
    for piece in cut:
        if glued("word", piece):
            assert joined("word", ["x", piece]) == f"x{piece}"


@given(st.lists(LIKE_TEXT, max_size=5), st.integers(1, 3))
@settings(max_examples=10, deadline=None)
def test_chunks_are_the_text_and_cut_as_the_whole(parts: list[str], times: int) -> None:
    text = "a line of words, \n\n 'and' -- so on... ".join(parts) * times * 900
    assert "".join(chunks(text)) == text
    assert [piece for chunk in chunks(text) for piece in pieces("word", chunk)] == pieces("word", text)


def test_a_text_without_a_blank_is_cut_all_the_same() -> None:
    text = "x" * 300_000
    assert "".join(chunks(text)) == text
    assert max(map(len, chunks(text))) <= 1 << 17


@given(LIKE_TEXT)
@settings(max_examples=50, deadline=None)
def test_spans_are_where_the_pieces_stand(text: str) -> None:
    line = " ".join(text.split())
    assert [line[start:end] for start, end in spans(line)] == pieces("word", line)
