"""What a shipped corpus costs comes in slices under 50 ms: unpacking, cutting, and looking up what a film wrote."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from dgm_studio.core.dataspec import DataSpec
from dgm_studio.core.recipe import Recipe
from dgm_studio.core.starting import starting_recipe
from dgm_studio.data.text import corpus as corpus_module
from dgm_studio.data.text.vocabulary import Vocabulary
from dgm_studio.families import all_families
from dgm_studio.families.text import text_families
from dgm_studio.lab import text_data
from dgm_studio.lab.corpus_desk import CorpusDesk
from dgm_studio.lab.learnt_data import preparing
from dgm_studio.lab.run import Run

KJV = DataSpec("kjv")


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """Nothing is known of any corpus; the families are, as in a studio that is awake."""
    all_families()
    corpus_module._shipped.clear()
    text_data._vocabularies.clear()
    text_data._cuts.clear()


def seconds(slow: Iterator[Any]) -> list[float]:
    """The processor's seconds of each slice."""
    taken = []
    while True:
        start = time.process_time()
        ended = next(slow, "end") == "end"
        taken.append(time.process_time() - start)
        if ended:
            return taken


def recipe() -> Recipe:
    return starting_recipe(text_families()["masked-text"].entry(), "", KJV, 0)


def test_a_run_is_prepared_in_slices_and_then_built_from_what_was_kept() -> None:
    taken = seconds(preparing(recipe()))
    assert len(taken) > 50
    assert max(taken) < 0.05
    kept = next(iter(text_data._cuts.values()))
    assert Run(recipe(), "cpu").data is kept
    assert len(seconds(preparing(recipe()))) == 1, "all is known"


def test_what_is_looked_up_is_indexed_in_slices_from_the_first_on() -> None:
    words = Vocabulary("word", ("the", "LORD", "and", "unto", "."))
    taken = seconds(CorpusDesk().reference(KJV, words, 16))
    assert len(taken) > 50
    assert max(taken) < 0.05


def test_few_texts_are_kept() -> None:
    texts = ["\n".join(f"{word} one two three" for _ in range(40)) for word in "abcdef"]
    for text in texts:
        text_data._keep(text_data._vocabularies, (text, "word", 9), Vocabulary.of("word", text, 9))
    assert [key[0] for key in text_data._vocabularies] == texts[-text_data.KEPT :]
