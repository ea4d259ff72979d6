"""Captions of glyphs and words of captions: what is written is read back, completed, refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.caption import CHARACTERS, SLANTS, STYLES, TURNS, WEIGHTS, WORDS, Glyph, following, read, words
from dgm_studio.core.errors import Refused
from dgm_studio.core.wording import LENGTH, NONE, Wording

GLYPHS = st.builds(
    Glyph,
    st.sampled_from(CHARACTERS), st.sampled_from(STYLES), st.sampled_from(WEIGHTS), st.sampled_from(SLANTS),
    st.sampled_from(TURNS),
)  # fmt: skip


@given(GLYPHS, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_a_caption_is_read_back_from_its_words_in_any_order_and_from_its_ids(glyph: Glyph, draw: object) -> None:
    assert read(glyph.text) == glyph
    shuffled = list(words(glyph.text))
    draw.shuffle(shuffled)  # type: ignore[attr-defined]
    assert read(" ".join(shuffled)) == glyph
    grammar = Wording(WORDS)
    ids = grammar.ids(glyph.text)
    assert len(ids) == LENGTH
    assert NONE not in ids[: len(shuffled)]
    assert set(ids[len(shuffled) :]) <= {NONE}
    assert grammar.text(ids) == glyph.text


@given(GLYPHS)
@settings(max_examples=30, deadline=None)
def test_each_word_of_a_caption_is_offered_after_those_before_it(glyph: Glyph) -> None:
    said = words(glyph.text)
    for at, word in enumerate(said):
        before = "".join(f"{one} " for one in said[:at])
        assert word in following(before)
        assert word in following(before + word[:1])


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("g", "sans letter g"),
        ("capital g", "sans capital letter G"),
        ("Bold Serif letter g, ROTATED", "bold serif letter g, rotated"),
        ("7 mono italic", "italic mono digit 7"),
        ("regular upright sans digit 3 straight", "sans digit 3"),
    ],
)
def test_what_is_not_said_is_completed(text: str, whole: str) -> None:
    assert read(text).text == whole


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("blod serif g", "'blod' is no word of the captions. Did you mean bold? Known are light, regular"),
        ("bold serif", "names no character"),
        ("bold light g", "'bold' and 'light' exclude each other"),
        ("bold bold g", "'bold' is said twice"),
        ("a g", "'a' and 'g' exclude each other"),
        ("letter 7", "write 'digit 7'"),
        ("digit g", "write 'letter g'"),
    ],
)
def test_what_is_wrong_is_refused_with_what_is_known(text: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text)
    assert says in str(refused.value)


def test_what_stands_next_by_hand() -> None:
    assert following("bold se") == ("serif",)
    assert following("serif capital ")[:2] == ("letter", "A")
    assert following("serif digit ") == tuple("0123456789")
    assert following("bold serif letter g") == ("g",)
    assert following("bold serif letter g ") == ("italic", "rotated")
    assert following("blod ") == ()


def test_words_of_classes_are_any_of_them() -> None:
    own = Wording.of(("Ankle boot", "Sandal", "T-shirt/top"))
    assert not own.glyphs
    assert own.words == ("Ankle", "Sandal", "T-shirt/top", "boot")
    assert own.read("sandal ankle") == "Sandal Ankle"
    assert own.text(own.ids("ankle boot")) == "Ankle boot"
    assert own.following("ankle b") == ("boot",)
    assert own.read(" ") == ""
    with pytest.raises(Refused, match="'shoe' is no word that the model was told"):
        own.read("shoe")
    with pytest.raises(Refused, match="9 words"):
        own.ids("boot " * 9)
    assert Wording.of(["sans letter g", "serif digit 3"]).words == WORDS
    assert Wording.of(["g", "h"]).words == ("g", "h")  # characters alone are no grammar
