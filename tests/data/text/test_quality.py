"""Read-outs by counting, against brute force and difflib."""

from __future__ import annotations

import math
import time
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dgm_studio.core.slow import finish
from dgm_studio.data.text.concordance import Concordance
from dgm_studio.data.text.corpus import corpora
from dgm_studio.data.text.pieces import pieces
from dgm_studio.data.text.quality import quality, reference, written
from dgm_studio.data.text.vocabulary import Vocabulary
from dgm_studio.data.text.windows import parted, windows

FEW = st.text(alphabet="abc ,\n", min_size=1, max_size=60).map(lambda text: " ".join(text))


@given(FEW, FEW)
@settings(max_examples=300, deadline=None)
def test_pairs_and_runs_against_brute_force(text: str, asked: str) -> None:
    concordance = Concordance.of(text)
    there, parts = pieces("word", text.strip()), [*pieces("word", asked), "never"]
    pairs = set(pairwise(there))
    assert concordance.seen(parts).tolist() == [pair in pairs for pair in pairwise(parts)]
    found = concordance.longest(parts)
    oracle = SequenceMatcher(None, parts, there, autojunk=False).find_longest_match()
    assert (found.length, found.start if found.length else 0) == (oracle.size, oracle.a)
    assert there[found.place : found.place + found.length] == parts[found.start : found.stop]
    passage = concordance.passage(found)
    if found.length:
        line = passage.before + passage.run + passage.after
        assert line in text.strip().split("\n")
        run = [piece for piece in parts[found.start : found.stop] if piece != "\n"]
        assert "\n" in parts[found.start : found.stop] or pieces("word", passage.run) == run


def test_a_verse_is_found_in_its_line() -> None:
    learnt = parted(corpora()["kjv"].text(), "word", 64)[0]
    concordance = Concordance.of(learnt)
    copied = pieces("word", "He saith, Let there be light: and there was light. Selah")
    one = quality(concordance, copied)
    assert one.nearest.before == "And God said"
    assert one.nearest.run == ", Let there be light: and there was light."
    assert copied[one.start : one.start + one.run] == pieces("word", one.nearest.run)
    words = [word for word in copied if word[0].isalnum()]
    assert one.distinct == len(set(words)) / len(words)


def test_read_outs_tell_text_from_noise_and_from_a_copy() -> None:
    text = corpora()["kjv"].text()
    vocabulary = Vocabulary.of("word", text)
    cut = windows(text, vocabulary, 64)
    concordance = Concordance.of(parted(text, "word", 64)[0])
    grey = finish(reference(concordance, vocabulary, cut.held_out))
    copy = finish(reference(concordance, vocabulary, cut.points))
    rng = np.random.default_rng(0)
    noise = finish(reference(concordance, vocabulary, rng.permuted(cut.held_out, axis=1)))
    dull = quality(concordance, ["and", "the", "LORD"] * 21)
    assert copy.seen == 1, "what was learnt from is there, pair by pair"
    assert noise.seen < 0.7 < grey.seen < 0.95
    assert noise.run < grey.run < 8 < 20 < copy.run
    assert dull.distinct == pytest.approx(3 / 63)
    assert 0.6 < grey.distinct < 0.85
    began = time.process_time()
    for window in cut.held_out[:50]:
        quality(concordance, written(vocabulary, window))
    assert (time.process_time() - began) / 50 < 0.02


def test_characters_are_judged_in_words_and_masks_are_passed_over() -> None:
    concordance = Concordance.of("and it was so.\nand it was good.")
    letters = Vocabulary.of("char", "and it was so.")
    parts = written(letters, letters.encode("and it was"))
    assert parts == ["and", "it", "was"]
    words = Vocabulary("word", ("and", "it", "was"))
    parts = written(words, [0, 3, 1, 2, -1])
    assert parts == ["and", "___", "it", "was", "___"]
    one = quality(concordance, parts)
    assert (one.distinct, one.seen, one.run, one.start) == (1, 1, 2, 2)


def test_nothing_to_count_is_nan() -> None:
    concordance = Concordance.of("a b")
    for parts in ([], ["___", "___"]):
        one = quality(concordance, parts)
        assert math.isnan(one.distinct)
        assert math.isnan(one.seen)
        assert (one.run, one.nearest.run) == (0, "")
    none = finish(reference(concordance, Vocabulary("word", ("a",)), np.zeros((0, 4), dtype=np.int32)))
    assert math.isnan(none.seen)


def test_more_words_than_16_bits_number() -> None:
    text = " ".join(f"w{k}" for k in range(70_000)) + " the end the end"
    concordance = Concordance.of(text)
    assert concordance.longest(["the", "end"]).length == 2
    assert concordance.seen(["w69999", "the"]).tolist() == [False], "the rarest are known to nobody"
    assert concordance.longest(["w0", "w1", "w2", "w3", "w4"]).length == 5
